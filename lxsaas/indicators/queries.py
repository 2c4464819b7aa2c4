"""Reads of the ledger and of a school's own figures."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Select,
    and_,
    any_,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.orm import Session

from lxsaas.core.clock import add_months, month_start
from lxsaas.indicators.definitions import PERIODS, Period, codes_of
from lxsaas.indicators.models import (
    DistrictIndicator,
    IndicatorRun,
    IndicatorStanding,
    IndicatorTarget,
    IndicatorUnit,
    SchoolIndicator,
)
from lxsaas.indicators.periods import Calendar, TermDays
from lxsaas.schools.models import CareDefinitionChoice, District, School, Term, Township


def one_of(ids: Iterable[int]) -> ColumnElement[Any]:
    """What a column is compared with to be one of these: one parameter, however many they are."""
    return any_(literal([*ids], ARRAY(BigInteger)))


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


def calendar_of(session: Session, district_id: int, known: Sequence[date]) -> Calendar:
    """The district's terms and definitions, for the days for which figures stand."""
    terms = select(Term.name, Term.starts_on, Term.ends_on, Term.filing_due_on).where(
        Term.district_id == district_id
    )
    choices = select(CareDefinitionChoice.starts_on, CareDefinitionChoice.definition).where(
        CareDefinitionChoice.district_id == district_id
    )
    first = select(District.first_care_definition).where(District.id == district_id)
    return Calendar(
        [TermDays(*row) for row in session.execute(terms.order_by(Term.starts_on))],
        str(session.scalar(first)),
        [(row[0], row[1]) for row in session.execute(choices.order_by(CareDefinitionChoice.starts_on))],
        known,
    )


def run_over(district_id: int, since: date, until: date) -> Select[IndicatorRun]:
    """The newest run that computes each of these days."""
    return (
        select(IndicatorRun)
        .where(
            IndicatorRun.district_id == district_id,
            func.coalesce(IndicatorRun.since, IndicatorRun.as_of) <= since,
            IndicatorRun.as_of >= until,
        )
        .order_by(IndicatorRun.id.desc())
        .limit(1)
    )


def known_days(district_id: int, run_id: int) -> Select[date]:
    """The days of a district's runs up to this one: days, months and terms for which figures stand."""
    day = func.generate_series(
        func.coalesce(IndicatorRun.since, IndicatorRun.as_of), IndicatorRun.as_of, text("interval '1 day'")
    )
    days = (
        select(cast(day, Date).label("day"))
        .where(IndicatorRun.district_id == district_id, IndicatorRun.id <= run_id)
        .distinct()
    )
    known = days.subquery()
    return select(known.c.day).order_by(known.c.day)


def standing_of(schools: Iterable[int]) -> Select[int, date, date, str]:
    """Of each school the day last counted, the day on which its figures may change, and the formula."""
    return select(
        IndicatorStanding.school_id,
        IndicatorStanding.counted_on,
        IndicatorStanding.changes_on,
        IndicatorStanding.formula,
    ).where(IndicatorStanding.school_id == one_of(schools))


def unfinished(schools: Collection[int], newest: date) -> Mapping[Period, Select[int, date]]:
    """Months and terms that were over on the newest day, with their last day, counted only before it."""
    first_of = {period: codes_of(period)[0] for period in PERIODS}
    last_day = func.date(SchoolIndicator.starts_on + text("interval '1 month - 1 day'"))
    counted = select(SchoolIndicator.school_id).where(SchoolIndicator.school_id.in_(schools))
    month = counted.add_columns(last_day).where(
        SchoolIndicator.indicator == first_of["month"],
        SchoolIndicator.starts_on < month_start(newest),
        SchoolIndicator.as_of < last_day,
    )
    term = (
        counted.add_columns(Term.ends_on)
        .join(School, School.id == SchoolIndicator.school_id)
        .join(Term, (Term.district_id == School.district_id) & (Term.starts_on == SchoolIndicator.starts_on))
        .where(
            SchoolIndicator.indicator == first_of["term"],
            Term.ends_on < newest,
            SchoolIndicator.as_of < Term.ends_on,
        )
    )
    return {"month": month, "term": term}


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


