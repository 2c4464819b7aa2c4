"""The district's tables for spreadsheets: the pages' figures, with title, units, day and definitions."""

from collections.abc import Iterable, Sequence
from datetime import date

from flask_babel import format_date, gettext

from lxsaas.core.export import Cell, Format, Table
from lxsaas.district.peers import Comparison
from lxsaas.indicators.definitions import INDICATORS, Indicator
from lxsaas.indicators.figures import Figure, Trend
from lxsaas.indicators.units import UnitRow


def units(title: str, rows: Sequence[UnitRow], as_of: date, indicators: Iterable[Indicator] = ()) -> Table:
    """One row a school or township: rate or count and both parts of each indicator (all, by default)."""
    chosen = list(indicators) or list(INDICATORS.values())
    headings = [gettext("Name"), gettext("Township"), gettext("Pupils")]
    headings += [gettext("Last entry"), gettext("Targets missed")]
    formats: list[Format] = ["text", "text", "count", "text", "count"]
    for indicator in chosen:
        headings += _headings(indicator)
        formats += [_format(indicator), "count", "count"]
    cells = [
        [
            row.name,
            row.township,
            row.size,
            format_date(row.last_entry_on) if row.last_entry_on else None,
            row.missed,
            *(cell for indicator in chosen for cell in cells_of(row.figures[indicator.code])),
        ]
        for row in rows
    ]
    return Table(title, notes(as_of, chosen), headings, formats, cells)


def figures(title: str, found: Sequence[Figure], as_of: date) -> Table:
    """One row an indicator: value, parts, by how much the true rate may be off, target, change, schools."""
    headings = [
        gettext("Indicator"), gettext("Value"), _counted(), _due(), gettext("± points"),
        gettext("Target"), gettext("Against before"), gettext("Schools counted"), gettext("Schools in all"),
    ]  # fmt: skip
    cells = [
        [
            f"{gettext(one.indicator.name)} ({unit_of(one.indicator)})",
            *_marked(one),
            None if one.margin is None else round(one.margin * 100, 1),
            one.target,
            None if one.change is None else round(one.change * (100 if one.indicator.is_rate else 1), 1),
            one.schools_reporting,
            one.schools_expected,
        ]
        for one in found
    ]
    formats: list[Format] = ["text", "mark", "count", "count", "mark", "mark", "mark", "count", "count"]
    return Table(title, notes(as_of, [one.indicator for one in found]), headings, formats, cells)


def trends(title: str, found: Sequence[Trend], as_of: date) -> Table:
    """One row a month: of each indicator value and both parts."""
    headings = [gettext("Month")]
    formats: list[Format] = ["text"]
    for trend in found:
        headings += _headings(trend.indicator)
        formats += [_format(trend.indicator), "count", "count"]
    months = found[0].months if found else ()
    cells = [
        [f"{month:%Y-%m}", *(cell for trend in found for cell in cells_of(trend.figures[number]))]
        for number, month in enumerate(months)
    ]
    return Table(title, notes(as_of, [trend.indicator for trend in found]), headings, formats, cells)


def comparison(title: str, found: Sequence[Comparison], as_of: date) -> Table:
    """One row a rate: the school's and that of the schools of its size, and how many of these are behind."""
    headings = [
        gettext("Indicator"), gettext("Value"), _counted(), _due(), gettext("Schools of its size"),
        _counted(), _due(), gettext("Schools behind it"), gettext("Schools compared"),
    ]  # fmt: skip
    cells = [
        [
            f"{gettext(one.indicator.name)} ({unit_of(one.indicator)})",
            *cells_of(one.own), *cells_of(one.peers), one.better, one.others,
        ]
        for one in found
    ]  # fmt: skip
    rates: list[Format] = ["percent", "count", "count"]
    formats: list[Format] = ["text", *rates, *rates, "count", "count"]
    return Table(title, notes(as_of, [one.indicator for one in found]), headings, formats, cells)


def notes(as_of: date, indicators: Iterable[Indicator]) -> list[str]:
    """Day, what signs mean, and what each indicator counts."""
    return [
        gettext("As of %(day)s", day=format_date(as_of, "long")),
        gettext("“<3”, “≥38”, “1–3”: hidden, for fewer than three children are counted or missing."),
        *(f"{gettext(one.name)} ({unit_of(one)}){gettext(': ')}{gettext(one.meaning)}" for one in indicators),
    ]


def unit_of(indicator: Indicator) -> str:
    """'%' of a rate, else what is counted."""
    if indicator.is_rate:
        return "%"
    return str(gettext("children") if indicator.of_children else gettext("number"))


def month_headings(indicators: Iterable[Indicator]) -> tuple[list[str], list[Format]]:
    """Headings and formats of a table with one row a school and month."""
    headings = [gettext("School"), gettext("Township"), gettext("Month")]
    formats: list[Format] = ["text", "text", "text"]
    for indicator in indicators:
        headings += _headings(indicator)
        formats += [_format(indicator), "count", "count"]
    return headings, formats


def _headings(indicator: Indicator) -> list[str]:
    """Of an indicator's three columns: value, numerator and denominator."""
    name = gettext(indicator.name)
    return [f"{name} ({unit_of(indicator)})", f"{name} – {_counted()}", f"{name} – {_due()}"]


def _format(indicator: Indicator) -> Format:
    return "percent" if indicator.is_rate else "count"


def _counted() -> str:
    return str(gettext("counted"))


def _due() -> str:
    return str(gettext("of all due"))


def cells_of(figure: Figure | None) -> tuple[Cell, Cell, Cell]:
    """Value, numerator and denominator; what is hidden under its sign."""
    if figure is None:
        return None, None, None
    if figure.sign is not None:
        return figure.sign, figure.sign, figure.denominator
    numerator: Cell = figure.numerator
    if figure.slack and figure.bounds is not None:
        numerator = "–".join(str(bound) for bound in figure.bounds)
    return figure.rate if figure.indicator.is_rate else numerator, numerator, figure.denominator


def _marked(figure: Figure) -> tuple[Cell, Cell, Cell]:
    """The same where rates and counts share a column: rates in per cent."""
    value, numerator, denominator = cells_of(figure)
    return round(value * 100, 1) if isinstance(value, float) else value, numerator, denominator
