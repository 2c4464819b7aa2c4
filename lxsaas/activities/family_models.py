"""The parents' school (P25), and the days on which home and school meet (P26)."""

from datetime import date
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from lxsaas.core.db import Base, SchoolOwned, school_key
from lxsaas.registers.models import Entry, entry_args, roster_args


class ParentsSession(Entry, Base):
    """A session of the parents' school."""

    __tablename__ = "parents_session"
    __table_args__ = entry_args(
        Index(None, "school_id", "held_on"),
        CheckConstraint("minutes between 1 and 600", name="minutes"),
        CheckConstraint(
            "teacher in ('retired_teacher', 'own_staff', 'outside_expert', 'successful_parent')",
            name="teacher",
        ),
        CheckConstraint("cost_cents >= 0", name="cost"),
    )

    held_on: Mapped[date]
    minutes: Mapped[int] = mapped_column(SmallInteger)
    notice_on: Mapped[date | None]
    """When parents and guardians were told; None: they were not."""
    topic: Mapped[str]
    place: Mapped[str | None]
    teacher: Mapped[str]
    material: Mapped[str | None]
    cost_cents: Mapped[int | None]
    teacher_name: Mapped[str | None]


class SessionAttendance(SchoolOwned, Base):
    """Somebody of a child's family was present at a session; a row for each who came."""

    __tablename__ = "session_attendance"
    __table_args__ = roster_args("session_id", "parents_session", family="uq_session_attendance_who")

    session_id: Mapped[int]
    pupil_id: Mapped[int]
    guardian_id: Mapped[int | None]
    """None: somebody of the family, nobody said who."""


class ParentsSchoolMember(Entry, Base):
    """Who runs the parents' school: its leading group, and the parents' committee."""

    __tablename__ = "parents_school_member"
    SEALED: ClassVar = ("phone",)
    RULES: ClassVar = {"ck_parents_school_member_days": ("ends_before_start", "ends_on")}
    __table_args__ = entry_args(
        CheckConstraint("side in ('leading', 'committee')", name="side"),
        CheckConstraint("position in ('head', 'deputy', 'member')", name="position"),
        CheckConstraint("ends_on >= starts_on", name="days"),
    )

    side: Mapped[str]
    position: Mapped[str]
    name: Mapped[str]
    duty: Mapped[str | None]
    phone_sealed: Mapped[bytes | None]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    """The first day on which it is no longer so."""


class ParentsSchoolTeacher(Entry, Base):
    """Somebody who teaches at the parents' school."""

    __tablename__ = "parents_school_teacher"
    RULES: ClassVar = {"ck_parents_school_teacher_days": ("ends_before_start", "ends_on")}
    __table_args__ = entry_args(
        CheckConstraint(
            "kind in ('retired_teacher', 'own_staff', 'outside_expert', 'successful_parent')", name="kind"
        ),
        CheckConstraint("ends_on >= starts_on", name="days"),
    )

    kind: Mapped[str]
    name: Mapped[str]
    subject: Mapped[str | None]
    """What this person teaches parents about."""
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class ParentsSchoolMoney(Entry, Base):
    """What the parents' school may spend, and what it spent beside the costs of its sessions."""

    __tablename__ = "parents_school_money"
    __table_args__ = entry_args(
        Index(None, "school_id", "on_day"),
        CheckConstraint("kind in ('budget', 'spending')", name="kind"),
        CheckConstraint("amount_cents > 0", name="amount"),
    )

    kind: Mapped[str]
    on_day: Mapped[date]
    amount_cents: Mapped[int]
    words: Mapped[str]


class ParentsSchoolMaterial(Entry, Base):
    """Textbooks and other material of the parents' school."""

    __tablename__ = "parents_school_material"
    __table_args__ = entry_args(
        CheckConstraint("kind in ('textbook', 'handout', 'video', 'other')", name="kind"),
        CheckConstraint("copies between 1 and 100000", name="copies"),
    )

    title: Mapped[str]
    kind: Mapped[str]
    copies: Mapped[int]
    got_on: Mapped[date]
    source: Mapped[str | None]


class FamilyEvent(Entry, Base):
    """Home and school meet (P26): a parents' meeting, an open day, a day of collective visits."""

    __tablename__ = "family_event"
    __table_args__ = entry_args(
        school_key("class_id", "school_class"),
        Index(None, "school_id", "held_on"),
        CheckConstraint("kind in ('parents_meeting', 'open_day', 'visit_day', 'other')", name="kind"),
    )

    kind: Mapped[str]
    title: Mapped[str]
    held_on: Mapped[date]
    place: Mapped[str | None]
    class_id: Mapped[int | None]
    """None: the whole school."""
    plan: Mapped[str | None]
    findings: Mapped[str | None]


class EventInvitation(SchoolOwned, Base):
    """A child whose family was invited."""

    __tablename__ = "event_invitation"
    __table_args__ = roster_args("event_id", "family_event")

    event_id: Mapped[int]
    pupil_id: Mapped[int]


class EventAttendance(SchoolOwned, Base):
    """Somebody of a child's family who came, or was met at home; a row for each."""

    __tablename__ = "event_attendance"
    __table_args__ = roster_args("event_id", "family_event", family="uq_event_attendance_who")

    event_id: Mapped[int]
    pupil_id: Mapped[int]
    guardian_id: Mapped[int | None]
