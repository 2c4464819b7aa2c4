"""Reads of the leading group, of plans and rules and who read them, and of class activities."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, union
from sqlalchemy.orm import aliased

from lxsaas.accounts.models import ClassTeacher, Staff
from lxsaas.core.pinyin import escaped_like
from lxsaas.organisation.models import (
    ClassActivity,
    DocumentReceipt,
    GroupAttendance,
    GroupDecision,
    GroupMeeting,
    GroupMember,
    PlanDocument,
)
from lxsaas.schools.models import Term

# What stands on a row of the same school: (school_id, id) is the key of every table here.


def members_of(term: str) -> Select[GroupMember, Staff]:
    """(member, colleague) of a term's group: head, deputies, members, each by name."""
    rank = func.array_position(func.string_to_array("head,deputy,member", ","), GroupMember.position)
    same = (Staff.school_id == GroupMember.school_id) & (Staff.id == GroupMember.staff_id)
    return (
        select(GroupMember, Staff)
        .join(Staff, same)
        .where(GroupMember.term == term, GroupMember.withdrawn_at.is_(None))
        .order_by(rank, Staff.name, GroupMember.id)
    )


def head_of(term: str) -> Select[int]:
    """Who heads a term's group."""
    return select(GroupMember.staff_id).where(
        GroupMember.term == term, GroupMember.position == "head", GroupMember.withdrawn_at.is_(None)
    )


def group_before(district_id: int, term: Term) -> Select[str]:
    """The last term before `term` in which the school had a group."""
    return (
        select(Term.name)
        .where(
            Term.district_id == district_id,
            Term.starts_on < term.starts_on,
            exists().where(GroupMember.term == Term.name, GroupMember.withdrawn_at.is_(None)),
        )
        .order_by(Term.starts_on.desc())
        .limit(1)
    )


def meetings_between(first: date, last: date) -> Select[GroupMeeting]:
    """The meetings of these days, in their order."""
    return (
        select(GroupMeeting)
        .where(GroupMeeting.held_on.between(first, last), GroupMeeting.withdrawn_at.is_(None))
        .order_by(GroupMeeting.held_on, GroupMeeting.id)
    )


def meeting_seen_by(staff_id: int, term: str | None) -> ColumnElement[bool]:
    """Meetings that a colleague sees: all as a member of the term's group, else those attended."""
    member = exists().where(
        GroupMember.staff_id == staff_id, GroupMember.term == (term or ""), GroupMember.withdrawn_at.is_(None)
    )
    was_there = select(GroupAttendance.meeting_id).where(GroupAttendance.staff_id == staff_id)
    return or_(member, GroupMeeting.id.in_(was_there))


def attended(meeting: GroupMeeting) -> Select[Staff]:
    """Who was at a meeting, by name."""
    same = (GroupAttendance.school_id == Staff.school_id) & (GroupAttendance.staff_id == Staff.id)
    return (
        select(Staff)
        .join(GroupAttendance, same)
        .where(GroupAttendance.meeting_id == meeting.id)
        .order_by(Staff.name, Staff.id)
    )


def is_open() -> ColumnElement[bool]:
    """A decision that is not done yet, of a meeting that counts."""
    held = exists().where(
        GroupMeeting.school_id == GroupDecision.school_id,
        GroupMeeting.id == GroupDecision.group_meeting_id,
        GroupMeeting.withdrawn_at.is_(None),
    )
    # Queries that join the meeting have it in their own list too.
    held = held.correlate(GroupDecision)
    return and_(GroupDecision.withdrawn_at.is_(None), GroupDecision.done_on.is_(None), held)


def is_late(on: date) -> ColumnElement[bool]:
    return and_(is_open(), GroupDecision.due_on < on)


def decisions() -> Select[GroupDecision, str, date]:
    """(decision, who sees to it, the day of the meeting), what is due first at the top."""
    return (
        select(GroupDecision, Staff.name, GroupMeeting.held_on)
        .join(Staff, (Staff.school_id == GroupDecision.school_id) & (Staff.id == GroupDecision.staff_id))
        .join(
            GroupMeeting,
            (GroupMeeting.school_id == GroupDecision.school_id)
            & (GroupMeeting.id == GroupDecision.group_meeting_id),
        )
        .order_by(GroupDecision.due_on, GroupDecision.id)
    )


def open_at(meeting: GroupMeeting) -> Select[GroupDecision, str, date]:
    """Decisions of earlier meetings that were not done on the day of this one."""
    earlier = or_(
        GroupMeeting.held_on < meeting.held_on,
        and_(GroupMeeting.held_on == meeting.held_on, GroupMeeting.id < meeting.id),
    )
    undone = or_(GroupDecision.done_on.is_(None), GroupDecision.done_on >= meeting.held_on)
    return decisions().where(
        earlier, undone, GroupDecision.withdrawn_at.is_(None), GroupMeeting.withdrawn_at.is_(None)
    )


