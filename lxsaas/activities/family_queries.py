"""Reads of the parents' school and of what a child and its family joined."""

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Select, cast, func, literal, null, select, union_all

from lxsaas.activities.family_models import (
    EventAttendance,
    FamilyEvent,
    ParentsSchoolMaterial,
    ParentsSchoolMember,
    ParentsSchoolMoney,
    ParentsSchoolTeacher,
    ParentsSession,
    SessionAttendance,
)
from lxsaas.activities.models import Activity, ActivityParticipant, HomeOpening, HomeVisitor
from lxsaas.pupils.models import Guardian, Pupil
from lxsaas.schools.models import SchoolClass

MINUTES = 40
"""A session of the parents' school counts from so many minutes (P25)."""


def members_by_side(school_id: int, on: date) -> Select[str, int]:
    """(leading group or committee, how many) on a day."""
    return _in_force(ParentsSchoolMember, ParentsSchoolMember.side, school_id, on)


def teachers_by_kind(school_id: int, on: date) -> Select[str, int]:
    """(kind of teacher, how many) on a day."""
    return _in_force(ParentsSchoolTeacher, ParentsSchoolTeacher.kind, school_id, on)


def _in_force(model: Any, column: Any, school_id: int, on: date) -> Select[str, int]:
    here = model.school_id == school_id, model.withdrawn_at.is_(None)
    days = model.starts_on <= on, model.ends_on.is_(None) | (model.ends_on > on)
    return select(column, func.count()).where(*here, *days).group_by(column)


def sessions_between(school_id: int, first: date, last: date) -> Select[ParentsSession]:
    """The sessions of the parents' school between two days, in order."""
    one = ParentsSession
    query = select(one).where(
        one.school_id == school_id, one.withdrawn_at.is_(None), one.held_on.between(first, last)
    )
    return query.order_by(one.held_on, one.id)


def money_between(school_id: int, first: date, last: date) -> Select[str, int]:
    """(budget or spending, cents) of the parents' school between two days, without its sessions' costs."""
    one = ParentsSchoolMoney
    here = one.school_id == school_id, one.withdrawn_at.is_(None), one.on_day.between(first, last)
    total = cast(func.coalesce(func.sum(one.amount_cents), 0), BigInteger)
    return select(one.kind, total).where(*here).group_by(one.kind)


def material_of(school_id: int) -> Select[int, int]:
    """(titles, copies) of the parents' school's material."""
    one = ParentsSchoolMaterial
    query = select(func.count(), func.coalesce(func.sum(one.copies), 0))
    return query.where(one.school_id == school_id, one.withdrawn_at.is_(None))


def attended(pupils: Select[Pupil], first: date, last: date) -> Select[Pupil, str, Guardian, int, int]:
    """(child, class, member of the family, sessions, minutes) of who came to the parents' school."""
    there, held = SessionAttendance, ParentsSession
    same_class = (SchoolClass.school_id == Pupil.school_id) & (SchoolClass.id == Pupil.class_id)
    sessions = func.count().label("sessions")
    return (
        select(Pupil, SchoolClass.code, Guardian, sessions, func.sum(held.minutes).label("minutes"))
        .select_from(there)
        .join(held, (held.school_id == there.school_id) & (held.id == there.session_id))
        .join(Guardian, (Guardian.school_id == there.school_id) & (Guardian.id == there.guardian_id))
        .join(Pupil, (Pupil.school_id == there.school_id) & (Pupil.id == there.pupil_id))
        .join(SchoolClass, same_class)
        .where(
            held.held_on.between(first, last),
            held.withdrawn_at.is_(None),
            Pupil.id.in_(pupils.order_by(None).with_only_columns(Pupil.id)),
        )
        .group_by(Pupil.school_id, Pupil.id, SchoolClass.code, Guardian.school_id, Guardian.id)
        .order_by(sessions.desc(), SchoolClass.code, Pupil.pinyin, Guardian.position)
    )


def sessions_of_guardian(guardian: Guardian, first: date, last: date) -> Select[ParentsSession]:
    """The sessions to which somebody came, in order."""
    there, held = SessionAttendance, ParentsSession
    return (
        sessions_between(guardian.school_id, first, last)
        .join(there, (there.school_id == held.school_id) & (there.session_id == held.id))
        .where(there.guardian_id == guardian.id)
    )


def joined_by(pupil: Pupil, *, since: date | None = None) -> Select[Any]:
    """(what, day, title, kind) that a child joined, or somebody of its family; the newest first.

    `what`: 'activity', 'home', 'session', 'event'.
    """
    parts = []
    for what, held, member, key, day, title, kind in (
        ("activity", Activity, ActivityParticipant, "activity_id", "held_on", "title", "kind"),
        ("home", HomeOpening, HomeVisitor, "opening_id", "opened_on", None, None),
        ("session", ParentsSession, SessionAttendance, "session_id", "held_on", "topic", None),
        ("event", FamilyEvent, EventAttendance, "event_id", "held_on", "title", "kind"),
    ):  # type: str, Any, Any, str, str, str | None, str | None
        columns = [
            literal(what).label("what"), getattr(held, day).label("day"),
            (getattr(held, title) if title else null()).label("title"),
            (getattr(held, kind) if kind else null()).label("kind"),
        ]  # fmt: skip
        parts.append(
            select(*columns)
            .join(member, (member.school_id == held.school_id) & (getattr(member, key) == held.id))
            .where(
                member.school_id == pupil.school_id, member.pupil_id == pupil.id, held.withdrawn_at.is_(None)
            )
            .distinct()
        )
    found = union_all(*parts).subquery()
    query = select(found.c.what, found.c.day, found.c.title, found.c.kind).order_by(found.c.day.desc())
    return query.where(found.c.day >= since) if since else query