def has_empty_township(district_id: int) -> Select[bool]:
    """Whether a township of the district has no school."""
    inside = exists().where(School.district_id == district_id, School.township_id == Township.id)
    return select(exists().where(Township.district_id == district_id, ~inside))


def own_figures(school_id: int) -> Select[SchoolIndicator]:
    """A school's figures, the newest period first."""
    return (
        select(SchoolIndicator)
        .where(SchoolIndicator.school_id == school_id)
        .order_by(SchoolIndicator.starts_on.desc(), SchoolIndicator.indicator)
    )


def in_periods(model: type[SchoolIndicator | DistrictIndicator], day: date) -> ColumnElement[bool]:
    """The condition that a figure is of the day, its month or its term; in holidays of the term before."""
    starts = {"day": day, "month": month_start(day), "term": term_start(day).scalar_subquery()}
    return _begins(model, starts)


def in_periods_before(
    model: type[SchoolIndicator | DistrictIndicator], day: date, night: Select[date | None]
) -> ColumnElement[bool]:
    """The condition that it is of the period before: the night given, the whole month, the term."""
    term = select(func.max(Term.starts_on)).where(Term.starts_on < term_start(day).scalar_subquery())
    starts = {
        "day": night.scalar_subquery(),
        "month": add_months(month_start(day), -1),
        "term": term.scalar_subquery(),
    }
    return _begins(model, starts)


def _begins(
    model: type[SchoolIndicator | DistrictIndicator], starts: Mapping[str, Any]
) -> ColumnElement[bool]:
    return or_(
        *(
            and_(model.indicator.in_(codes_of(period)), model.starts_on == starts[period])
            for period in PERIODS
        )
    )


def term_start(day: date) -> Select[date | None]:
    """First day of the term of a day, in holidays of the term before; of the district in scope."""
    return select(func.max(Term.starts_on)).where(Term.starts_on <= day)


def own_figures_as_of(school_id: int, day: date) -> Select[SchoolIndicator]:
    """A school's figures of the day, its month and its term; `as_of` says how far these are counted."""
    return own_figures(school_id).where(in_periods(SchoolIndicator, day))


def targets_of(district_id: int) -> Select[str, date, int | None]:
    """What a district asks for: indicator, from which day, how much; in the order of days."""
    return (
        select(IndicatorTarget.indicator, IndicatorTarget.starts_on, IndicatorTarget.target)
        .where(IndicatorTarget.district_id == district_id)
        .order_by(IndicatorTarget.starts_on)
    )


def own_figure(school_id: int, code: str, day: date) -> Select[SchoolIndicator]:
    """A school's figure of the period in which a day lies."""
    return own_figures_as_of(school_id, day).where(SchoolIndicator.indicator == code)


def last_counted_day(school_id: int) -> Select[date]:
    """The newest day for which a school has figures."""
    return select(func.max(SchoolIndicator.starts_on)).where(
        SchoolIndicator.school_id == school_id, SchoolIndicator.indicator.in_(codes_of("day"))
    )


def own_figures_before(school_id: int, day: date) -> Select[SchoolIndicator]:
    """A school's figures of a counted day at least a month before, of the whole month and the term before."""
    night = last_counted_day(school_id).where(SchoolIndicator.starts_on <= add_months(day, -1))
    return own_figures(school_id).where(in_periods_before(SchoolIndicator, day, night))


def own_history(school_id: int, *, since: date) -> Select[SchoolIndicator]:
    """One figure a month and indicator: of daily indicators the last day that the month has."""
    month = func.date_trunc("month", SchoolIndicator.starts_on)
    return (
        select(SchoolIndicator)
        .where(SchoolIndicator.school_id == school_id, SchoolIndicator.starts_on >= since)
        .ext(distinct_on(SchoolIndicator.indicator, month))
        .order_by(SchoolIndicator.indicator, month, SchoolIndicator.starts_on.desc())
    )
