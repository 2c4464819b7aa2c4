"""Reads of the ledger and of a school's own figures."""

from datetime import date

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from lxsaas.core.clock import month_start
from lxsaas.indicators.definitions import codes_of
from lxsaas.indicators.models import IndicatorRun, IndicatorUnit, SchoolIndicator
from lxsaas.schools.models import District, School


def district_ids() -> Select[int, str]:
    """Every district with its time zone."""
    return select(District.id, District.timezone).order_by(District.id)


def school_ids_of(district_id: int) -> Select[int]:
    return select(School.id).where(School.district_id == district_id).order_by(School.id)


def oldest_running_run(district_id: int) -> Select[int]:
    """The run whose units may be claimed: runs of a district never overlap."""
    return select(func.min(IndicatorRun.id)).where(
        IndicatorRun.district_id == district_id, IndicatorRun.state == "running"
    )


def known_days() -> Select[date]:
    """As-of days of all runs of the district in scope: days and months for which figures stand."""
    return select(IndicatorRun.as_of).distinct().order_by(IndicatorRun.as_of)


def units_in(run_id: int, *states: str) -> Select[int]:
    """How many units of a run are in these states."""
    return (
        select(func.count())
        .select_from(IndicatorUnit)
        .where(IndicatorUnit.run_id == run_id, IndicatorUnit.state.in_(states))
    )


def has_open_units(run_id: int) -> Select[bool]:
    return select(
        exists().where(IndicatorUnit.run_id == run_id, IndicatorUnit.state.in_(("pending", "claimed")))
    )


def own_figures(school_id: int) -> Select[SchoolIndicator]:
    """A school's figures, the newest period first."""
    return (
        select(SchoolIndicator)
        .where(SchoolIndicator.school_id == school_id)
        .order_by(SchoolIndicator.starts_on.desc(), SchoolIndicator.indicator)
    )


def own_figures_as_of(school_id: int, day: date) -> Select[SchoolIndicator]:
    """A school's figures of the day and of its month; the month's `as_of` says how far it is counted."""
    return own_figures(school_id).where(
        or_(
            and_(SchoolIndicator.indicator.in_(codes_of("day")), SchoolIndicator.starts_on == day),
            and_(
                SchoolIndicator.indicator.in_(codes_of("month")),
                SchoolIndicator.starts_on == month_start(day),
            ),
        )
    )


def last_counted_day(school_id: int) -> Select[date]:
    """The newest day for which a school has figures."""
    return select(func.max(SchoolIndicator.starts_on)).where(
        SchoolIndicator.school_id == school_id, SchoolIndicator.indicator.in_(codes_of("day"))
    )


def own_history(
    school_id: int, *, since: date, daily: tuple[str, ...], monthly: tuple[str, ...]
) -> Select[SchoolIndicator]:
    """One figure a month and indicator: of daily indicators the last day that the month has."""
    month = func.date_trunc("month", SchoolIndicator.starts_on)
    return (
        select(SchoolIndicator)
        .where(
            SchoolIndicator.school_id == school_id,
            SchoolIndicator.starts_on >= since,
            SchoolIndicator.indicator.in_((*daily, *monthly)),
        )
        .ext(distinct_on(SchoolIndicator.indicator, month))
        .order_by(SchoolIndicator.indicator, month, SchoolIndicator.starts_on.desc())
    )
