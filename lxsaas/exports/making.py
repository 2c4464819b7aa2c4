"""The worker's part: makes the file of a job in the name of who asked, as they may see it now."""

import time
import traceback
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from werkzeug.exceptions import HTTPException

from lxsaas.accounts.acting import account_of, acting_as
from lxsaas.accounts.realms import Realm, RealmKind, realm_with_id
from lxsaas.accounts.signed_in import SignedIn
from lxsaas.core.clock import now
from lxsaas.core.errors import NotFoundError, RuleError
from lxsaas.core.scope import Login, looking_up, watching
from lxsaas.exports import actions, ledger, queries
from lxsaas.exports.kinds import KINDS, Kind
from lxsaas.exports.ledger import Claim
from lxsaas.exports.tables import TABLES, Job
from lxsaas.exports.workspace import workspace
from lxsaas.exports.writing import pieces_of
from lxsaas.extensions import db, session_for

PROGRESS_EVERY = 1.0
"""Seconds between two notes of how far the work has come."""
LOOKS = 200
"""Jobs after which one look of the clock ends; the next goes on."""

log = structlog.get_logger()


class RefusedError(Exception):
    """It is no use to try again; the argument is a code of `messages.FAILURES`."""


def realm_of(kind: RealmKind, owner_id: int) -> Realm:
    """The address of a school or district. Raises NotFoundError."""
    with session_for(looking_up(Login.DISTRICT if kind == "district" else Login.SCHOOL)) as session:
        return realm_with_id(session, kind, owner_id)


def make(kind: RealmKind, owner_id: int, job_id: int, data_dir: Path) -> bool:
    """Makes the file of a job that waits; whether this call made it."""
    realm = realm_of(kind, owner_id)
    with session_for(realm.scope) as session:
        claim = ledger.claim_export(session, realm, job_id)
        session.commit()
    if claim is None:
        return False
    try:
        with workspace(data_dir) as folder:
            return _make(claim, folder)
    except RefusedError as refusal:
        _give_up(claim, str(refusal), is_final=True)
    except HTTPException as error:
        # What a page would answer: not yours, or no longer there.
        _give_up(claim, "not_allowed" if error.code == 403 else "not_found", is_final=True)
    except NotFoundError:
        # Removed by who asked, while it was made.
        _give_up(claim, "not_found", is_final=True)
    except RuleError as error:
        _give_up(claim, error.code, is_final=True)
    except SoftTimeLimitExceeded:
        _give_up(claim, "too_long", is_final=True)
    except Exception as error:
        # Without its text and trace where children are named: both may quote a row.
        log.error(
            "export_failed", place=kind, owner_id=owner_id, job_id=job_id, error=type(error).__name__,
            at=traceback.format_list(traceback.extract_tb(error.__traceback__)[-3:]),
        )  # fmt: skip
        _give_up(claim, type(error).__name__)
    return False


def _give_up(claim: Claim, error: str, *, is_final: bool = False) -> None:
    with session_for(claim.realm.scope) as session:
        ledger.give_up(session, claim, error, is_final=is_final)
        session.commit()


def _make(claim: Claim, folder: Path) -> bool:
    """One transaction: reads, keeps the pieces, marks the job done."""
    realm = claim.realm
    with session_for(realm.scope) as session:
        job = session.scalars(queries.job(realm, claim.job_id)).one()
        kind, account = KINDS.get(job.kind), account_of(session, realm, job.staff_id)
        asked = actions.wish_of(session, realm, job)
        if kind is None or asked is None:
            raise RefusedError("not_found")
        if account is None or kind.permission not in SignedIn(account, session_id=None, token="").permissions:
            raise RefusedError("not_allowed")
        language = job.language
    with acting_as(realm, account, language, args=asked.args, form=asked.form):
        held = ledger.hold_export(db.session(), claim)
        if held is None:
            return False
        _write(claim, held, kind, dict(asked.view), folder)
        db.session.commit()
    return True


def _write(claim: Claim, job: Job, kind: Kind, view: dict[str, object], folder: Path) -> None:
    session, realm = db.session(), claim.realm
    reach, password = kind.reach(), actions.password_of(session, realm, job)
    if kind.names_children and password is None:
        # Never a plain file about children, whatever became of the password.
        raise RefusedError("not_found")
    content = kind.content(**view)
    progress = Progress(claim, content.total)
    pieces = pieces_of(
        content, job.form, folder=folder, password=password, step=progress.step,
        at=datetime.now(ZoneInfo(realm.timezone)),
    )  # fmt: skip
    size = ledger.keep_pieces(session, realm, job, pieces)
    if kind.note is not None:
        kind.note(progress.done, **view)
    ledger.finish_export(session, claim, job, kind, byte_count=size, rows=progress.done, reach=reach)


class Progress:
    """Counts rows, and tells the page about once a second."""

    def __init__(self, claim: Claim, total: int) -> None:
        self.claim, self.total, self.done = claim, total, 0
        self._tell()

    def step(self) -> None:
        self.done += 1
        if self.done % 50 == 0 and time.monotonic() - self._told_at > PROGRESS_EVERY:
            self._tell()

    def _tell(self) -> None:
        self._told_at = time.monotonic()
        # A session of its own: the work's transaction shows nothing before its end.
        with session_for(self.claim.realm.scope) as session:
            ledger.note_progress(session, self.claim, self.done, self.total)
            session.commit()


def look_after_all() -> list[tuple[RealmKind, int, int]]:
    """Deletes what is past its time, puts up what killed workers left; the jobs that want a worker.

    Two statements, however many districts there are, and some for each job at which to look.
    """
    at, waiting = now(), []
    for kind in TABLES:
        with session_for(watching()) as session:
            due = session.execute(queries.due(kind, at, LOOKS)).all()
        waiting += [(kind, owner, job_id) for owner, job_id in due if _looked_after(kind, owner, job_id, at)]
    return waiting


def _looked_after(kind: RealmKind, owner_id: int, job_id: int, at: datetime) -> bool:
    try:
        realm = realm_of(kind, owner_id)
        with session_for(realm.scope) as session:
            is_waiting = ledger.look_after(session, realm, job_id, at)
            session.commit()
    except NotFoundError:
        return False
    except Exception:  # Whatever is wrong with one job: the others are looked after.
        log.exception("export_not_looked_after", place=kind, owner_id=owner_id, job_id=job_id)
        return False
    return is_waiting
