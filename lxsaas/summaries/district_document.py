"""A district's annual summary as a Word document: published figures, two pictures, townships and schools."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any

from babel.dates import format_date

from lxsaas.core.messages import N_
from lxsaas.documents.expanding import fill_fields
from lxsaas.documents.fields import Column, Fields, TemplateField
from lxsaas.documents.paper import Paper, field
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.schools.years import year_name
from lxsaas.summaries.charts import bars, course
from lxsaas.summaries.district_figures import BESIDE, COURSE, DistrictYear, Sum, Unit
from lxsaas.summaries.document import COUNTED
from lxsaas.summaries.wording import COMMA, DEFINED, MISSING, NOTHING_DUE, PLACEHOLDER, RATE, missing_in

Translate = Callable[[str], str]
TITLE = N_("The district's annual summary of the care for left-behind children, school year %(year)s")
SECTIONS: Mapping[str, tuple[str, str]] = {
    "situation": ("基本情况", N_("Situation")),
    "care": ("关爱任务完成情况", N_("Care and its duties")),
    "arrangements": ("组织和活动", N_("Organisation and activities")),
    "results": ("工作成效", N_("Results")),
}
COURSE_HEADING = N_("Course of the year by month")
UNITS_HEADING = N_("Talks by township")
TOWNSHIPS, SCHOOLS = N_("Townships beside each other"), N_("Schools beside each other")
APPENDIX = N_("Appendix: figures and their definitions")
LEGEND = N_("Lines: %(names)s. Below stand the months.")
BARS = N_("The numbers at the bars are those of the townships in the table below.")
HIDDEN = N_(
    "A range such as 12–14 stands where figures of fewer than three children are not shown to the district."
)
NOT_SHOWN = N_("not shown")
LEFT_OUT = N_("%(figure)s, without %(count)s months or terms that are not shown")
SCHOOLS_COUNTED = N_("Number of reporting schools")
_BESIDE = tuple(Column(code, INDICATORS[code].name, 2.4) for code in BESIDE)
FIELDS = Fields(
    TemplateField("title", "标题", N_("The summary's title with the school year.")),
    TemplateField("district", "区县", N_("Name of the district.")),
    TemplateField("counted_on", "统计日", N_("The day to which the figures go.")),
    *(TemplateField(code, word, heading, "lines") for code, (word, heading) in SECTIONS.items()),
    TemplateField("course", "月度走势图", COURSE_HEADING, "picture"),
    TemplateField("legend", "走势图说明", N_("What the lines of the picture are.")),
    TemplateField("bars", "乡镇对比图", UNITS_HEADING, "picture"),
    TemplateField("bars_legend", "对比图说明", N_("What the bars of the picture are.")),
    TemplateField("hidden", "隐去说明", N_("Why a range stands in the place of some figures.")),
    TemplateField(
        "townships", "乡镇表", TOWNSHIPS, "table",
        columns=(Column("number", N_("No."), 1.3), Column("name", N_("Township"), 3), *_BESIDE),
    ),
    TemplateField(
        "schools", "学校表", SCHOOLS, "table",
        columns=(Column("name", N_("School"), 4), *_BESIDE),
    ),
    TemplateField(
        "appendix", "数字附表", N_("Every figure with its definition and period, as a table."), "table",
        is_required=True,
        columns=(
            Column("name", N_("Figure"), 3.6), Column("value", N_("Value"), 4.2),
            Column("period", N_("Period"), 3.2), Column("meaning", N_("Definition of the figure"), 5.6),
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class ShownDistrict:
    """A district's year as it reads."""

    name: str
    year: DistrictYear
    is_chinese: bool
    translate: Translate
    district_id: int

    @property
    def title(self) -> str:
        return self.translate(TITLE) % {"year": year_name(self.year.span.year)}

    @cached_property
    def sections(self) -> Mapping[str, list[str]]:
        language = "zh" if self.is_chinese else "en"
        text = (files("lxsaas.summaries") / "starting" / f"district.{language}.txt").read_text("utf-8")
        found = {}
        for block in text.split("== ")[1:]:
            code, _, body = block.partition("\n")
            filled = PLACEHOLDER.sub(lambda one: self._told(one[1]), body)
            found[code.strip()] = [line.strip() for line in filled.splitlines() if line.strip()]
        return found

    @property
    def missing(self) -> list[str]:
        return missing_in([line for lines in self.sections.values() for line in lines])

    def _told(self, code: str) -> str:
        if code == "schools":
            known = self.year.reporting
            return self._missing(SCHOOLS_COUNTED) if known is None else str(known)
        return self.value(("district", self.district_id), code) or self._missing(INDICATORS[code].name)

    def _missing(self, what: str) -> str:
        return self.translate(MISSING) % {"what": self.translate(what)}

    def value(self, unit: Unit, code: str, *, in_table: bool = False) -> str | None:
        """A figure of a unit in words, as a range where part of it is hidden; None where there is none."""
        one = self.year.sums.get(unit, {}).get(code)
        if one is None:
            return None
        if one.left_out and not one.most and not one.due:
            return self.translate(NOT_SHOWN)
        said = self._said(one, code, in_table=in_table)
        if not one.left_out:
            return said
        return self.translate(LEFT_OUT) % {"figure": said, "count": one.left_out}

    def _said(self, one: Sum, code: str, *, in_table: bool) -> str:
        counted = str(one.least) if one.least == one.most else f"{one.least}–{one.most}"
        if not INDICATORS[code].is_rate:
            return counted
        if not one.due:
            return self.translate(NOTHING_DUE)
        if in_table:
            return f"{_range(one)}\n{counted}/{one.due}"
        return self.translate(RATE) % {"rate": _range(one), "done": counted, "due": one.due}

    def units(self, level: str, places: Sequence[tuple[int, str]]) -> list[dict[str, Any]]:
        return [
            {
                "number": number,
                "name": name,
                **{code: self.value((level, unit), code, in_table=True) or "–" for code in BESIDE},
            }
            for number, (unit, name) in enumerate(places, 1)
        ]

    @property
    def appendix(self) -> list[dict[str, str]]:
        """Every figure of the district with its definition and the days for which it stands."""
        rows = []
        for code, one in INDICATORS.items():
            definition = {"meaning": self.translate(one.meaning), "version": one.version}
            rows.append({
                "name": self.translate(one.name), "value": self._told(code), "period": self._period(code),
                "meaning": self.translate(DEFINED) % definition,
            })  # fmt: skip
        rows.append({
            "name": self.translate(SCHOOLS_COUNTED), "value": self._told("schools"),
            "period": self._period("care_targets"), "meaning": self.translate(SCHOOLS_COUNTED),
        })  # fmt: skip
        return rows

    def _period(self, code: str) -> str:
        span, period = self.year.span, INDICATORS[code].period
        if period == "day":
            return span.last.isoformat()
        first = span.first
        if period == "month" and span.months:
            first = span.months[0]
        if period == "term" and span.own_terms:
            first = span.own_terms[0].starts_on
        return f"{first}\n{span.last}"

    def pictures(self) -> Mapping[str, bytes]:
        labels = [str(first.month) for first in self.year.span.months]
        lines = [[rate for _, rate in self.year.months[code]] for code in COURSE]
        beside = [_middle(self.year.sums.get(("township", unit), {}).get("talk_monthly"))
                  for unit, _ in self.year.townships]  # fmt: skip
        return {"course": course(labels, lines), "bars": bars(beside)}

    def word(self) -> bytes:
        """The document; the same figures give the same bytes."""
        names = [f"{place} {self.translate(INDICATORS[code].name)}" for place, code in enumerate(COURSE, 1)]
        schools = [(unit, name) for unit, name, _ in self.year.schools]
        values = {
            "title": self.title, "district": self.name, "hidden": self.translate(HIDDEN),
            "counted_on": format_date(
                self.year.span.last, "long", locale="zh_Hans_CN" if self.is_chinese else "en"
            ),
            "legend": self.translate(LEGEND) % {"names": self.translate(COMMA).join(names)},
            "bars_legend": self.translate(BARS), "appendix": self.appendix,
            "townships": self.units("township", self.year.townships),
            "schools": self.units("school", schools),
            **self.sections,
        }  # fmt: skip
        return fill_fields(
            district_template(self.translate), FIELDS, values, title=self.title, pictures=self.pictures(),
            translate=self.translate,
        )  # fmt: skip


def _range(one: Sum) -> str:
    least, most = f"{one.least / one.due:.1%}", f"{one.most / one.due:.1%}"
    return least if least == most else f"{least}–{most}"


def _middle(one: Sum | None) -> float | None:
    return None if one is None or not one.due else (one.least + one.most) / 2 / one.due


def district_template(translate: Translate) -> bytes:
    """The layout of the district's summary."""
    paper = Paper()
    paper.line(field("district"), size=16, center=True)
    paper.title(field("title"), size=20)
    for code, (_, heading) in SECTIONS.items():
        paper.heading(translate(heading))
        paper.line(field(code), size=12, indent=True)
    paper.heading(translate(COURSE_HEADING))
    paper.line(field("course"), size=10)
    paper.line(field("legend"), size=10)
    paper.heading(translate(UNITS_HEADING))
    paper.line(field("bars"), size=10)
    paper.line(field("bars_legend"), size=10)
    for code, heading in (("townships", TOWNSHIPS), ("schools", SCHOOLS), ("appendix", APPENDIX)):
        paper.heading(translate(heading))
        paper.line(field(code), size=9)
    paper.line(field("hidden"), size=10)
    paper.line(translate(COUNTED) + field("counted_on"), size=12, right=True)
    return paper.template()
