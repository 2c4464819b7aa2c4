"""The way of a job through the ledger: claimed, made, given back, looked after; messages are only hints."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from lxsaas.accounts.realms import Realm
from lxsaas.core.audit import audit
from lxsaas.core.clock import now
from lxsaas.core.crypto import school_cipher
from lxsaas.core.errors import NotFoundError
from lxsaas.exports import queries
from lxsaas.exports.actions import expire_export
from lxsaas.exports.kinds import Kind
from lxsaas.exports.tables import Job, owned_by, tables_of

KEPT_FOR = timedelta(days=7)
"""How long a file of figures can be had: a week's holiday."""
CHILDREN_KEPT_FOR = timedelta(hours=24)
"""How long one that names children can: it is fetched on the day, or the next morning."""
MAX_ATTEMPTS = 3
"""Attempts after which a job has failed: what killed two workers will kill a third."""
GRACE = timedelta(seconds=5)
"""Between a claim's commit and the lock of the work that follows; longer without a lock means killed."""
HINT_AGAIN = timedelta(minutes=1)
"""How long a hint may lie in the broker before another is sent: workers may be busy with a night."""


@dataclass(frozen=True)
class Claim:
    """An attempt at a job, counted and committed."""

    realm: Realm
    job_id: int
    number: uuid.UUID


def claim_export(session: Session, realm: Realm, job_id: int) -> Claim | None:
    """Takes a job that waits and counts the attempt, to be committed before the work; None where taken."""
    table, number = tables_of(realm).job, uuid.uuid4()
    taken = session.scalar(
        update(table)
        .where(getattr(table, tables_of(realm).owner) == realm.id, table.id == job_id)
        .where(table.state == "queued")
        .values(state="running", claim=number, attempts=table.attempts + 1, look_at=func.now() + GRACE)
        .returning(table.id)
    )
    return None if taken is None else Claim(realm, job_id, number)


def hold_export(session: Session, claim: Claim) -> Job | None:
    """The job of a claim, locked as long as the transaction lasts; None where somebody else has it now.

    An advisory lock, not the row's: how far the work has come is written into the row meanwhile.
    """
    session.execute(_LOCK, _lock_key(claim.realm, claim.job_id))
    job = session.scalars(queries.job(claim.realm, claim.job_id)).one_or_none()
    return job if job is not None and job.state == "running" and job.claim == claim.number else None


_LOCK = text("select pg_advisory_xact_lock(hashtext(:table), hashtext(:row))")
_TRY_LOCK = text("select pg_try_advisory_xact_lock(hashtext(:table), hashtext(:row))")


def _lock_key(realm: Realm, job_id: int) -> dict[str, str]:
    return {"table": tables_of(realm).job.__tablename__, "row": f"{realm.id}:{job_id}"}


def note_progress(session: Session, claim: Claim, done: int, total: int) -> None:
    """Shows how far the work has come, in a transaction of its own."""
    table = tables_of(claim.realm)
    session.execute(
        update(table.job)
        .where(getattr(table.job, table.owner) == claim.realm.id, table.job.id == claim.job_id)
        .where(table.job.claim == claim.number)
        .values(rows_done=done, rows_total=total)
    )


def keep_pieces(session: Session, realm: Realm, job: Job, pieces: Iterable[bytes]) -> int:
    """Keeps the file of a job piece by piece, never the whole in memory; how many bytes."""
    table, size = tables_of(realm), 0
    row_id = select(func.nextval(func.pg_get_serial_sequence("export_piece", "id")))
    for number, content in enumerate(pieces):
        values = owned_by(realm) | {"job_id": job.id, "number": number}
        if realm.kind == "school":
            piece_id = session.scalar(row_id) or 0
            sealed = school_cipher(session, realm.id).seal_bytes(
                content, table="export_piece", column="content_sealed", row_id=piece_id
            )
            values |= {"id": piece_id, "content_sealed": sealed}
        else:
            values["content"] = content
        session.execute(insert(table.piece.__table__).values(values))
        size += len(content)
    return size


def finish_export(
    session: Session,
    claim: Claim,
    job: Job,
    kind: Kind,
    *,
    byte_count: int,
    rows: int,
    reach: list[int] | None,
) -> None:
    """Marks a file as made, in the transaction that made it; from now on its clock runs.

    Raises NotFoundError where the person has removed the job meanwhile, or another worker has it.
    """
    session.refresh(job, with_for_update=True)
    if job.claim != claim.number:
        raise NotFoundError("not_found")
    made_at = now()
    job.state, job.claim, job.error = "done", None, None
    job.rows_done = job.rows_total = rows
    job.made_at, job.expires_at = made_at, made_at + (CHILDREN_KEPT_FOR if kind.names_children else KEPT_FOR)
    job.look_at, job.byte_count, job.reach = job.expires_at, byte_count, reach
    _forget_password(job)
    audit(
        session, "create_export", job.__tablename__, job.id,
        **owned_by(claim.realm), by=job.staff_id, kind=kind.code, rows=rows,
    )  # fmt: skip
    session.flush()


def give_up(session: Session, claim: Claim, error: str, *, is_final: bool = False) -> None:
    """Notes a failed attempt by a code; after the last one, or if trying again is no use, the job failed."""
    job = session.scalars(queries.job(claim.realm, claim.job_id).with_for_update()).one_or_none()
    if job is not None and job.state == "running" and job.claim == claim.number:
        _put_back(job, error, is_final=is_final)
        session.flush()


def _put_back(job: Job, error: str, *, is_final: bool = False) -> None:
    job.claim, job.error = None, error
    if is_final or job.attempts >= MAX_ATTEMPTS:
        job.state = "failed"
        job.look_at = job.expires_at = now() + CHILDREN_KEPT_FOR
        _forget_password(job)
    else:
        job.state, job.look_at = "queued", now()


def _forget_password(job: Job) -> None:
    if hasattr(job, "password_sealed"):
        job.password_sealed = None


def look_after(session: Session, realm: Realm, job_id: int, at: datetime) -> bool:
    """What the clock does about a job: deletes its file, puts up what a killed worker left.

    Tells whether a worker should be asked for it. Does nothing where somebody else looks just now.
    """
    row = queries.job(realm, job_id).with_for_update(skip_locked=True)
    job = session.scalars(row, execution_options={"populate_existing": True}).one_or_none()
    if job is None or job.look_at is None or job.look_at > at:
        return False
    if job.state == "running":
        if session.scalar(_TRY_LOCK, _lock_key(realm, job_id)):
            _put_back(job, "abandoned")
        else:
            job.look_at = at + GRACE
    elif job.state in ("done", "failed"):
        expire_export(session, job, by=None)
    is_waiting: bool = job.state == "queued"
    if is_waiting:
        job.look_at = at + HINT_AGAIN
    session.flush()
    return is_waiting
