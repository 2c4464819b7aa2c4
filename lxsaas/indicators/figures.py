"""From published rows to what a page shows: rates, targets missed, changes over time. Pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lxsaas.core.clock import add_months
from lxsaas.indicators.definitions import INDICATORS, Indicator
from lxsaas.indicators.models import DistrictIndicator, SchoolIndicator

Published = Any
"""A DistrictIndicator, or a row of those of its columns that are shown."""
Key = tuple[str, int, str]
"""Level, unit and indicator."""


Target = int | None
"""Per cent, of a count the number; None where nobody set one."""


@dataclass(frozen=True)
class Targets:
    """What a district asks for, over time: of each indicator from which day what; before, the default."""

    history: Mapping[str, Sequence[tuple[date, Target]]] = field(default_factory=dict)

    def of(self, code: str, day: date) -> Target:
        """The target of an indicator on a day: a past period keeps that of its time."""
        set_before = [target for since, target in self.history.get(code, ()) if since <= day]
        return set_before[-1] if set_before else INDICATORS[code].target


@dataclass(frozen=True)
class Figure:
    """One indicator of one unit: parts, never only a percentage."""

    indicator: Indicator
    numerator: int | None
    denominator: int | None
    hidden: str | None = None
    """What of a small cell is not shown (`lxsaas.indicators.publishing`); None: all is."""
    slack: int = 0
    """Of a sum: by how much the numerator may be higher, for hidden ones count with their least."""
    schools_reporting: int = 1
    schools_expected: int = 1
    target: Target = None
    before: "Figure | None" = None
    """The same figure one period earlier."""

    @property
    def bounds(self) -> tuple[int, int] | None:
        """The least and the most that the numerator can be; None where nothing of it is shown."""
        due = self.denominator or 0
        if self.hidden is None:
            return None if self.numerator is None else (self.numerator, self.numerator + self.slack)
        least, most = self.indicator.missing
        of_sign = {
            "few": (1, self.indicator.few),
            "most": (due - most, due - least),
            "some": (1, due - least),
        }
        return of_sign.get(self.hidden)

    @property
    def sign(self) -> str | None:
        """What stands in the place of a hidden numerator; None where it is shown."""
        if self.hidden is None:
            return None
        least, most = self.bounds or (1, 2)
        return {"most": f"≥{least}", "some": f"{least}–{most}"}.get(self.hidden, f"<{most + 1}")

    @property
    def rate(self) -> float | None:
        """numerator / denominator; None for a count, a hidden figure, or with nobody to count.

        Of a sum whose numerator is known to a few the middle of what it can be: `margin` to both sides.
        """
        if self.hidden is not None or self.numerator is None or not self.denominator:
            return None
        return (self.numerator + self.slack / 2) / self.denominator

    @property
    def margin(self) -> float | None:
        """By how much the true rate of a sum may lie above or below `rate`; None where it is exact."""
        return self.slack / 2 / self.denominator if self.slack and self.denominator else None

    @property
    def change(self) -> float | None:
        """Against the period before: a difference of rates, or of counts; None where either is not known."""
        if self.before is None:
            return None
        if self.indicator.is_rate:
            return None if self.rate is None or self.before.rate is None else self.rate - self.before.rate
        if self.numerator is None or self.before.numerator is None:
            return None
        return float(self.numerator - self.before.numerator)

    @property
    def misses_target(self) -> bool:
        """Surely misses the target; a figure that is not known well enough misses nothing."""
        if self.target is None or self.bounds is None:
            return False
        if self.indicator.lower_is_better:
            return self.bounds[0] > self.target
        return bool(self.denominator) and self.bounds[1] * 100 < self.target * (self.denominator or 0)

    @property
    def shortfall(self) -> float:
        """By how many percentage points at least a missed target is missed."""
        if not self.misses_target or not self.denominator or self.bounds is None or self.target is None:
            return 0.0
        return self.target - self.bounds[1] * 100 / self.denominator


def figures_by_key(
    rows: Iterable[Published], before: Iterable[Published], targets: Targets
) -> dict[Key, Figure]:
    """Figures by level, unit and indicator, each with the one of the period before where there is one."""
    earlier = {_key(row): _figure(row, targets) for row in before if row.indicator in INDICATORS}
    return {
        _key(row): _figure(row, targets, earlier.get(_key(row)))
        for row in rows
        if row.indicator in INDICATORS
    }


def _key(row: Published) -> Key:
    return row.level, row.unit_id, row.indicator


def _figure(row: Published, targets: Targets, before: Figure | None = None) -> Figure:
    return Figure(
        INDICATORS[row.indicator],
        row.numerator,
        row.denominator,
        row.hidden,
        row.slack,
        row.schools_reporting,
        row.schools_expected,
        targets.of(row.indicator, row.as_of),
        before,
    )


def own_figures(
    now: Iterable[SchoolIndicator], history: Iterable[SchoolIndicator], targets: Targets
) -> list[Figure]:
    """A school's exact figures in the order of the definitions, each with that of the period before."""
    current = {row.indicator: row for row in now if row.indicator in INDICATORS}
    earlier: dict[str, SchoolIndicator] = {}
    for row in history:
        shown = current.get(row.indicator)
        newest = earlier.get(row.indicator)
        # One row a month: the last before the month that is shown.
        if (
            shown
            and row.starts_on < shown.starts_on.replace(day=1)
            and (newest is None or row.starts_on > newest.starts_on)
        ):
            earlier[row.indicator] = row
    return [
        _exact(current[code], targets, _exact(earlier[code], targets) if code in earlier else None)
        for code in INDICATORS
        if code in current
    ]


def _exact(row: SchoolIndicator, targets: Targets, before: Figure | None = None) -> Figure:
    target = targets.of(row.indicator, row.as_of)
    return Figure(INDICATORS[row.indicator], row.numerator, row.denominator, target=target, before=before)


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
        return sum(figure.shortfall for figure in self.figures.values() if figure is not None)


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
    """By what figures are ordered; of a hidden one the least that it can be."""
    if figure is None or figure.bounds is None:
        return None
    if not figure.indicator.is_rate:
        return figure.bounds[0]
    return figure.bounds[0] / figure.denominator if figure.denominator else None


@dataclass(frozen=True)
class Trend:
    """An indicator over months; a month without a figure is None."""

    indicator: Indicator
    months: Sequence[date]
    figures: Sequence[Figure | None]


def months_before(day: date, count: int) -> list[date]:
    """First days of the last `count` months, that of `day` the last."""
    return [add_months(day.replace(day=1), -back) for back in range(count - 1, -1, -1)]


def trends(
    rows: Iterable[DistrictIndicator | SchoolIndicator], months: Sequence[date], targets: Targets
) -> list[Trend]:
    """One trend for each indicator over the given first days of months."""
    by_month = {(row.indicator, row.starts_on.replace(day=1)): row for row in rows}
    result = []
    for code, indicator in INDICATORS.items():
        found = [by_month.get((code, month)) for month in months]
        result.append(Trend(indicator, months, [figure_of(row, targets) if row else None for row in found]))
    return result


def figure_of(row: DistrictIndicator | SchoolIndicator, targets: Targets) -> Figure:
    """A stored or published row with the target of its time."""
    return _exact(row, targets) if isinstance(row, SchoolIndicator) else _figure(row, targets)