def in_force() -> ColumnElement[bool]:
    """A published document that no published edition has replaced."""
    newer = aliased(PlanDocument)
    replaced = exists().where(
        newer.school_id == PlanDocument.school_id,
        newer.series == PlanDocument.series,
        newer.edition > PlanDocument.edition,
        newer.published_on.is_not(None),
        newer.withdrawn_at.is_(None),
    )
    return and_(PlanDocument.published_on.is_not(None), PlanDocument.withdrawn_at.is_(None), ~replaced)


def rules_about(words: str) -> Select[str]:
    """Titles of the rules in force whose titles hold these words."""
    titled = PlanDocument.title.like(f"%{escaped_like(words)}%")
    return select(PlanDocument.title).where(titled, PlanDocument.kind != "plan", in_force())


def editions_of(document: PlanDocument) -> Select[PlanDocument]:
    """All editions of a document, the newest first; the newest may be a draft."""
    return (
        select(PlanDocument)
        .where(PlanDocument.series == document.series, PlanDocument.withdrawn_at.is_(None))
        .order_by(PlanDocument.edition.desc())
    )


def concerned(on: date, term: str | None) -> Select[int, date]:
    """(colleague, since when) of those who read every plan and rule on a day.

    Homeroom teachers of the day and members of the term's group; whoever becomes one later is concerned from
    then on, without anybody handing out anything.
    """
    teachers = select(ClassTeacher.staff_id, ClassTeacher.starts_on.label("since")).where(
        ClassTeacher.starts_on <= on, or_(ClassTeacher.ends_on.is_(None), ClassTeacher.ends_on > on)
    )
    members = select(GroupMember.staff_id, func.date(GroupMember.recorded_at).label("since")).where(
        GroupMember.term == (term or ""), GroupMember.withdrawn_at.is_(None)
    )
    either = union(teachers, members).subquery()
    return select(either.c.staff_id, func.min(either.c.since).label("since")).group_by(either.c.staff_id)


def readers_of(document: PlanDocument, on: date, term: str | None) -> Select[int, str, date, date | None]:
    """(colleague, name, handed on, confirmed on) for who is concerned today or was handed a copy.

    Who is missing stands first; of those who hold no copy yet `handed_on` is the day since when they are
    concerned.
    """
    now = concerned(on, term).subquery()
    handed = and_(
        DocumentReceipt.school_id == Staff.school_id,
        DocumentReceipt.staff_id == Staff.id,
        DocumentReceipt.document_id == document.id,
    )
    handed_on = func.coalesce(DocumentReceipt.handed_on, func.greatest(now.c.since, document.published_on))
    return (
        select(Staff.id, Staff.name, handed_on.label("handed_on"), DocumentReceipt.confirmed_on)
        .outerjoin(now, now.c.staff_id == Staff.id)
        .outerjoin(DocumentReceipt, handed)
        .where(
            Staff.is_active | DocumentReceipt.confirmed_on.is_not(None),
            now.c.staff_id.is_not(None) | DocumentReceipt.confirmed_on.is_not(None),
        )
        .order_by(DocumentReceipt.confirmed_on.is_not(None), Staff.name, Staff.id)
    )


def to_read(staff_id: int, on: date, term: str | None) -> Select[PlanDocument]:
    """The documents in force that a colleague has not confirmed, the oldest first; none for who need not."""
    now = concerned(on, term).subquery()
    confirmed = exists().where(
        DocumentReceipt.school_id == PlanDocument.school_id,
        DocumentReceipt.document_id == PlanDocument.id,
        DocumentReceipt.staff_id == staff_id,
        DocumentReceipt.confirmed_on.is_not(None),
    )
    return (
        select(PlanDocument)
        .where(in_force(), ~confirmed, exists().where(now.c.staff_id == staff_id))
        .order_by(PlanDocument.published_on, PlanDocument.id)
    )


def receipt_of(document: PlanDocument, staff_id: int) -> Select[DocumentReceipt]:
    return select(DocumentReceipt).where(
        DocumentReceipt.document_id == document.id, DocumentReceipt.staff_id == staff_id
    )


def activities_of(class_ids: Iterable[int], first: date, last: date) -> Select[ClassActivity]:
    """What classes planned and did in the weeks that begin between two days."""
    return (
        select(ClassActivity)
        .where(
            ClassActivity.class_id.in_(list(class_ids)),
            ClassActivity.week_on.between(first, last),
            ClassActivity.withdrawn_at.is_(None),
        )
        .order_by(ClassActivity.week_on, ClassActivity.id)
    )
