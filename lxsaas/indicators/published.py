"""Reads published figures; nothing here touches a table that holds a child."""

from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    func,
    literal,
    select,
    true,
    union_all,
)

from lxsaas.core.clock import add_months
from lxsaas.indicators.models import DistrictIndicator, IndicatorRun
from lxsaas.indicators.queries import in_periods, in_periods_before
from lxsaas.schools.models import School, Township

Unit = tuple[str, int]
"""Level and id."""
_SHOWN = (
    DistrictIndicator.level,
    DistrictIndicator.unit_id,
    DistrictIndicator.indicator,
    DistrictIndicator.numerator,
    DistrictIndicator.denominator,
    DistrictIndicator.hidden,
    DistrictIndicator.slack,
    DistrictIndicator.schools_reporting,
    DistrictIndicator.schools_expected,
)


def finished_runs() -> Select[IndicatorRun]:
    """Runs whose figures are published, the newest night first."""
    return (
        select(IndicatorRun)
        .where(IndicatorRun.state == "done")
        .order_by(IndicatorRun.as_of.desc(), IndicatorRun.number.desc())
    )


def runs_over(day: date) -> Select[IndicatorRun]:
    """Published runs that computed a day, its own night first: a later one may have made up for it."""
    since = func.coalesce(IndicatorRun.since, IndicatorRun.as_of)
    return (
        finished_runs()
        .where(since <= day, IndicatorRun.as_of >= day)
        .order_by(None)
        .order_by(IndicatorRun.as_of, IndicatorRun.number.desc())
    )


def last_computed(first: date, last: date) -> Select[date]:
    """The newest day of a stretch that a published run computed, in its own night or later."""
    since = func.coalesce(IndicatorRun.since, IndicatorRun.as_of)
    return select(func.max(func.least(IndicatorRun.as_of, last))).where(
        IndicatorRun.state == "done", since <= last, IndicatorRun.as_of >= first
    )


def figures_as_of(
    day: date, *, level: str | None = None, unit_id: int | None = None
) -> Select[DistrictIndicator]:
    """Figures of the day, its month and its term, of every unit or of one level or unit.

    The `as_of` of month and term says how far they are counted: a later run counts on.
    """
    query = select(DistrictIndicator).where(in_periods(DistrictIndicator, day))
    if level is not None:
        query = query.where(DistrictIndicator.level == level)
    if unit_id is not None:
        query = query.where(DistrictIndicator.unit_id == unit_id)
    return query


def shown_of(day: date, change_of: Unit | None = None) -> CompoundSelect[Any]:
    """What is shown of every unit for a day, its month and its term, as plain rows.

    With `change_of`, a level and unit id, come that unit's rows of the period before, marked `is_before`.
    """
    return _with_before(day, in_periods(DistrictIndicator, day), change_of)


def shown_of_indicator(day: date, code: str) -> CompoundSelect[Any]:
    """What is shown of one indicator, in every unit."""
    of_code = and_(in_periods(DistrictIndicator, day), DistrictIndicator.indicator == code)
    return _with_before(day, of_code, None)


def _with_before(day: date, wanted: ColumnElement[bool], change_of: Unit | None) -> CompoundSelect[Any]:
    now = select(*_SHOWN, literal(False).label("is_before")).where(wanted)
    if change_of is None:
        return union_all(now)
    level, unit_id = change_of
    night = select(func.max(IndicatorRun.as_of)).where(
        IndicatorRun.state == "done", IndicatorRun.as_of <= add_months(day, -1)
    )
    before = select(*_SHOWN, true()).where(
        DistrictIndicator.level == level,
        DistrictIndicator.unit_id == unit_id,
        in_periods_before(DistrictIndicator, day, night),
    )
    return union_all(now, before)


def schools_with_township() -> Select[int, str, int | None, str | None]:
    """Id and name of each school, with those of its township."""
    return (
        select(School.id, School.name, School.township_id, Township.name)
        .outerjoin(Township, Township.id == School.township_id)
        .order_by(School.name)
    )


def townships() -> Select[int, str]:
    """Id and name of each township."""
    return select(Township.id, Township.name).order_by(Township.name)
