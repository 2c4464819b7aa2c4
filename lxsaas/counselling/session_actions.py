"""What may be done with a talk of a case: recorded, mended, withdrawn; its care record follows it."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lxsaas.care.actions import record_care
from lxsaas.care.changes import edit_care, withdraw_care
from lxsaas.care.details import Detail
from lxsaas.care.models import CareKind, CareRecord
from lxsaas.core.errors import RuleError
from lxsaas.counselling import checks
from lxsaas.counselling.models import CounsellingCase, CounsellingSession
from lxsaas.pupils.models import Pupil
from lxsaas.registers.actions import add_row, edit_row, withdraw_row

LONGEST_MINUTES = 600
_UNTOLD = "–"
"""Stands as the reason in the care record's history: the real one is confidential."""


def record_session(
    session: Session,
    case: CounsellingCase,
    *,
    held_on: date,
    minutes: int,
    account: str,
    client_key: UUID | None = None,
    by: int,
) -> CounsellingSession:
    """Records a talk of an open case, and the care that it is: a record of kind counselling without a text.

    Sent twice under one `client_key` it is one talk. Raises RuleError with the field concerned.
    """
    session.refresh(case, with_for_update=True)
    known = _sent_before(session, case, client_key)
    if known is not None:
        return known
    if case.closed_on is not None:
        raise RuleError("case_closed")
    if case.counsellor_id != by:
        raise RuleError("case_not_yours")
    values = {
        "case_id": case.id, "pupil_id": case.pupil_id, "held_on": held_on,
        "minutes": _checked_minutes(minutes), "account": checks.checked_text(account, "account"),
    }  # fmt: skip
    pupil = session.get_one(Pupil, (case.school_id, case.pupil_id))
    try:
        (care_record_id,) = record_care(
            session, pupils=[pupil], kind=CareKind.COUNSELLING, occurred_on=held_on, by=by
        )
    except RuleError as error:
        raise _at_field(error) from error
    made, _ = add_row(
        session, CounsellingSession, school_id=case.school_id,
        values=values | {"care_record_id": care_record_id}, client_key=client_key, by=by,
    )  # fmt: skip
    return made


def edit_session(
    session: Session,
    held: CounsellingSession,
    *,
    held_on: date,
    minutes: int,
    account: str,
    version: int,
    by: int,
) -> None:
    """Mends a talk, keeps what stood there, and moves its care record with it to another day."""
    values = {
        "held_on": held_on,
        "minutes": _checked_minutes(minutes),
        "account": checks.checked_text(account, "account"),
    }
    changed = edit_row(session, held, values=values, version=version, by=by)
    care = session.get_one(CareRecord, (held.school_id, held.care_record_id))
    if "held_on" not in changed or care.withdrawn_at is not None:
        return
    try:
        edit_care(
            session, care, kind=CareKind.COUNSELLING, occurred_on=held_on, note=None, detail=Detail(),
            version=care.version, by=by,
        )  # fmt: skip
    except RuleError as error:
        raise _at_field(error) from error


def withdraw_session(
    session: Session, held: CounsellingSession, *, version: int, reason: str, by: int
) -> None:
    """Takes a talk back: it counts nowhere any more, and stays to be seen with the reason."""
    withdraw_row(session, held, version=version, reason=reason, by=by)
    care = session.get_one(CareRecord, (held.school_id, held.care_record_id))
    if care.withdrawn_at is None:
        withdraw_care(session, care, version=care.version, reason=_UNTOLD, by=by)
    session.flush()


def _sent_before(
    session: Session, case: CounsellingCase, client_key: UUID | None
) -> CounsellingSession | None:
    if client_key is None:
        return None
    query = select(CounsellingSession).where(
        CounsellingSession.school_id == case.school_id, CounsellingSession.client_key == client_key
    )
    return session.scalars(query).one_or_none()


def _checked_minutes(minutes: int | None) -> int:
    if minutes is None or not 1 <= minutes <= LONGEST_MINUTES:
        raise RuleError("session_minutes", field="minutes", limit=LONGEST_MINUTES)
    return minutes


def _at_field(error: RuleError) -> RuleError:
    """What the care record refuses, said at the field of the talk's form."""
    if error.code == "care_not_enrolled":
        return RuleError("case_not_enrolled", field="held_on")
    return RuleError(error.code, field="held_on", **error.params)
