"""The district's tables for spreadsheets: the same figures as the page, with units, day and definitions."""

from collections.abc import Sequence
from datetime import date

from flask_babel import format_date, gettext

from lxsaas.core.export import Cell, Format, Table
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.figures import Figure, UnitRow


def schools(rows: Sequence[UnitRow], as_of: date) -> Table:
    """One row a school: numerator, denominator and rate of each indicator; a sign where it is hidden."""
    headings = [gettext("School"), gettext("Township"), gettext("Targets missed")]
    formats: list[Format] = ["text", "text", "count"]
    notes = [gettext("As of %(day)s", day=format_date(as_of))]
    for indicator in INDICATORS.values():
        name = gettext(indicator.name)
        headings += [name, f"{name} – {gettext('children served')}", f"{name} – {gettext('children due')}"]
        formats += ["percent" if indicator.is_rate else "count", "count", "count"]
        notes.append(f"{name}: {gettext(indicator.meaning)}")
    notes.append(gettext("“<3”, “≥38”, “1–3”: hidden, for fewer than three children are counted or missing."))
    cells = [
        [
            row.name,
            row.township,
            row.missed,
            *(cell for code in INDICATORS for cell in _cells(row.figures[code])),
        ]
        for row in rows
    ]
    return Table(gettext("Schools of the district"), notes, headings, formats, cells)


def _cells(figure: Figure | None) -> tuple[Cell, Cell, Cell]:
    if figure is None:
        return None, None, None
    if figure.sign is not None:
        return figure.sign, figure.sign, figure.denominator
    value = figure.rate if figure.indicator.is_rate else figure.numerator
    return value, figure.numerator, figure.denominator
