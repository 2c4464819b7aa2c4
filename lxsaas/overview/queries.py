"""One query each for what the page shows: silence, meetings to come, decisions due, plans not read."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, exists, func, literal, select, union_all

from lxsaas.accounts.models import Staff
from lxsaas.activities.family_models import ParentsSession
from lxsaas.activities.models import Activity
from lxsaas.care.models import CareRecord
from lxsaas.organisation.models import DocumentReceipt, GroupDecision, GroupMeeting, PlanDocument
from lxsaas.organisation.queries import concerned, in_force
from lxsaas.overview.definitions import COMING_DAYS, EXPECTED
from lxsaas.pupils.models import Pupil

REACH_BACK = timedelta(days=90)
"""Care records that are looked through for the last one of a class."""


def last_care_by_class(school_id: int, today: date) -> Select[int, date]:
    """(class, day of its last care record of the last quarter)."""
    record, same = CareRecord, (Pupil.school_id == CareRecord.school_id) & (Pupil.id == CareRecord.pupil_id)
    return (
        select(Pupil.class_id, func.max(record.occurred_on))
        .join(Pupil, same)
        .where(
            record.school_id == school_id,
            record.withdrawn_at.is_(None),
            record.occurred_on.between(today - REACH_BACK, today),
        )
        .group_by(Pupil.class_id)
    )


def last_held(school_id: int, today: date) -> Select[str, date | None]:
    """(table, the last day up to today on which one was held) of each of `EXPECTED`."""
    parts = []
    for one in EXPECTED:
        held = getattr(one.model, one.column)
        last = func.max(held).filter(held <= today, one.model.withdrawn_at.is_(None))
        parts.append(select(literal(one.table), last).where(one.model.school_id == school_id))
    found = union_all(*parts).subquery("held")
    return select(found.c[0], found.c[1])


def coming(school_id: int, today: date) -> Select[Any]:
    """(table, id, day, title) of meetings, sessions and activities of the next days, the nearest first."""
    titles = ((GroupMeeting, literal("")), (ParentsSession, ParentsSession.topic), (Activity, Activity.title))
    until = today + timedelta(days=COMING_DAYS)
    parts = [
        select(literal(model.__tablename__).label("table"), model.id, model.held_on, title.label("title"))
        .where(
            model.school_id == school_id, model.withdrawn_at.is_(None), model.held_on.between(today, until)
        )
        for model, title in titles
    ]  # fmt: skip
    found = union_all(*parts).subquery("coming")
    return select(found).order_by(found.c.held_on, found.c.id)


def decisions_due(school_id: int, today: date) -> Select[GroupDecision, str]:
    """(decision, whose it is): those that are not done and due soon, the latest overdue first."""
    decision = GroupDecision
    same = (Staff.school_id == decision.school_id) & (Staff.id == decision.staff_id)
    return (
        select(decision, Staff.name)
        .join(Staff, same)
        .where(
            decision.school_id == school_id,
            decision.withdrawn_at.is_(None),
            decision.done_on.is_(None),
            decision.due_on <= today + timedelta(days=COMING_DAYS),
        )
        .order_by(decision.due_on, decision.id)
    )


def unread(school_id: int, on: date, term: str | None) -> Select[int, str, str]:
    """(document, its title, colleague) of documents in force that who is concerned has not confirmed.

    As the document's own page tells it: also who came to a class after the publication.
    """
    receipt, document = DocumentReceipt, PlanDocument
    now = concerned(on, term).subquery()
    confirmed = exists().where(
        receipt.school_id == document.school_id,
        receipt.document_id == document.id,
        receipt.staff_id == Staff.id,
        receipt.confirmed_on.is_not(None),
    )
    return (
        select(document.id, document.title, Staff.name)
        .join(Staff, Staff.school_id == document.school_id)
        .join(now, now.c.staff_id == Staff.id)
        .where(document.school_id == school_id, in_force(), Staff.is_active, ~confirmed)
        .order_by(document.published_on.desc(), document.id, Staff.name)
    )
