"""From published rows to what a page shows: rates, targets missed, changes over time. Pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lxsaas.core.clock import add_months
from lxsaas.indicators.definitions import INDICATORS, Indicator
from lxsaas.indicators.models import DistrictIndicator, SchoolIndicator

Published = Any
"""A DistrictIndicator, or a row of those of its columns that are shown."""
Key = tuple[str, int, str]
"""Level, unit and indicator."""


@dataclass(frozen=True)
class Figure:
    """One indicator of one unit: parts, never only a percentage."""

    indicator: Indicator
    numerator: int | None
    denominator: int | None
    is_suppressed: bool
    schools_reporting: int
    schools_expected: int
    before: "Figure | None" = None
    """The same figure one period earlier."""

    @property
    def rate(self) -> float | None:
        """numerator / denominator; None for a count, a suppressed figure, or with nobody to count."""
        return self.numerator / self.denominator if self.numerator is not None and self.denominator else None

    @property
    def change(self) -> float | None:
        """Against the period before: a difference of rates, or of counts; None where either is not known."""
        if self.before is None or self.is_suppressed or self.before.is_suppressed:
            return None
        if self.indicator.is_rate:
            return None if self.rate is None or self.before.rate is None else self.rate - self.before.rate
        if self.numerator is None or self.before.numerator is None:
            return None
        return float(self.numerator - self.before.numerator)

    @property
    def misses_target(self) -> bool:
        """Below the target; a figure that is not known misses nothing."""
        target = self.indicator.target
        return target is not None and self.rate is not None and self.rate * 100 < target


def figures_by_key(rows: Iterable[Published], before: Iterable[Published] = ()) -> dict[Key, Figure]:
    """Figures by level, unit and indicator, each with the one of the period before where there is one."""
    earlier = {_key(row): _figure(row, None) for row in before if row.indicator in INDICATORS}
    return {_key(row): _figure(row, earlier.get(_key(row))) for row in rows if row.indicator in INDICATORS}


def _key(row: Published) -> Key:
    return row.level, row.unit_id, row.indicator


def _figure(row: Published, before: Figure | None) -> Figure:
    return Figure(
        INDICATORS[row.indicator],
        row.numerator,
        row.denominator,
        row.is_suppressed,
        row.schools_reporting,
        row.schools_expected,
        before,
    )


def own_figures(now: Iterable[SchoolIndicator], history: Iterable[SchoolIndicator]) -> list[Figure]:
    """A school's exact figures in the order of the definitions, each with that of the month before."""
    current = {row.indicator: row for row in now}
    earlier: dict[str, SchoolIndicator] = {}
    for row in history:
        shown = current.get(row.indicator)
        newest = earlier.get(row.indicator)
        # One row a month: the last before the month that is shown.
        if (
            shown
            and row.starts_on < shown.as_of.replace(day=1)
            and (newest is None or row.starts_on > newest.starts_on)
        ):
            earlier[row.indicator] = row
    return [
        _exact(current[code], _exact(earlier[code]) if code in earlier else None)
        for code in INDICATORS
        if code in current
    ]


def _exact(row: SchoolIndicator, before: Figure | None = None) -> Figure:
    return Figure(INDICATORS[row.indicator], row.numerator, row.denominator, False, 1, 1, before)


@dataclass(frozen=True)
class UnitRow:
    """A school or township with its figures, one for each indicator or None where it did not report."""

    id: int
    name: str
    township: str | None
    figures: Mapping[str, Figure | None]

    @property
    def missed(self) -> int:
        """How many targets it misses."""
        return sum(figure is not None and figure.misses_target for figure in self.figures.values())

    @property
    def shortfall(self) -> float:
        """By how much it misses them, added up in percentage points; orders schools that miss as many."""
        misses = [figure for figure in self.figures.values() if figure is not None and figure.misses_target]
        return sum((figure.indicator.target or 0) - (figure.rate or 0) * 100 for figure in misses)


def unit_rows(
    level: str, units: Iterable[tuple[int, str, str | None]], figures: Mapping[Key, Figure]
) -> list[UnitRow]:
    """A row for each unit (id, name, township's name), those that miss most targets first."""
    rows = [
        UnitRow(unit_id, name, township, {code: figures.get((level, unit_id, code)) for code in INDICATORS})
        for unit_id, name, township in units
    ]
    return sorted(rows, key=lambda row: (-row.missed, -row.shortfall, row.name))


def sorted_rows(rows: Sequence[UnitRow], by: str, descending: bool) -> list[UnitRow]:
    """Rows ordered by 'name', 'township', 'missed' or an indicator; unknown values stand last."""
    if by in INDICATORS:
        known = [row for row in rows if _value(row.figures[by]) is not None]
        unknown = [row for row in rows if _value(row.figures[by]) is None]
        return sorted(known, key=lambda row: _value(row.figures[by]) or 0.0, reverse=descending) + unknown
    if by in ("name", "township"):
        return sorted(rows, key=lambda row: getattr(row, by) or "", reverse=descending)
    # As `unit_rows` has put them: those that miss most first.
    return list(rows) if descending else list(reversed(rows))


def _value(figure: Figure | None) -> float | None:
    if figure is None:
        return None
    return figure.rate if figure.indicator.is_rate else figure.numerator


@dataclass(frozen=True)
class Trend:
    """An indicator over months; a month without a figure is None."""

    indicator: Indicator
    months: Sequence[date]
    figures: Sequence[Figure | None]


def months_before(day: date, count: int) -> list[date]:
    """First days of the last `count` months, that of `day` the last."""
    return [add_months(day.replace(day=1), -back) for back in range(count - 1, -1, -1)]


def trends(rows: Iterable[DistrictIndicator | SchoolIndicator], months: Sequence[date]) -> list[Trend]:
    """One trend for each indicator over the given first days of months."""
    by_month = {(row.indicator, row.starts_on.replace(day=1)): row for row in rows}
    result = []
    for code, indicator in INDICATORS.items():
        found = [by_month.get((code, month)) for month in months]
        result.append(Trend(indicator, months, [_of_any(row) if row else None for row in found]))
    return result


def _of_any(row: DistrictIndicator | SchoolIndicator) -> Figure:
    return _exact(row) if isinstance(row, SchoolIndicator) else _figure(row, None)
