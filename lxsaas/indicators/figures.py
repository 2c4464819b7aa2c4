"""From published rows to what a page shows: rates, targets missed, changes over time. Pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lxsaas.core.clock import add_months
from lxsaas.indicators.definitions import INDICATORS, Indicator
from lxsaas.indicators.models import SchoolIndicator

Published = Any
"""A DistrictIndicator, a SchoolIndicator, or a row of those of its columns that are shown."""
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

    def on(self, day: date) -> dict[str, Target]:
        """The targets of every indicator on a day."""
        return {code: self.of(code, day) for code in INDICATORS}


# Hundreds are made for a page; freezing each would take longer than making it.
@dataclass(slots=True)
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
        return bounds_of(self.indicator, self.numerator, self.denominator, self.hidden, self.slack)

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
        return shortfall_of(self.indicator, self.target, self.bounds, self.denominator) is not None


def bounds_of(
    indicator: Indicator, numerator: int | None, denominator: int | None, hidden: str | None, slack: int
) -> tuple[int, int] | None:
    """The least and the most that a published numerator can be; None where nothing of it is shown."""
    if hidden is None:
        return None if numerator is None else (numerator, numerator + slack)
    due = denominator or 0
    least, most = indicator.missing
    if hidden == "few":
        return 1, indicator.few
    if hidden == "most":
        return due - most, due - least
    return (1, due - least) if hidden == "some" else None


def shortfall_of(
    indicator: Indicator, target: Target, bounds: tuple[int, int] | None, denominator: int | None
) -> float | None:
    """By how many percentage points at least a target is surely missed, 0 of a count; None: is not."""
    if target is None or bounds is None:
        return None
    if indicator.lower_is_better:
        return 0.0 if bounds[0] > target else None
    if not denominator or bounds[1] * 100 >= target * denominator:
        return None
    return target - bounds[1] * 100 / denominator


def published_figure(row: Published, target: Target, before: "Figure | None" = None) -> Figure:
    """A published row as a figure, with the target of its time."""
    return Figure(
        INDICATORS[row.indicator],
        row.numerator,
        row.denominator,
        row.hidden,
        row.slack,
        row.schools_reporting,
        row.schools_expected,
        target,
        before,
    )


def own_figures(
    now: Iterable[SchoolIndicator], before: Iterable[SchoolIndicator], targets: Targets
) -> list[Figure]:
    """A school's exact figures in the order of the definitions, each with that of the period before."""
    current = {row.indicator: row for row in now}
    earlier = {row.indicator: _exact(row, targets) for row in before if row.indicator in INDICATORS}
    return [_exact(current[code], targets, earlier.get(code)) for code in INDICATORS if code in current]


def _exact(row: SchoolIndicator, targets: Targets, before: Figure | None = None) -> Figure:
    target = targets.of(row.indicator, row.as_of)
    return Figure(INDICATORS[row.indicator], row.numerator, row.denominator, target=target, before=before)


@dataclass(frozen=True)
class Trend:
    """An indicator over months; a month without a figure is None."""

    indicator: Indicator
    months: Sequence[date]
    figures: Sequence[Figure | None]


NO_TARGETS = Targets()
"""Where nobody asks for the target of a figure's time."""


def months_before(day: date, count: int) -> list[date]:
    """First days of the last `count` months, that of `day` the last."""
    return [add_months(day.replace(day=1), -back) for back in range(count - 1, -1, -1)]


def trends(rows: Iterable[Published], months: Sequence[date]) -> list[Trend]:
    """One trend for each indicator over the given first days of months; of targets a course tells nothing."""
    by_month = {(row.indicator, row.starts_on.replace(day=1)): row for row in rows}
    result = []
    for code, indicator in INDICATORS.items():
        found = [by_month.get((code, month)) for month in months]
        figures = [figure_of(row, NO_TARGETS) if row else None for row in found]
        result.append(Trend(indicator, months, figures))
    return result


def figure_of(row: Published, targets: Targets) -> Figure:
    """A stored or published row with the target of its time."""
    if isinstance(row, SchoolIndicator):
        return _exact(row, targets)
    target = None if targets is NO_TARGETS else targets.of(row.indicator, row.as_of)
    return published_figure(row, target)
