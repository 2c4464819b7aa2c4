"""The ledger of runs, the counting of a batch, the publishing of a district: one transaction each."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import case, delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from lxsaas.core.changes import ChangeLog
from lxsaas.core.clock import month_end, month_start
from lxsaas.indicators import queries
from lxsaas.indicators.definitions import codes_of, counting_sql
from lxsaas.indicators.models import IndicatorRun, IndicatorUnit, SchoolIndicator
from lxsaas.schools.models import District

MAX_ATTEMPTS = 5
"""Claims after which a unit counts as dead and is shown instead of tried."""
GRACE = timedelta(seconds=5)
"""Between a claim's commit and the lock of the work that follows; longer without a lock means killed."""


@dataclass(frozen=True)
class Period:
    """What is counted anew: rows that start on `starts_on`, with records up to `as_of`."""

    codes: tuple[str, ...]
    starts_on: date
    period_start: date
    as_of: date


def start_night(session: Session, *, district_id: int, as_of: date, school_ids: Sequence[int]) -> int | None:
    """The night's own run, number 0; None where some beat has started it already."""
    values = {"district_id": district_id, "as_of": as_of, "schools_expected": len(school_ids)}
    run_id = session.scalar(
        upsert(IndicatorRun)
        .values(values | {"number": 0})
        .on_conflict_do_nothing()
        .returning(IndicatorRun.id)
    )
    return None if run_id is None else _add_units(session, run_id, school_ids)


def start_run(session: Session, *, district_id: int, as_of: date, school_ids: Sequence[int]) -> int:
    """A run that somebody asked for; it gets the next number of its day."""
    # Two people asking at once must not get the same number.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"run:{district_id}"))))
    number = select(func.coalesce(func.max(IndicatorRun.number), 0) + 1).where(
        IndicatorRun.district_id == district_id, IndicatorRun.as_of == as_of
    )
    run = IndicatorRun(
        district_id=district_id,
        as_of=as_of,
        number=session.scalar(number),
        schools_expected=len(school_ids),
    )
    session.add(run)
    session.flush()
    return _add_units(session, run.id, school_ids)


def _add_units(session: Session, run_id: int, school_ids: Sequence[int]) -> int:
    if school_ids:
        session.execute(
            insert(IndicatorUnit), [{"school_id": school_id, "run_id": run_id} for school_id in school_ids]
        )
    return run_id


def claim_units(
    session: Session, *, district_id: int, run_id: int, limit: int
) -> tuple[uuid.UUID, Sequence[int]]:
    """Takes up to `limit` pending units and counts the attempt; to be committed before the work begins.

    Gives none while an older run of the district is at work: two runs would replace each other's rows.
    """
    claim = uuid.uuid4()
    if session.scalar(queries.oldest_running_run(district_id)) != run_id:
        return claim, []
    pending = (
        select(IndicatorUnit.school_id)
        .where(IndicatorUnit.run_id == run_id, IndicatorUnit.state == "pending")
        .order_by(IndicatorUnit.school_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = (
        update(IndicatorUnit)
        .where(IndicatorUnit.run_id == run_id, IndicatorUnit.school_id.in_(session.scalars(pending).all()))
        .values(
            state="claimed", claim=claim, claimed_at=func.now(), attempts=IndicatorUnit.attempts + 1
        )
        .returning(IndicatorUnit.school_id)
    )  # fmt: skip
    return claim, sorted(session.scalars(taken))


def release_abandoned(session: Session, *, run_id: int) -> int:
    """Puts up again what a killed worker had claimed; how many units, dead ones among them.

    A worker holds the row lock of what it works on: a claimed row that can be locked has nobody at work.
    """
    abandoned = (
        select(IndicatorUnit.school_id)
        .where(
            IndicatorUnit.run_id == run_id,
            IndicatorUnit.state == "claimed",
            IndicatorUnit.claimed_at < func.now() - GRACE,
        )
        .with_for_update(skip_locked=True)
    )
    ids = session.scalars(abandoned).all()
    return _give_back(session, run_id, ids, error="abandoned") if ids else 0


def give_up_unit(session: Session, *, run_id: int, school_id: int, error: str) -> None:
    """Notes a failed attempt by the error's class; after the last attempt the unit is dead."""
    _give_back(session, run_id, [school_id], error=error)


def _give_back(session: Session, run_id: int, school_ids: Sequence[int], *, error: str) -> int:
    state = case((IndicatorUnit.attempts >= MAX_ATTEMPTS, "dead"), else_="pending")
    given = (
        update(IndicatorUnit)
        .where(
            IndicatorUnit.run_id == run_id,
            IndicatorUnit.school_id.in_(school_ids),
            IndicatorUnit.state == "claimed",
        )
        .values(state=state, claim=None, error=error)
        .returning(IndicatorUnit.school_id)
    )
    return len(session.scalars(given).all())


def count_claimed(session: Session, *, district_id: int, run_id: int, as_of: date, claim: uuid.UUID) -> int:
    """Counts the schools of a claim, replaces their rows and marks them done; how many they were.

    Beside the running day and month, closed periods are counted where something changed in them, and months
    whose last count came before their end (a night was missed, or a past day was asked for in between).
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
    for period, members in _periods(session, schools, as_of).items():
        _replace(session, period, members, run_id=run_id, definition=str(definition))
    session.execute(
        update(IndicatorUnit)
        .where(IndicatorUnit.run_id == run_id, IndicatorUnit.claim == claim)
        .values(state="done", claim=None, error=None, finished_at=func.now())
    )
    return len(schools)


def _periods(session: Session, schools: Sequence[int], as_of: date) -> Mapping[Period, list[int]]:
    """What to count for which schools."""
    wanted: dict[Period, set[int]] = defaultdict(set)
    wanted[_day(as_of)].update(schools)
    wanted[_month(month_start(as_of), as_of)].update(schools)
    # Taken away here, in the transaction that counts them; what commits later stays for the next run.
    changes = session.execute(
        delete(ChangeLog)
        .where(ChangeLog.school_id.in_(schools))
        .returning(ChangeLog.school_id, ChangeLog.starts_on, ChangeLog.ends_on)
    ).all()
    known = session.scalars(queries.known_days()).all() if changes else []
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
            wanted[_month(first, last)].update(touched)
    for school_id, first in _unfinished_months(session, schools, as_of):
        wanted[_month(first, month_end(first))].add(school_id)
    return {period: sorted(members) for period, members in wanted.items()}


def _day(day: date) -> Period:
    return Period(codes_of("day"), day, day, day)


def _month(first: date, as_of: date) -> Period:
    return Period(codes_of("month"), first, first, as_of)


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
    session.execute(
        delete(SchoolIndicator).where(
            SchoolIndicator.school_id.in_(schools),
            SchoolIndicator.indicator.in_(period.codes),
            SchoolIndicator.starts_on == period.starts_on,
        )
    )
    session.execute(
        text(counting_sql(period.codes)),
        {
            "schools": list(schools),
            "as_of": period.as_of,
            "period_start": period.period_start,
            "starts_on": period.starts_on,
            "care_definition": definition,
            "run_id": run_id,
        },
    )
