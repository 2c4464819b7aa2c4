"""Leading group and meetings (P1), plans, rules and who read them (P2), weekly class activities (P4)."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Uuid

from lxsaas.core.db import Base, SchoolOwned, school_key
from lxsaas.core.versioned import Link
from lxsaas.registers.models import Entry, entry_args


class GroupMember(Entry, Base):
    """A member of the leading group in a term, with the duty that is theirs."""

    __tablename__ = "group_member"
    RULES: ClassVar = {"ix_group_member_term": ("member_twice", "staff_id")}
    __table_args__ = entry_args(
        school_key("staff_id", "staff"),
        Index(
            "ix_group_member_term", "school_id", "term", "staff_id",
            unique=True, postgresql_where=text("withdrawn_at is null"),
        ),
        CheckConstraint("position in ('head', 'deputy', 'member')", name="position"),
    )  # fmt: skip

    term: Mapped[str]
    """Name of the district's term."""
    staff_id: Mapped[int]
    position: Mapped[str]
    duty: Mapped[str | None]


class GroupMeeting(Entry, Base):
    """A meeting of the leading group."""

    __tablename__ = "group_meeting"
    LINKED: ClassVar = (Link("attended", "group_attendance", "meeting_id", "staff_id"),)
    __table_args__ = entry_args(Index(None, "school_id", "held_on"))

    held_on: Mapped[date]
    place: Mapped[str | None]
    agenda: Mapped[str]
    minutes: Mapped[str | None]


class GroupAttendance(SchoolOwned, Base):
    """Who was at a meeting."""

    __tablename__ = "group_attendance"
    __table_args__ = (
        school_key("meeting_id", "group_meeting"),
        school_key("staff_id", "staff"),
        UniqueConstraint("school_id", "meeting_id", "staff_id"),
    )

    meeting_id: Mapped[int]
    staff_id: Mapped[int]


class GroupDecision(Entry, Base):
    """What a meeting decided: who does it, by when, when it was done."""

    __tablename__ = "group_decision"
    __table_args__ = entry_args(
        school_key("group_meeting_id", "group_meeting"),
        school_key("staff_id", "staff"),
        Index(None, "school_id", "group_meeting_id"),
    )

    group_meeting_id: Mapped[int]
    words: Mapped[str]
    staff_id: Mapped[int]
    """Who sees to it."""
    due_on: Mapped[date]
    done_on: Mapped[date | None]
    outcome: Mapped[str | None]
    """What came of it, in words."""


class PlanDocument(Entry, Base):
    """A plan or a rule of the school; from its publication on everyone concerned confirms reading it.

    What was published changes no more: another edition is another row, which replaces it when it is published
    and is read and confirmed anew.
    """

    __tablename__ = "plan_document"
    RULES: ClassVar = {"ix_plan_document_edition": ("edition_open", "title")}
    __table_args__ = entry_args(
        Index(None, "school_id", "published_on"),
        Index(
            "ix_plan_document_edition", "school_id", "series", "edition",
            unique=True, postgresql_where=text("withdrawn_at is null"),
        ),
        CheckConstraint("kind in ('plan', 'rule', 'other')", name="kind"),
    )  # fmt: skip

    kind: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    """Plain text: a line that begins with '#' is a heading, one that begins with '-' an item."""
    published_on: Mapped[date | None]
    edition: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    """From 1."""
    series: Mapped[UUID] = mapped_column(Uuid, server_default=text("gen_random_uuid()"))
    """What all editions of one document have in common."""


class DocumentReceipt(SchoolOwned, Base):
    """A copy of a document handed to a member of staff, and when reading it was confirmed."""

    __tablename__ = "document_receipt"
    __table_args__ = (
        school_key("document_id", "plan_document"),
        school_key("staff_id", "staff"),
        UniqueConstraint("school_id", "document_id", "staff_id"),
        Index(None, "school_id", "staff_id"),
    )

    document_id: Mapped[int]
    staff_id: Mapped[int]
    handed_on: Mapped[date]
    confirmed_on: Mapped[date | None]


class ClassActivity(Entry, Base):
    """What a class planned for a week and did (P4)."""

    __tablename__ = "class_activity"
    RULES: ClassVar = {
        "ck_class_activity_week": ("not_a_monday", "week_on"),
        "ck_class_activity_held": ("outside_week", "held_on"),
    }
    __table_args__ = entry_args(
        school_key("class_id", "school_class"),
        Index(None, "school_id", "class_id", "held_on"),
        Index(None, "school_id", "week_on"),
        CheckConstraint("extract(isodow from week_on) = 1", name="week"),
        CheckConstraint("held_on between week_on and week_on + 6", name="held"),
    )

    class_id: Mapped[int]
    week_on: Mapped[date]
    """The Monday of the week."""
    planned: Mapped[str]
    held_on: Mapped[date | None]
    done: Mapped[str | None]
