"""Asking for a file, fetching it, its end; each writes its entry into the log."""

import hashlib

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from lxsaas.accounts.realms import Realm
from lxsaas.core.audit import audit
from lxsaas.core.clock import now
from lxsaas.core.crypto import school_cipher
from lxsaas.core.errors import RuleError
from lxsaas.exports import queries
from lxsaas.exports.asked import Asked
from lxsaas.exports.kinds import KINDS, Kind
from lxsaas.exports.passwords import new_password
from lxsaas.exports.tables import Job, owned_by, tables_of, tables_with

MAX_WAITING = 3
"""Files that a person may wait for: workers make one after the other, and others wait too."""
MAX_KEPT = 20
"""Files of a person that are waiting or ready: a database holds them."""


def request_export(
    session: Session, realm: Realm, kind: Kind, asked: Asked, *, form: str, language: str, by: int
) -> tuple[Job, str | None]:
    """The job of a wish, with the file's password if it gets one.

    The same wish that waits already is the same job, with the same password. Raises RuleError where the
    person waits for too many or keeps too many.
    """
    same_as = _digest(session, realm, f"{kind.code}:{form}:{language}:{asked.text}")
    waiting = queries.own_jobs(realm, by).where(
        tables_of(realm).job.same_as == same_as, tables_of(realm).job.state.in_(queries.WAITING)
    )
    if (held := session.scalars(waiting).one_or_none()) is not None:
        return held, password_of(session, realm, held)
    _check_counts(session, realm, by)
    job_id = session.scalar(
        upsert(tables_of(realm).job)
        .values(**owned_by(realm), staff_id=by, kind=kind.code, form=form, language=language, same_as=same_as)
        .on_conflict_do_nothing()
        .returning(tables_of(realm).job.id)
    )
    if job_id is None:
        # The same form, sent twice at once: the other one's job is there now, or made already.
        return request_export(session, realm, kind, asked, form=form, language=language, by=by)
    job = session.scalars(queries.job(realm, job_id)).one()
    password = new_password() if kind.names_children else None
    _keep_wish(session, realm, job, asked, password)
    audit(session, "request_export", job.__tablename__, job.id, **owned_by(realm), by=by, kind=kind.code)
    session.flush()
    return job, password


def _digest(session: Session, realm: Realm, wish: str) -> bytes:
    if realm.kind == "school":
        return school_cipher(session, realm.id).digest(wish)
    return hashlib.sha256(wish.encode()).digest()


def _check_counts(session: Session, realm: Realm, staff_id: int) -> None:
    waiting, kept = session.execute(queries.counts_of(realm, staff_id)).one()
    if waiting >= MAX_WAITING:
        raise RuleError("exports_waiting", count=waiting)
    if kept >= MAX_KEPT:
        raise RuleError("exports_kept", count=kept)


def _keep_wish(session: Session, realm: Realm, job: Job, asked: Asked, password: str | None) -> None:
    if realm.kind == "district":
        job.wish = {"asked": asked.text}
        return
    cipher = school_cipher(session, realm.id)
    place = {"table": job.__tablename__, "row_id": job.id}
    job.wish_sealed = cipher.seal(asked.text, column="wish_sealed", **place)
    job.password_sealed = cipher.seal(password, column="password_sealed", **place)


def wish_of(session: Session, realm: Realm, job: Job) -> Asked | None:
    """What was asked for; None once it is erased."""
    if realm.kind == "district":
        return Asked.read(job.wish["asked"]) if job.wish else None
    cipher = school_cipher(session, realm.id)
    wish = cipher.open(job.wish_sealed, table=job.__tablename__, column="wish_sealed", row_id=job.id)
    return Asked.read(wish) if wish else None


def password_of(session: Session, realm: Realm, job: Job) -> str | None:
    """The password of a file that is still to be made; None for others."""
    if realm.kind == "district":
        return None
    cipher = school_cipher(session, realm.id)
    return cipher.open(job.password_sealed, table=job.__tablename__, column="password_sealed", row_id=job.id)


def expire_export(session: Session, job: Job, *, by: int | None, why: str | None = None) -> None:
    """Deletes a file and forgets what was asked for; that it was there stays known.

    `why` is a code of `messages.GONE`, where its time was not simply over.
    """
    # Locked: the pieces of a worker that is just done can be seen only once it has committed. Not so that
    # one waits for a worker that is still writing pieces, each of which holds the job's key.
    session.refresh(job, with_for_update={"key_share": True})
    if job.state == "expired":
        return
    table = tables_with(job)
    owner_id = getattr(job, table.owner)
    session.execute(
        delete(table.piece).where(getattr(table.piece, table.owner) == owner_id, table.piece.job_id == job.id)
    )
    job.state, job.claim, job.look_at, job.reach = "expired", None, None, None
    job.error = why or job.error
    if job.expires_at is None or job.expires_at > now():
        job.expires_at = now()
    for name in ("wish", "wish_sealed", "password_sealed"):
        if hasattr(job, name):
            setattr(job, name, None)
    action = "expire_export" if by is None else "remove_export"
    audit(session, action, job.__tablename__, job.id, **{table.owner: owner_id}, by=by, kind=job.kind)
    session.flush()


def forget_files_with_children(session: Session, school_id: int, *, by: int | None) -> None:
    """Deletes every file of a school that may name a child which is forgotten.

    Which children stand in a sealed file is not known, so all go that name any. What is just being made is
    made anew: its worker may have read the child before.
    """
    without = [one.code for one in KINDS.values() if not one.names_children]
    for job in session.scalars(queries.school_jobs_with_files(school_id, without)).all():
        if job.state == "done":
            expire_export(session, job, by=by, why="child_forgotten")
        elif job.state == "running":
            job.state, job.claim, job.look_at = "queued", None, now()
    session.flush()


def note_download(session: Session, realm: Realm, job: Job, *, by: int) -> None:
    """Logs that somebody fetches a file."""
    job.downloads += 1
    audit(session, "download_export", job.__tablename__, job.id, **owned_by(realm), by=by, kind=job.kind)
    session.flush()
