"""Works the ledger: each step opens its own scope and commits; anything may be killed between two steps."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from lxsaas.core import clock
from lxsaas.core.scope import Login, aggregating, looking_up
from lxsaas.extensions import session_for
from lxsaas.indicators import actions, counting, publishing, queries, statements
from lxsaas.indicators.models import IndicatorRun

BATCH = 100
"""Schools a claim: set-based work, and one message each (planning a statement costs what five schools do)."""
UNIT_STATES = ("pending", "claimed", "done", "dead")
NIGHT_HOUR = timedelta(hours=1, minutes=10)
"""When a district's night begins, on its own clock: yesterday is complete then."""

log = structlog.get_logger()


def districts() -> Sequence[tuple[int, str]]:
    """Id and time zone of every district."""
    with session_for(looking_up(Login.AGGREGATOR)) as session:
        return [(row[0], row[1]) for row in session.execute(queries.district_ids())]


def schools_of(district_id: int) -> list[int]:
    with session_for(aggregating(district_id, ())) as session:
        return list(session.scalars(queries.school_ids_of(district_id)))


@contextmanager
def ledger(district_id: int, schools: Sequence[int]) -> Iterator[Session]:
    """A session, for one transaction, that sees the district's runs and the units of these schools."""
    with session_for(aggregating(district_id, schools)) as session:
        session.execute(text(statements.SETTINGS))
        yield session


def night_of(timezone: str, now: datetime) -> date:
    """The day whose night it is time to compute: yesterday from 01:10 on, else the day before."""
    return clock.today(timezone, at=now - NIGHT_HOUR) - timedelta(days=1)


def begin_night(district_id: int, as_of: date) -> int | None:
    """Starts the night's run unless it was started; its id if this call did."""
    schools = schools_of(district_id)
    with ledger(district_id, schools) as session:
        run_id = actions.start_night(session, district_id=district_id, as_of=as_of, school_ids=schools)
        session.commit()
    return run_id


def begin_run(district_id: int, as_of: date, *, since: date | None = None, full: bool = False) -> int:
    """Starts a run that somebody asked for: of a day, or of all days from `since` to it.

    `full` computes each school, also where nothing can differ from its last count.
    """
    schools = schools_of(district_id)
    with ledger(district_id, schools) as session:
        run_id = actions.start_run(
            session, district_id=district_id, as_of=as_of, since=since, is_full=full, school_ids=schools
        )
        session.commit()
    return run_id


def running_run(district_id: int) -> int | None:
    """The run whose turn it is, if any is at work."""
    with session_for(aggregating(district_id, ())) as session:
        return session.scalar(queries.oldest_running_run(district_id))


def pending_batches(district_id: int, run_id: int) -> int:
    """How many batches are pending, after units of killed workers were put up again."""
    with ledger(district_id, schools_of(district_id)) as session:
        released = actions.release_abandoned(session, run_id=run_id)
        pending = session.scalar(queries.units_in(run_id, "pending")) or 0
        session.commit()
    if released:
        log.warning("units_released", district_id=district_id, run_id=run_id, units=released)
    return -(-pending // BATCH)


@dataclass(frozen=True)
class Batch:
    """How a batch went, and how its run stands after it."""

    done: int
    """Schools that were counted; 0 where others hold what is left."""
    has_finished: bool
    """Whether this was the last one: the run is published."""
    pending: int
    """Schools that nobody has claimed yet."""


def compute_batch(district_id: int, run_id: int, *, announce: bool = True) -> Batch:
    """Claims a batch, counts it and publishes the run if that was the last.

    A batch that fails is counted school by school, so that one bad school does not stop the others.
    """
    schools = schools_of(district_id)
    with ledger(district_id, schools) as session:
        claim, claimed = actions.claim_units(session, district_id=district_id, run_id=run_id, limit=BATCH)
        session.commit()
    try:
        done = _count(district_id, run_id, claim, claimed) if claimed else 0
    except Exception as error:
        log.warning("batch_failed", district_id=district_id, run_id=run_id, error=type(error).__name__)
        done = sum(_count_alone(district_id, run_id, claim, school_id) for school_id in claimed)
    with ledger(district_id, schools) as session:
        finished = publishing.finish_run(session, district_id=district_id, run_id=run_id, announce=announce)
        pending = 0 if finished else session.scalar(queries.units_in(run_id, "pending"))
        session.commit()
    if finished and announce:
        log.info("run_finished", district_id=district_id, run_id=run_id)
    return Batch(done, finished, pending or 0)


def _count(district_id: int, run_id: int, claim: UUID, schools: Sequence[int]) -> int:
    with ledger(district_id, schools) as session:
        done = counting.count_claimed(session, district_id=district_id, run_id=run_id, claim=claim)
        session.commit()
    return done


def _count_alone(district_id: int, run_id: int, claim: UUID, school_id: int) -> int:
    """Counts one school of a claim: in its scope the claim's other units do not exist."""
    try:
        return _count(district_id, run_id, claim, [school_id])
    except Exception as error:
        log.exception("unit_failed", district_id=district_id, run_id=run_id, school_id=school_id)
        with ledger(district_id, [school_id]) as session:
            actions.give_up_unit(
                session, run_id=run_id, school_id=school_id, claim=claim, error=type(error).__name__
            )
            session.commit()
        return 0


def work_off(district_id: int, run_id: int, *, announce: bool = True) -> None:
    """Works a run to its end in this process, older runs of the district before it."""
    while (current := running_run(district_id)) is not None and current <= run_id:
        pending_batches(district_id, current)
        while (batch := compute_batch(district_id, current, announce=announce)).done and batch.pending:
            continue
        if not batch.has_finished:
            # Others hold what is left, or their killed worker's grace is not over.
            time.sleep(0.2)


def progress(district_id: int, run_id: int) -> dict[str, int]:
    """How many units of a run are in which state."""
    with ledger(district_id, schools_of(district_id)) as session:
        return {state: session.scalar(queries.units_in(run_id, state)) or 0 for state in UNIT_STATES}


def is_running(district_id: int, run_id: int) -> bool:
    with session_for(aggregating(district_id, ())) as session:
        state = session.scalar(select(IndicatorRun.state).where(IndicatorRun.id == run_id))
    return state == "running"


def run_as_of(district_id: int, as_of: date, *, full: bool = False) -> None:
    """Computes a day in this process and tells nobody: for building up a history."""
    work_off(district_id, begin_run(district_id, as_of, full=full), announce=False)


def months_between(first: date, last: date) -> list[tuple[date, date]]:
    """The months of a stretch of days, each from its first day in it to its last."""
    starts = [first]
    while (after := clock.month_end(starts[-1]) + timedelta(days=1)) <= last:
        starts.append(after)
    return [(start, min(clock.month_end(start), last)) for start in starts]


def backfill_month(district_id: int, since: date, until: date) -> str:
    """Computes each day of a month, resuming what was broken off; 'done before' where it was computed."""
    with session_for(aggregating(district_id, ())) as session:
        found = session.scalars(queries.run_over(district_id, since, until)).first()
        if found is not None and found.state == "done":
            return "done before"
        run_id = found.id if found is not None else None
    if run_id is None:
        run_id = begin_run(district_id, until, since=since)
    work_off(district_id, run_id, announce=False)
    return "computed"
