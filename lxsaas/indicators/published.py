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
    or_,
    select,
    true,
    union_all,
)

from lxsaas.core.clock import add_months
from lxsaas.indicators.definitions import PERIODS, codes_of
from lxsaas.indicators.models import DistrictIndicator, IndicatorRun
from lxsaas.indicators.queries import in_periods, term_start
from lxsaas.schools.models import School, Term, Township

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


def shown_of(run: IndicatorRun, change_of: Unit | None = None) -> CompoundSelect[Any]:
    """What is shown of every unit for a run's day, its month and its term, as plain rows.

    With `change_of`, a level and unit id, come that unit's rows of the period before, marked `is_before`.
    """
    return _with_before(run, in_periods(DistrictIndicator, run.as_of), change_of)


def shown_of_indicator(run: IndicatorRun, code: str) -> CompoundSelect[Any]:
    """What is shown of one indicator, in every unit."""
    of_code = and_(in_periods(DistrictIndicator, run.as_of), DistrictIndicator.indicator == code)
    return _with_before(run, of_code, None)


def _with_before(
    run: IndicatorRun, wanted: ColumnElement[bool], change_of: Unit | None
) -> CompoundSelect[Any]:
    now = select(*_SHOWN, literal(False).label("is_before")).where(wanted)
    if change_of is None:
        return union_all(now)
    level, unit_id = change_of
    before = select(*_SHOWN, true()).where(
        DistrictIndicator.level == level,
        DistrictIndicator.unit_id == unit_id,
        _in_periods_before(run.as_of),
    )
    return union_all(now, before)


def _in_periods_before(day: date) -> ColumnElement[bool]:
    """The condition of a night at least a month before the day, the whole month and the term before."""
    night = select(func.max(IndicatorRun.as_of)).where(
        IndicatorRun.state == "done", IndicatorRun.as_of <= add_months(day, -1)
    )
    term = select(func.max(Term.starts_on)).where(Term.starts_on < term_start(day).scalar_subquery())
    starts = {
        "day": night.scalar_subquery(),
        "month": add_months(day.replace(day=1), -1),
        "term": term.scalar_subquery(),
    }
    return or_(
        *(
            and_(
                DistrictIndicator.indicator.in_(codes_of(period)),
                DistrictIndicator.starts_on == starts[period],
            )
            for period in PERIODS
        )
    )


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
