"""What may be done with a case: opened, reviewed, handed over, opened to a principal by name, closed."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.core.changes import note_change
from lxsaas.core.errors import RuleError
from lxsaas.counselling import checks
from lxsaas.counselling.models import CaseReader, CaseRisk, CounsellingCase, LetterboxLetter
from lxsaas.counselling.queries import COUNSELLOR_ROLES, PRINCIPAL_ROLES
from lxsaas.pupils.assignments import assign_pupil
from lxsaas.pupils.models import Pupil
from lxsaas.registers.actions import add_row, edit_row, hold_row, refusals_told

_TABLE = "counselling_case"


def open_case(
    session: Session,
    *,
    pupil: Pupil,
    risk: int,
    opened_on: date,
    review_on: date,
    reason: str,
    letter: LetterboxLetter | None = None,
    client_key: UUID | None = None,
    by: int,
) -> CounsellingCase:
    """Opens a case of a child, which from then on is within the counsellor's reach.

    `letter`: what the child wrote, read from then on by this counsellor only. Raises RuleError with the field
    concerned, also where the child has an open case already.
    """
    day = checks.today(session, pupil.school_id)
    level = checks.checked_risk(risk)
    checks.check_opening(pupil, opened_on, day)
    checks.check_review(review_on, day)
    values = {
        "pupil_id": pupil.id, "counsellor_id": by, "opened_on": opened_on, "risk": int(level),
        "risk_since": opened_on, "review_on": review_on, "reason": checks.checked_text(reason, "reason"),
    }  # fmt: skip
    case, made = add_row(
        session, CounsellingCase, school_id=pupil.school_id, values=values, client_key=client_key, by=by
    )
    if not made:
        return case
    session.add(
        CaseRisk(
            school_id=case.school_id,
            case_id=case.id,
            pupil_id=pupil.id,
            level=int(level),
            starts_on=opened_on,
        )
    )
    _let_see(session, case)
    note_change(session, school_id=case.school_id, starts_on=opened_on, ends_on=None)
    if letter is not None:
        move_letter(session, letter, case, version=letter.version, by=by)
    session.flush()
    return case


def review_case(
    session: Session, case: CounsellingCase, *, risk: int, review_on: date, reason: str, version: int, by: int
) -> None:
    """Sets risk, next review and reason anew; what stood there is kept.

    A new level counts from today on. Raises RuleError with the field, for a stale version, a closed case.
    """
    day = checks.today(session, case.school_id)
    level = checks.checked_risk(risk)
    _hold_open(session, case, version)
    # A review that is due may stay as it is while only the reason is mended.
    if review_on != case.review_on:
        checks.check_review(review_on, day)
    values = {
        "risk": int(level), "review_on": review_on, "reason": checks.checked_text(reason, "reason"),
        "risk_since": case.risk_since if level == case.risk else day,
    }  # fmt: skip
    has_changed = level != case.risk
    edit_row(session, case, values=values, version=version, by=by)
    if has_changed:
        _change_level(session, case, int(level), day)
        note_change(session, school_id=case.school_id, starts_on=day, ends_on=None)
    session.flush()


def close_case(session: Session, case: CounsellingCase, *, outcome: str, version: int, by: int) -> None:
    """Ends a case today with what came of it; the child is no longer in the counsellor's reach by it."""
    day = checks.today(session, case.school_id)
    _hold_open(session, case, version)
    values = {"closed_on": day, "outcome": checks.checked_text(outcome, "outcome")}
    edit_row(session, case, values=values, version=version, by=by)
    current = _current_level(session, case)
    if current is not None:
        current.ends_on = day
    _let_see(session, case)
    note_change(session, school_id=case.school_id, starts_on=day, ends_on=None)
    audit(
        session, "close_case", _TABLE, case.id, school_id=case.school_id, by=by, pupil_id=case.pupil_id
    )  # fmt: skip
    session.flush()


def hand_over_case(session: Session, case: CounsellingCase, *, staff_id: int, version: int, by: int) -> None:
    """Gives a case to another counsellor; who had it sees it no more.

    Raises RuleError for somebody who is no active counsellor, and for a stale version.
    """
    checks.check_staff(session, staff_id, COUNSELLOR_ROLES, "handover_to")
    if staff_id == case.counsellor_id:
        raise RuleError("handover_to", field="staff_id")
    edit_row(session, case, values={"counsellor_id": staff_id}, version=version, by=by)
    _let_see(session, case)
    audit(
        session, "hand_over_case", _TABLE, case.id,
        school_id=case.school_id, by=by, pupil_id=case.pupil_id, staff_id=staff_id,
    )  # fmt: skip
    session.flush()


