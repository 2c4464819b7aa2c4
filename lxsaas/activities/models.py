"""The children's home (P22), activities (P23) and the parents' school (P25)."""

from datetime import date, time
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lxsaas.core.db import Base, SchoolOwned, school_key
from lxsaas.registers.models import Entry, entry_args


class HomeOpening(Entry, Base):
    """The children's home was open; logged while it is."""

    __tablename__ = "home_opening"
    RULES: ClassVar = {"ck_home_opening_order": ("ends_before_start", "closes_at")}
    __table_args__ = entry_args(
        Index(None, "school_id", "opened_on"),
        CheckConstraint("closes_at > opens_at", name="order"),
        CheckConstraint("calls >= 0", name="calls"),
    )

    opened_on: Mapped[date]
    opens_at: Mapped[time]
    closes_at: Mapped[time | None]
    calls: Mapped[int | None] = mapped_column(SmallInteger)
    """How many calls children made to their parents."""


class HomeOpeningStaff(SchoolOwned, Base):
    """Who was on duty."""

    __tablename__ = "home_opening_staff"
    __table_args__ = (
        school_key("opening_id", "home_opening"),
        school_key("staff_id", "staff"),
        UniqueConstraint("school_id", "opening_id", "staff_id"),
    )

    opening_id: Mapped[int]
    staff_id: Mapped[int]


class HomeVisitor(SchoolOwned, Base):
    """A child who was there."""

    __tablename__ = "home_visitor"
    __table_args__ = (
        school_key("opening_id", "home_opening"),
        school_key("pupil_id", "pupil"),
        UniqueConstraint("school_id", "opening_id", "pupil_id"),
        Index(None, "school_id", "pupil_id"),
    )

    opening_id: Mapped[int]
    pupil_id: Mapped[int]


class Activity(Entry, Base):
    """Something the school arranged for its children."""

    __tablename__ = "activity"
    __table_args__ = entry_args(
        Index(None, "school_id", "held_on"),
        CheckConstraint(
            "kind in ('theme_class', 'symposium', 'hand_in_hand', 'festival', 'contest', 'donation',"
            " 'lecture', 'birthday', 'other')",
            name="kind",
        ),
        CheckConstraint("cost_cents >= 0", name="cost"),
    )

    kind: Mapped[str]
    """'lecture': on safety or law."""
    title: Mapped[str]
    held_on: Mapped[date]
    place: Mapped[str | None]
    words: Mapped[str | None]
    cost_cents: Mapped[int | None]


class ActivityParticipant(SchoolOwned, Base):
    """A child who took part."""

    __tablename__ = "activity_participant"
    __table_args__ = (
        school_key("activity_id", "activity"),
        school_key("pupil_id", "pupil"),
        UniqueConstraint("school_id", "activity_id", "pupil_id"),
        Index(None, "school_id", "pupil_id"),
    )

    activity_id: Mapped[int]
    pupil_id: Mapped[int]


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


class SessionAttendance(SchoolOwned, Base):
    """A child's family was present at a session."""

    __tablename__ = "session_attendance"
    __table_args__ = (
        school_key("session_id", "parents_session"),
        school_key("pupil_id", "pupil"),
        UniqueConstraint("school_id", "session_id", "pupil_id"),
        Index(None, "school_id", "pupil_id"),
    )

    session_id: Mapped[int]
    pupil_id: Mapped[int]
