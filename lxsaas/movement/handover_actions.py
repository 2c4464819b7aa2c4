"""Files of a class pass to the next homeroom teacher: listed, given, received; both sign (P6)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.core.db import table_of
from lxsaas.core.errors import RuleError
from lxsaas.movement import queries
from lxsaas.movement.models import Handover, HandoverItem
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.queries import enrolled
from lxsaas.registers.actions import refusals_told

_HELD = """
    select pupil.id as pupil_id,
        coalesce(known.basics, false) as basics, coalesce(known.character, false) as character,
        coalesce(known.interests, false) as interests, coalesce(known.health, false) as health,
        coalesce(known.contacts, false) as contacts,
        (select count(*) from care_record one where one.school_id = pupil.school_id
            and one.pupil_id = pupil.id and one.withdrawn_at is null) as records,
        (select count(*) from help_plan one where one.school_id = pupil.school_id
            and one.pupil_id = pupil.id and one.withdrawn_at is null) as plans,
        (select count(*) from exam_result one where one.school_id = pupil.school_id
            and one.pupil_id = pupil.id) as exams
    from pupil
    left join known_spell known on known.school_id = pupil.school_id and known.pupil_id = pupil.id
        and known.starts_on <= :today and (known.ends_on is null or known.ends_on > :today)
    where pupil.id = any (:pupils)
"""
KNOWN = ("basics", "character", "interests", "health", "contacts")


def begin_handover(
    session: Session, *, school_id: int, class_id: int, from_staff: int, to_staff: int, by: int
) -> Handover:
    """Begins the handover of a class; where one is open, names in it who gives and who receives.

    For a colleague may have left before signing. Raises RuleError for the same person on both sides, and for
    another giver where the files were given already.
    """
    if from_staff == to_staff:
        raise RuleError("handover_same", field="to_staff")
    held = queries.open_handover(school_id, class_id).with_for_update()
    handover = session.scalars(held).one_or_none()
    if handover is None:
        handover = Handover(school_id=school_id, class_id=class_id, made_by=by)
    elif handover.given_at is not None and handover.from_staff != from_staff:
        raise RuleError("handover_given", field="from_staff")
    handover.from_staff, handover.to_staff = from_staff, to_staff
    with refusals_told(session, Handover):
        session.add(handover)
        session.flush()
    audit(session, "begin_handover", "handover", handover.id, school_id=school_id, by=by)
    return handover


def give_files(session: Session, handover: Handover, *, today: date, by: int) -> int:
    """The giver signs: what each child's file holds now is written down; how many files."""
    session.refresh(handover, with_for_update=True)
    if by != handover.from_staff:
        raise RuleError("handover_not_yours")
    if handover.given_at is not None:
        return 0
    rows = held(session, handover, today)
    items = [
        {"school_id": handover.school_id, "handover_id": handover.id, "pupil_id": row.pupil_id, "held": what}
        for row, what in ((row, counts(row)) for row in rows)
    ]
    if items:
        session.execute(insert(table_of(HandoverItem)), items)
    handover.given_at = session.scalar(select(func.now()))
    audit(
        session, "sign_handover", "handover", handover.id,
        school_id=handover.school_id, by=by, files=len(items),
    )  # fmt: skip
    session.flush()
    return len(items)


def receive_files(session: Session, handover: Handover, *, by: int) -> None:
    """The receiver signs the list."""
    session.refresh(handover, with_for_update=True)
    if by != handover.to_staff:
        raise RuleError("handover_not_yours")
    if handover.given_at is None:
        raise RuleError("handover_not_given")
    if handover.received_at is None:
        handover.received_at = session.scalar(select(func.now()))
        audit(session, "receive_handover", "handover", handover.id, school_id=handover.school_id, by=by)
        session.flush()


def held(session: Session, handover: Handover, today: date) -> Sequence[Any]:
    """What each file of the class holds now, in one statement."""
    ids = session.scalars(
        select(Pupil.id).where(
            Pupil.school_id == handover.school_id, Pupil.class_id == handover.class_id, enrolled(today)
        )
    ).all()
    return session.execute(text(_HELD), {"pupils": list(ids), "today": today}).all()


def counts(row: Any) -> dict[str, Any]:
    """What is written down of a file: counts, and which of the five things are not known."""
    missing = [one for one in KNOWN if not getattr(row, one)]
    return {"missing": missing, "records": row.records, "plans": row.plans, "exams": row.exams}
