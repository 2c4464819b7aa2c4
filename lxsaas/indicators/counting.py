"""Counts the schools of a claim: which periods, and their rows replaced; the caller commits once."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, func, select, text, tuple_, update
from sqlalchemy.orm import Session

from lxsaas.core.changes import ChangeLog
from lxsaas.core.clock import month_end, month_start
from lxsaas.indicators import queries
from lxsaas.indicators.definitions import INDICATORS, codes_of, counting_sql
from lxsaas.indicators.models import IndicatorRun, IndicatorUnit, SchoolIndicator
from lxsaas.schools.models import District


@dataclass(frozen=True)
class Period:
    """What is counted anew: these indicators as of a day, with the month's records up to it."""

    codes: tuple[str, ...]
    as_of: date


def count_claimed(session: Session, *, district_id: int, run_id: int, as_of: date, claim: uuid.UUID) -> int:
    """Counts the schools of a claim, replaces their rows and marks them done; how many they were.

    Beside the running day and month, closed periods are counted where something changed in them, and months
    whose last count came before their end (a night was missed, or a past day was asked for in between).
    How many statements that takes depends on the periods, not on how many schools or records there are.
    """
    held = (
        select(IndicatorUnit.school_id)
        .where(IndicatorUnit.run_id == run_id, IndicatorUnit.claim == claim, IndicatorUnit.state == "claimed")
        .with_for_update()
    )
    schools = sorted(session.scalars(held))
    if not schools:
        return 0
    definition = session.scalar(select(District.care_definition).where(District.id == district_id))
    known = session.scalars(queries.known_days()).all()
    is_night = session.scalar(select(IndicatorRun.number).where(IndicatorRun.id == run_id)) == 0
    month_to = _months(known)[month_start(as_of)] if is_night else as_of
    for period, members in _periods(session, schools, as_of, month_to, known).items():
        _replace(session, period, members, run_id=run_id, definition=str(definition))
    session.execute(
        update(IndicatorUnit)
        .where(IndicatorUnit.run_id == run_id, IndicatorUnit.claim == claim)
        .values(state="done", claim=None, error=None, finished_at=func.now())
    )
    return len(schools)


def _periods(
    session: Session, schools: Sequence[int], as_of: date, month_to: date, known: Sequence[date]
) -> Mapping[Period, list[int]]:
    """What to count for which schools, for a run of the day `as_of` in a month counted up to `month_to`.

    A run that somebody asked for counts the month up to its own day. The night never takes a month back: it
    may come after a run of the new day, and pages would lack the month until the night after.
    """
    wanted: dict[Period, set[int]] = defaultdict(set)
    # Day and month together read the pupils once.
    for period in [_both(as_of)] if month_to == as_of else [_day(as_of), _month(month_to)]:
        wanted[period].update(schools)
    # Taken away here, in the transaction that counts them; what commits later stays for the next run.
    changes = session.execute(
        delete(ChangeLog)
        .where(ChangeLog.school_id.in_(schools))
        .returning(ChangeLog.school_id, ChangeLog.starts_on, ChangeLog.ends_on)
    ).all()
    if not changes:
        known = []
    for day in known:
        touched = {
            change.school_id
            for change in changes
            if change.starts_on <= day and (change.ends_on is None or change.ends_on >= day)
        }
        if touched and day != as_of:
            wanted[_day(day)].update(touched)
    for first, last in _months(known).items():
        touched = {
            change.school_id
            for change in changes
            if change.starts_on <= month_end(first) and (change.ends_on is None or change.ends_on >= first)
        }
        if touched and first != month_start(as_of):
            wanted[_month(last)].update(touched)
    for school_id, first in _unfinished_months(session, schools, as_of):
        wanted[_month(month_end(first))].add(school_id)
    return {period: sorted(members) for period, members in wanted.items()}


def _day(day: date) -> Period:
    return Period(codes_of("day"), day)


def _month(last: date) -> Period:
    return Period(codes_of("month"), last)


def _both(day: date) -> Period:
    return Period((*codes_of("day"), *codes_of("month")), day)


def _months(known: Iterable[date]) -> Mapping[date, date]:
    """The months of the known days, each with its last day to count: its end once a later one is known."""
    days = sorted(known)
    return {
        month_start(day): month_end(day) if month_start(days[-1]) > month_start(day) else days[-1]
        for day in days
    }


def _unfinished_months(session: Session, schools: Sequence[int], as_of: date) -> Sequence[tuple[int, date]]:
    """Months before the running one whose rows were counted before their last day."""
    last_day = func.date(SchoolIndicator.starts_on + text("interval '1 month - 1 day'"))
    rows = session.execute(
        select(SchoolIndicator.school_id, SchoolIndicator.starts_on)
        .where(
            SchoolIndicator.school_id.in_(schools),
            SchoolIndicator.indicator == codes_of("month")[0],
            SchoolIndicator.starts_on < month_start(as_of),
            SchoolIndicator.as_of < last_day,
        )
        .distinct()
    )
    return [(row.school_id, row.starts_on) for row in rows]


def _replace(
    session: Session, period: Period, schools: Sequence[int], *, run_id: int, definition: str
) -> None:
    first = month_start(period.as_of)
    starts = [(code, first if INDICATORS[code].period == "month" else period.as_of) for code in period.codes]
    session.execute(
        delete(SchoolIndicator).where(
            SchoolIndicator.school_id.in_(schools),
            tuple_(SchoolIndicator.indicator, SchoolIndicator.starts_on).in_(starts),
        )
    )
    session.execute(
        text(counting_sql(period.codes)),
        {
            "schools": list(schools),
            "as_of": period.as_of,
            "month_start": first,
            "care_definition": definition,
            "run_id": run_id,
        },
    )
