"""What is done beside entering rows: groups carried over, documents published and read, things done."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.core.changes import note_change
from lxsaas.core.db import table_of
from lxsaas.core.errors import RuleError
from lxsaas.organisation import queries
from lxsaas.organisation.models import (
    ClassActivity,
    DocumentReceipt,
    GroupDecision,
    GroupMember,
    PlanDocument,
)
from lxsaas.registers.actions import add_row, edit_row
from lxsaas.registers.rows import lock_school
from lxsaas.schools.models import Term


def carry_over(session: Session, *, school_id: int, district_id: int, term: Term, by: int) -> int:
    """Gives a term the group of the last term that had one, without who has left; how many members.

    Raises RuleError where the term has members already, or no earlier term has.
    """
    lock_school(session, "leading group", school_id)
    if session.execute(queries.members_of(term.name)).first() is not None:
        raise RuleError("group_there")
    before = session.scalar(queries.group_before(district_id, term))
    if before is None:
        raise RuleError("no_group_before")
    members = [member for member, staff in session.execute(queries.members_of(before)) if staff.is_active]
    for member in members:
        values = {
            "term": term.name, "staff_id": member.staff_id, "position": member.position, "duty": member.duty,
        }  # fmt: skip
        add_row(session, GroupMember, school_id=school_id, values=values, by=by)
    return len(members)


def complete_decision(
    session: Session, decision: GroupDecision, *, outcome: str | None, today: date, by: int
) -> None:
    """Marks a decision done today; raises RuleError where it is so already."""
    if decision.done_on is not None:
        raise RuleError("decision_done")
    values: dict[str, Any] = {"done_on": today}
    if outcome:
        values["outcome"] = outcome[:500]
    edit_row(session, decision, values=values, version=decision.version, by=by)


def publish(
    session: Session, document: PlanDocument, *, version: int, today: date, term: str | None, by: int
) -> int:
    """Puts a document in force and hands a copy to everybody concerned; to how many.

    From then on it changes no more; the edition before it is in force no longer. `version`: the one that was
    seen. Raises RuleError for a document that is published already or has changed since.
    """
    if document.published_on is not None:
        raise RuleError("published_before")
    edit_row(session, document, values={"published_on": today}, version=version, by=by)
    readers = [row.staff_id for row in session.execute(queries.concerned(today, term))]
    if readers:
        rows = [
            {"school_id": document.school_id, "document_id": document.id, "staff_id": one, "handed_on": today}
            for one in readers
        ]
        session.execute(insert(table_of(DocumentReceipt)), rows)
    audit(
        session, "publish_document", "plan_document", document.id,
        school_id=document.school_id, by=by, copies=len(readers),
    )  # fmt: skip
    note_change(session, school_id=document.school_id, starts_on=today, ends_on=None)
    return len(readers)


def begin_edition(session: Session, document: PlanDocument, *, by: int) -> PlanDocument:
    """A draft of the next edition, with the text of this one.

    Raises RuleError where this one is not published, or the next is begun already.
    """
    if document.published_on is None:
        raise RuleError("not_published")
    values = {
        "kind": document.kind, "title": document.title, "body": document.body,
        "edition": document.edition + 1, "series": document.series,
    }  # fmt: skip
    made, _ = add_row(session, PlanDocument, school_id=document.school_id, values=values, by=by)
    return made


def confirm_reading(session: Session, document: PlanDocument, *, today: date, by: int) -> bool:
    """Notes that somebody has read a document in force; whether it is new.

    Who became concerned after the publication gets the copy with it. Raises RuleError for what is not in
    force.
    """
    here = select(PlanDocument.id).where(PlanDocument.id == document.id, queries.in_force())
    if session.scalar(here) is None:
        raise RuleError("newer_edition")
    receipts = table_of(DocumentReceipt)
    session.execute(
        insert(receipts)
        .values(school_id=document.school_id, document_id=document.id, staff_id=by, handed_on=today)
        .on_conflict_do_nothing()
    )
    confirmed = session.scalar(
        update(receipts)
        .where(
            receipts.c.school_id == document.school_id, receipts.c.document_id == document.id,
            receipts.c.staff_id == by, receipts.c.confirmed_on.is_(None),
        )
        .values(confirmed_on=today)
        .returning(receipts.c.id)
    )  # fmt: skip
    if confirmed is not None:
        audit(session, "confirm_reading", "plan_document", document.id, school_id=document.school_id, by=by)
        note_change(session, school_id=document.school_id, starts_on=today, ends_on=None)
    return confirmed is not None


def complete_activity(session: Session, activity: ClassActivity, *, today: date, by: int) -> None:
    """Notes that a class did what was planned: today, or on the Friday of a week that is over.

    Who taps twice changes nothing, nor the day that was entered. Raises RuleError for a week to come.
    """
    if activity.held_on is not None:
        return
    held_on = min(today, activity.week_on + timedelta(days=4))
    if activity.week_on > today:
        raise RuleError("in_future", field="held_on")
    values = {"held_on": held_on, "done": activity.done or activity.planned}
    edit_row(session, activity, values=values, version=activity.version, by=by)
    note_change(session, school_id=activity.school_id, starts_on=held_on, ends_on=None)
