"""The ledger of runs: starting them, claiming their units, giving units back; one transaction each."""

import uuid
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import case, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.core.errors import RuleError
from lxsaas.indicators import queries
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.models import IndicatorRun, IndicatorTarget, IndicatorUnit

MAX_ATTEMPTS = 5
"""Claims after which a unit counts as dead and is shown instead of tried."""
ALONE_AFTER = 2
"""Attempts after which a unit is claimed alone: a school that kills its worker takes no others along."""
MADE_UP_FOR = timedelta(days=62)
"""The longest gap of nights that the next one makes up for; a longer one is a backfill's."""
GRACE = timedelta(seconds=5)
"""Between a claim's commit and the lock of the work that follows; longer without a lock means killed."""


def start_night(session: Session, *, district_id: int, as_of: date, school_ids: Sequence[int]) -> int | None:
    """The night's own run, number 0; None where some beat has started it already.

    Nights that were missed are made up for: the run computes their days as well.
    """
    last = session.scalar(select(func.max(IndicatorRun.as_of)).where(IndicatorRun.as_of < as_of))
    values = {
        "district_id": district_id, "as_of": as_of, "schools_expected": len(school_ids),
        "since": last + timedelta(days=1) if last and as_of - last <= MADE_UP_FOR else None,
    }  # fmt: skip
    run_id = session.scalar(
        upsert(IndicatorRun)
        .values(values | {"number": 0})
        .on_conflict_do_nothing()
        .returning(IndicatorRun.id)
    )
    return None if run_id is None else _add_units(session, run_id, school_ids)


def start_run(
    session: Session,
    *,
    district_id: int,
    as_of: date,
    school_ids: Sequence[int],
    since: date | None = None,
    is_full: bool = False,
) -> int:
    """A run that somebody asked for; it gets the next number of its day."""
    # Two people asking at once must not get the same number.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"run:{district_id}"))))
    number = select(func.coalesce(func.max(IndicatorRun.number), 0) + 1).where(
        IndicatorRun.district_id == district_id, IndicatorRun.as_of == as_of
    )
    run = IndicatorRun(
        district_id=district_id,
        as_of=as_of,
        since=since,
        is_full=is_full,
        number=session.scalar(number),
        schools_expected=len(school_ids),
    )
    session.add(run)
    session.flush()
    return _add_units(session, run.id, school_ids)


def _add_units(session: Session, run_id: int, school_ids: Sequence[int]) -> int:
    added = text(
        "insert into indicator_unit (school_id, run_id) select unnest(cast(:schools as bigint[])), :run_id"
    )
    session.execute(added, {"schools": list(school_ids), "run_id": run_id})
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
        select(IndicatorUnit.school_id, IndicatorUnit.attempts)
        .where(IndicatorUnit.run_id == run_id, IndicatorUnit.state == "pending")
        .order_by(IndicatorUnit.attempts, IndicatorUnit.school_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    units = session.execute(pending).all()
    chosen = [unit.school_id for unit in units if unit.attempts < ALONE_AFTER] or [
        unit.school_id for unit in units[:1]
    ]
    session.execute(
        update(IndicatorUnit)
        .where(IndicatorUnit.run_id == run_id, IndicatorUnit.school_id == queries.one_of(chosen))
        .values(state="claimed", claim=claim, claimed_at=func.now(), attempts=IndicatorUnit.attempts + 1)
    )
    return claim, sorted(chosen)


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


def give_up_unit(session: Session, *, run_id: int, school_id: int, claim: uuid.UUID, error: str) -> None:
    """Notes a failed attempt by the error's class; after the last attempt the unit is dead.

    Does nothing where somebody else has claimed the unit since.
    """
    _give_back(session, run_id, [school_id], error=error, claim=claim)


def _give_back(
    session: Session,
    run_id: int,
    school_ids: Sequence[int],
    *,
    error: str,
    claim: uuid.UUID | None = None,
) -> int:
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
    if claim is not None:
        given = given.where(IndicatorUnit.claim == claim)
    return len(session.scalars(given).all())


def set_target(
    session: Session, *, district_id: int, code: str, target: int | None, since: date, by: int | None
) -> None:
    """What the district asks for from a day on; None: nothing. Periods before the day keep theirs.

    Raises RuleError for an unknown indicator, and for a target outside 0 to 100.
    """
    if code not in INDICATORS:
        raise RuleError("indicator_unknown", field="code", code=code)
    if target is not None and not 0 <= target <= 100:
        raise RuleError("target_range", field="target")
    values = {"district_id": district_id, "indicator": code, "starts_on": since}
    session.execute(
        upsert(IndicatorTarget)
        .values(values | {"target": target, "set_by": by})
        .on_conflict_do_update(index_elements=list(values), set_={"target": target, "set_by": by})
    )
    audit(
        session, "set_target", "indicator_target", None,
        district_id=district_id, by=by, indicator=code, since=since.isoformat(), target=target,
    )  # fmt: skip
