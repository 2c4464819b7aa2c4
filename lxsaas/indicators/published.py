"""Reads published figures; nothing here touches a table that holds a child."""

from datetime import date

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from lxsaas.core.clock import add_months
from lxsaas.indicators.definitions import PERIODS, codes_of
from lxsaas.indicators.models import DistrictIndicator, IndicatorRun, SchoolActivity
from lxsaas.indicators.queries import in_periods, term_start
from lxsaas.schools.models import School, Term, Township


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


def figures_before(day: date, *, level: str, unit_id: int) -> Select[DistrictIndicator]:
    """A unit's figures of a night at least a month ago, of the whole month and of the term before."""
    night = select(func.max(IndicatorRun.as_of)).where(
        IndicatorRun.state == "done", IndicatorRun.as_of <= add_months(day, -1)
    )
    term = select(func.max(Term.starts_on)).where(Term.starts_on < term_start(day).scalar_subquery())
    starts = {
        "day": night.scalar_subquery(),
        "month": add_months(day.replace(day=1), -1),
        "term": term.scalar_subquery(),
    }
    return select(DistrictIndicator).where(
        DistrictIndicator.level == level,
        DistrictIndicator.unit_id == unit_id,
        or_(
            *(
                and_(
                    DistrictIndicator.indicator.in_(codes_of(period)),
                    DistrictIndicator.starts_on == starts[period],
                )
                for period in PERIODS
            )
        ),
    )


def history(*, level: str, unit_id: int, since: date) -> Select[DistrictIndicator]:
    """One figure a month and indicator: of daily indicators the last day that the month has."""
    month = func.date_trunc("month", DistrictIndicator.starts_on)
    return (
        select(DistrictIndicator)
        .where(
            DistrictIndicator.level == level,
            DistrictIndicator.unit_id == unit_id,
            DistrictIndicator.starts_on >= since,
        )
        .ext(distinct_on(DistrictIndicator.indicator, month))
        .order_by(DistrictIndicator.indicator, month, DistrictIndicator.starts_on.desc())
    )


def schools_with_township() -> Select[int, str, int | None, str | None]:
    """Id and name of each school, with those of its township."""
    return (
        select(School.id, School.name, School.township_id, Township.name)
        .outerjoin(Township, Township.id == School.township_id)
        .order_by(School.name)
    )


def last_entries(district_id: int) -> Select[int, date | None]:
    """Id of each school that a night knows, and the day on which anybody there last entered anything."""
    return select(SchoolActivity.unit_id, SchoolActivity.last_entry_on).where(
        SchoolActivity.district_id == district_id
    )


def townships() -> Select[int, str]:
    """Id and name of each township."""
    return select(Township.id, Township.name).order_by(Township.name)
