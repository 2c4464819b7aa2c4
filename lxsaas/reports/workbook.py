"""The workbook that goes with a letter: the same figures, with parts, targets, day and definitions."""

from collections.abc import Sequence
from datetime import date

from flask_babel import format_date, gettext

from lxsaas.core.export import Cell, Format, Table, to_workbook
from lxsaas.indicators.definitions import INDICATORS, Indicator
from lxsaas.indicators.figures import Figure
from lxsaas.reports.letter import Attachment
from lxsaas.reports.reading import ReportData, UnitLine


def workbook_of(data: ReportData, codes: Sequence[str]) -> Attachment | None:
    """A sheet of the unit's figures and one each of its townships and schools; None without figures."""
    if data.as_of is None:
        return None
    chosen = [INDICATORS[code] for code in codes]
    sheets = [(gettext("Figures"), own_sheet(data, data.as_of, codes))]
    if data.townships:
        sheets.append(
            (gettext("Townships"), unit_sheet(gettext("Townships"), data.townships, chosen, data.as_of))
        )
    if data.schools:
        sheets.append((gettext("Schools"), unit_sheet(gettext("Schools"), data.schools, chosen, data.as_of)))
    slug = data.school_slug or data.district_slug
    return Attachment(f"lxsaas-{slug}-{data.subject.report}-{data.subject.first}.xlsx", to_workbook(sheets))


def own_sheet(data: ReportData, as_of: date, codes: Sequence[str]) -> Table:
    """One row an indicator."""
    headings = [
        gettext("Indicator"), gettext("Rate"), gettext("children served"), gettext("children due"),
        gettext("Target"), gettext("Rate before"), gettext("Number before"), gettext("What is counted"),
    ]  # fmt: skip
    formats: list[Format] = ["text", "percent", "count", "count", "text", "percent", "count", "text"]
    rows: list[list[Cell]] = [
        [
            gettext(one.indicator.name),
            *_cells(one),
            _target(one),
            *_cells(one.before)[:2],
            gettext(one.indicator.meaning),
        ]
        for one in data.figures
        if one.indicator.code in codes
    ]
    return Table(data.unit_name, _notes(as_of), headings, formats, rows)


def unit_sheet(title: str, units: Sequence[UnitLine], chosen: Sequence[Indicator], as_of: date) -> Table:
    """One row a school or township: value and parts of each indicator."""
    headings = [gettext("Name"), gettext("Township"), gettext("Targets missed")]
    formats: list[Format] = ["text", "text", "count"]
    for indicator in chosen:
        name = gettext(indicator.name)
        headings += [name, f"{name} – {gettext('children served')}", f"{name} – {gettext('children due')}"]
        formats += ["percent", "count", "count"]
    codes = [one.code for one in chosen]
    rows = [
        [
            unit.name,
            unit.township,
            len(unit.missed(codes)),
            *(cell for code in codes for cell in _cells(unit.figures[code])),
        ]
        for unit in units
    ]
    return Table(title, _notes(as_of), headings, formats, rows)


def _notes(as_of: date) -> list[str]:
    return [
        gettext("As of %(day)s", day=format_date(as_of)),
        gettext("“<3”, “≥38”, “1–3”: hidden, for fewer than three children are counted or missing."),
    ]


def _cells(figure: Figure | None) -> tuple[Cell, Cell, Cell]:
    """Rate, numerator and denominator; a count has no rate, what is hidden its sign."""
    if figure is None:
        return None, None, None
    rate = (figure.sign or figure.rate) if figure.indicator.is_rate else None
    return rate, figure.sign or figure.numerator, figure.denominator


def _target(figure: Figure) -> Cell:
    if figure.target is None:
        return None
    return f"{figure.target} %" if figure.indicator.is_rate else str(figure.target)
