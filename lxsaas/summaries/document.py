"""The Word document of a school's summary, from what is kept: the same kept rows give the same bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date

from lxsaas.core.messages import N_
from lxsaas.document_templates import samples
from lxsaas.document_templates.kinds import DocumentKind, Put, Translate, declare
from lxsaas.documents.expanding import fill_fields
from lxsaas.documents.fields import Column, Fields, TemplateField
from lxsaas.documents.paper import Paper
from lxsaas.schools.years import year_name
from lxsaas.summaries.definitions import FIGURES, OPTIONAL, SECTIONS
from lxsaas.summaries.figures import by_code
from lxsaas.summaries.models import AnnualSummary
from lxsaas.summaries.wording import MISSING, appendix, lines_of, missing_in, told

TITLE = N_("Annual summary of the care for left-behind children, school year %(year)s")
NO_CASES = N_("The school tells no cases in this summary.")
NOTHING_MISSING = N_("Nothing is missing.")
APPENDIX, MISSING_LIST = N_("Appendix: figures and their definitions"), N_("What is missing")
COUNTED = N_("Figures to: ")
DRAFT, FINAL = N_("Draft"), N_("Final, version %(number)s")
FIELDS = Fields(
    TemplateField("title", "标题", N_("The summary's title with the school year.")),
    TemplateField("school", "学校", N_("Name of the school.")),
    TemplateField("year", "学年", N_("School year, such as 2025–2026.")),
    TemplateField("counted_on", "统计日", N_("The day to which the figures go.")),
    TemplateField("state", "文稿状态", N_("Draft, or final with the number of the version.")),
    TemplateField(
        "signed_on", "定稿日期", N_("The day on which it became final; of a draft the word “Draft”.")
    ),
    *(TemplateField(code, word, heading, "lines") for code, (word, heading) in SECTIONS.items()),
    TemplateField("missing", "缺项清单", N_("What is missing, a line each."), "lines"),
    TemplateField(
        "appendix", "数字附表", N_("Every figure with its definition and period, as a table."), "table",
        is_required=True,
        columns=(
            Column("number", N_("No."), 1.4), Column("name", N_("Figure"), 4.0),
            Column("value", N_("Value"), 3.0), Column("before", N_("Year before"), 3.0),
            Column("period", N_("Period"), 2.3), Column("meaning", N_("Definition of the figure"), 5.4),
        ),
    ),
    *(TemplateField(one.code, one.word, one.name, is_told=False) for one in FIGURES.values()),
)  # fmt: skip
"""What a template may use."""


@dataclass(frozen=True)
class Shown:
    """A summary as it reads: its sections with figures filled in, what is missing, the appendix."""

    summary: AnnualSummary
    bodies: Mapping[str, str]
    translate: Translate
    timezone: str

    @cached_property
    def figures(self) -> Mapping[str, Any]:
        return by_code(self.summary.figures)

    @property
    def title(self) -> str:
        return self.translate(TITLE) % {"year": year_name(self.summary.year)}

    @property
    def state(self) -> str:
        if self.summary.state == "draft":
            return self.translate(DRAFT)
        return self.translate(FINAL) % {"number": self.summary.number}

    @cached_property
    def sections(self) -> Mapping[str, Sequence[str]]:
        """The paragraphs of each section; one that is empty says so."""
        found = {}
        for code, (_, heading) in SECTIONS.items():
            lines = lines_of(self.bodies.get(code, ""), self.figures, self.translate)
            empty = self.translate(NO_CASES) if code in OPTIONAL else (
                self.translate(MISSING) % {"what": self.translate(heading)}
            )  # fmt: skip
            found[code] = lines or [empty]
        return found

    @property
    def missing(self) -> list[str]:
        return missing_in([line for lines in self.sections.values() for line in lines])

    @property
    def appendix(self) -> list[dict[str, Any]]:
        return appendix(self.summary.figures, self.translate)

    def word(self, template: bytes | None) -> bytes:
        """The document from the school's template, or from the product's where it has none."""
        return fill_fields(
            template or KIND.starting_template(self.translate, self.summary.language), FIELDS,
            self.values(), title=self.title, made_at=self.summary.frozen_at, translate=self.translate,
        )  # fmt: skip

    def values(self) -> dict[str, Any]:
        """What a template's fields are filled with, by their codes."""
        summary = self.summary
        return {
            "title": self.title, "school": summary.school_name, "year": year_name(summary.year),
            "counted_on": self._day(summary.counted_on), "state": self.state,
            "signed_on": self._signed_on(),
            "missing": self.missing or [self.translate(NOTHING_MISSING)],
            "appendix": self.appendix,
            **self.sections,
            **{code: told(self.figures.get(code), code, self.translate) for code in FIGURES},
        }  # fmt: skip

    def _signed_on(self) -> str:
        """The day on which it became final, where the school is."""
        at = self.summary.frozen_at
        return self._day(at.astimezone(ZoneInfo(self.timezone)).date()) if at else self.state

    def _day(self, day: date) -> str:
        return str(format_date(day, "long", locale="zh_Hans_CN" if self.summary.language == "zh" else "en"))


def starting_template(translate: Translate, named: Put) -> bytes:
    """The product's own template, which a school may take as the beginning of its own."""
    paper = Paper()
    paper.line(named("school"), size=16, center=True)
    paper.title(named("title"), size=20)
    for code, (_, heading) in SECTIONS.items():
        paper.heading(translate(heading))
        paper.line(named(code), size=12, indent=True)
    paper.gap(12)
    paper.line(named("school"), size=12, right=True)
    paper.line(named("signed_on"), size=12, right=True)
    paper.heading(translate(MISSING_LIST))
    paper.line(named("missing"), size=12, indent=True)
    paper.heading(translate(APPENDIX))
    paper.line(translate(COUNTED) + named("counted_on"), size=12)
    paper.line(named("appendix"), size=9)
    return paper.template()


def sample_values(translate: Translate) -> dict[str, Any]:
    """What a preview is filled with: every section, every figure, a row of the appendix."""
    words = translate(samples.WORDS)
    figure = next(iter(FIGURES.values()))
    row = {
        "number": 1, "name": translate(figure.name), "value": "12", "before": "10",
        "period": samples.YEAR, "meaning": words,
    }  # fmt: skip
    return {
        "title": translate(TITLE) % {"year": samples.YEAR}, "school": translate(samples.SCHOOL),
        "year": samples.YEAR, "counted_on": translate(samples.DAY), "state": translate(DRAFT),
        "signed_on": translate(samples.DAY), "missing": [words], "appendix": [row, row | {"number": 2}],
        **{code: [words, words] for code in SECTIONS}, **dict.fromkeys(FIGURES, "12"),
    }  # fmt: skip


KIND = declare(
    DocumentKind(
        "annual_summary", N_("Annual summary"), N_("The year's work and its figures, from the records."),
        FIELDS, starting_template, sample_values,
    )
)  # fmt: skip