def hand_over_all(session: Session, *, school_id: int, from_id: int, staff_id: int, by: int) -> int:
    """Gives all cases of somebody who counsels no more to a counsellor, unread; returns how many.

    Raises RuleError while that person still counsels: then only they hand over.
    """
    checks.check_staff(session, staff_id, COUNSELLOR_ROLES, "handover_to")
    try:
        checks.check_staff(session, from_id, COUNSELLOR_ROLES, "handover_from")
    except RuleError:
        pass
    else:
        raise RuleError("handover_from", field="staff_id")
    mine = select(CounsellingCase).where(
        CounsellingCase.school_id == school_id, CounsellingCase.counsellor_id == from_id
    )
    cases = session.scalars(mine.order_by(CounsellingCase.id)).all()
    for case in cases:
        hand_over_case(session, case, staff_id=staff_id, version=case.version, by=by)
    return len(cases)


def open_case_to(
    session: Session, case: CounsellingCase, *, staff_id: int, last_day: date, by: int
) -> CaseReader:
    """Lets a principal read a case, by name, until the end of `last_day`.

    Raises RuleError for anybody else, a day in the past or more than a year ahead, and while it is open to
    this person already.
    """
    day = checks.today(session, case.school_id)
    checks.check_staff(session, staff_id, PRINCIPAL_ROLES, "reader_not_principal")
    if not day <= last_day <= day + checks.YEAR:
        raise RuleError("reader_until", field="last_day")
    reader = CaseReader(
        school_id=case.school_id, case_id=case.id, staff_id=staff_id, opened_by=by,
        starts_on=day, ends_on=last_day + timedelta(days=1),
    )  # fmt: skip
    with refusals_told(session, CaseReader):
        session.add(reader)
        session.flush()
    audit(
        session, "open_case_to", _TABLE, case.id,
        school_id=case.school_id, by=by, pupil_id=case.pupil_id, staff_id=staff_id,
    )  # fmt: skip
    return reader


def end_reading(session: Session, case: CounsellingCase, reader: CaseReader, *, by: int) -> None:
    """Takes the sight of a case from somebody at once."""
    reader.ends_on = min(reader.ends_on, checks.today(session, case.school_id))
    audit(
        session, "end_reading", _TABLE, case.id,
        school_id=case.school_id, by=by, pupil_id=case.pupil_id, staff_id=reader.staff_id,
    )  # fmt: skip
    session.flush()


def move_letter(
    session: Session, letter: LetterboxLetter, case: CounsellingCase, *, version: int, by: int
) -> None:
    """Puts a letter to a case: from then on only the case's counsellor reads it, and answers.

    Raises RuleError for a letter that belongs to a case already, and for a stale version.
    """
    session.refresh(letter, with_for_update=True)
    if letter.case_id is not None:
        raise RuleError("letter_taken")
    if letter.version != version:
        raise RuleError("letter_stale")
    letter.case_id, letter.version = case.id, letter.version + 1
    audit(
        session, "move_letter", "letterbox_letter", letter.id,
        school_id=case.school_id, by=by, pupil_id=case.pupil_id, case_id=case.id,
    )  # fmt: skip
    session.flush()


def _hold_open(session: Session, case: CounsellingCase, version: int) -> None:
    hold_row(session, case, version)
    if case.closed_on is not None:
        raise RuleError("case_closed")


def _current_level(session: Session, case: CounsellingCase) -> CaseRisk | None:
    query = select(CaseRisk).where(
        CaseRisk.school_id == case.school_id, CaseRisk.case_id == case.id, CaseRisk.ends_on.is_(None)
    )
    return session.scalars(query).one_or_none()


def _change_level(session: Session, case: CounsellingCase, level: int, day: date) -> None:
    current = _current_level(session, case)
    if current is not None and current.starts_on == day:
        # A day has one level, the last that it was given; the first stays in the case's history.
        current.level = level
        return
    if current is not None:
        current.ends_on = day
        session.flush()
    session.add(
        CaseRisk(
            school_id=case.school_id, case_id=case.id, pupil_id=case.pupil_id, level=level, starts_on=day
        )
    )


def _let_see(session: Session, case: CounsellingCase) -> None:
    """The child's page is within the reach of the case's counsellor while the case is open."""
    assign_pupil(
        session, school_id=case.school_id, pupil_id=case.pupil_id, staff_id=case.counsellor_id,
        subject=_TABLE, subject_id=case.id, starts_on=case.opened_on, ends_on=case.closed_on,
    )  # fmt: skip
