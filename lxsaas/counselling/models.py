"""Confidential counselling (P16): letterbox, room hours, cases with their risk over time, sessions.

Fields named `…_sealed` are sealed with a key of their own, apart from that of the archive: `PURPOSE`. A day
that ends something is the first day on which it is no longer so.
"""

from datetime import date, datetime, time
from enum import IntEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Uuid

from lxsaas.core.db import Base, SchoolOwned, school_key
from lxsaas.registers.models import Entry, entry_args

PURPOSE = "counselling"
"""Names the key that seals everything here; destroying it leaves the archive readable."""


class Risk(IntEnum):
    """How much a child is at risk; the numbers are stored, and never reused."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


class CounsellingCase(Entry, Base):
    """A child in counselling: seen by its counsellor, and by name by those of `CaseReader`."""

    __tablename__ = "counselling_case"
    PURPOSE: ClassVar[str] = PURPOSE
    SEALED: ClassVar[tuple[str, ...]] = ("reason", "outcome")
    RULES: ClassVar[dict[str, tuple[str, str]]] = {"ix_counselling_case_open": ("case_open", "opened_on")}
    __table_args__ = entry_args(
        school_key("pupil_id", "pupil"),
        school_key("counsellor_id", "staff"),
        Index(
            "ix_counselling_case_open", "school_id", "pupil_id",
            unique=True, postgresql_where=text("closed_on is null"),
        ),
        Index(None, "school_id", "counsellor_id"),
        CheckConstraint("risk between 1 and 3", name="risk"),
        CheckConstraint("closed_on >= opened_on", name="order"),
    )  # fmt: skip

    pupil_id: Mapped[int]
    counsellor_id: Mapped[int]
    """Whose case it is; handed over, another's."""
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
    """None while the case is open."""
    risk: Mapped[int] = mapped_column(SmallInteger)
    risk_since: Mapped[date]
    review_on: Mapped[date]
    """By when the counsellor looks again at risk and steps."""
    reason_sealed: Mapped[bytes]
    outcome_sealed: Mapped[bytes | None]


class CaseRisk(SchoolOwned, Base):
    """The level of a case from a day to a day: any past day can be asked who was at high risk."""

    __tablename__ = "case_risk"
    __table_args__ = (
        school_key("case_id", "counselling_case"),
        school_key("pupil_id", "pupil"),
        CheckConstraint("level between 1 and 3", name="level"),
        CheckConstraint("ends_on >= starts_on", name="order"),
        ExcludeConstraint(
            ("school_id", "="),
            ("case_id", "="),
            (func.daterange(text("starts_on"), text("ends_on")), "&&"),
            name="ex_case_risk_days",
            using="gist",
        ),
    )

    case_id: Mapped[int]
    pupil_id: Mapped[int]
    level: Mapped[int] = mapped_column(SmallInteger)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class CounsellingSession(Entry, Base):
    """One talk of a case; the care record beside it counts for coverage and holds no text."""

    __tablename__ = "counselling_session"
    PURPOSE: ClassVar[str] = PURPOSE
    SEALED: ClassVar[tuple[str, ...]] = ("account",)
    __table_args__ = entry_args(
        school_key("case_id", "counselling_case"),
        school_key("pupil_id", "pupil"),
        school_key("care_record_id", "care_record"),
        Index(None, "school_id", "case_id", "held_on"),
        CheckConstraint("minutes between 1 and 600", name="minutes"),
    )

    case_id: Mapped[int]
    pupil_id: Mapped[int]
    care_record_id: Mapped[int]
    held_on: Mapped[date]
    minutes: Mapped[int] = mapped_column(SmallInteger)
    account_sealed: Mapped[bytes]
    """What was said."""


class CaseReader(SchoolOwned, Base):
    """A principal to whom a counsellor opened a case, by name and for a time."""

    __tablename__ = "case_reader"
    __table_args__ = (
        school_key("case_id", "counselling_case"),
        school_key("staff_id", "staff"),
        school_key("opened_by", "staff"),
        Index(None, "school_id", "staff_id"),
        CheckConstraint("ends_on >= starts_on", name="order"),
        ExcludeConstraint(
            ("school_id", "="),
            ("case_id", "="),
            ("staff_id", "="),
            (func.daterange(text("starts_on"), text("ends_on")), "&&"),
            name="ex_case_reader_days",
            using="gist",
        ),
    )
    RULES: ClassVar[dict[str, tuple[str, str]]] = {"ex_case_reader_days": ("reader_twice", "staff_id")}

    case_id: Mapped[int]
    staff_id: Mapped[int]
    opened_by: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date]


class RoomHour(Entry, Base):
    """When the counselling room is open, each week, and who is there."""

    __tablename__ = "room_hour"
    RULES: ClassVar[dict[str, tuple[str, str]]] = {
        "ck_room_hour_order": ("hours_order", "ends_at"),
        "ix_room_hour_start": ("hours_twice", "starts_at"),
    }
    __table_args__ = entry_args(
        school_key("counsellor_id", "staff"),
        CheckConstraint("weekday between 1 and 7", name="weekday"),
        CheckConstraint("ends_at > starts_at", name="order"),
        Index(
            "ix_room_hour_start", "school_id", "counsellor_id", "weekday", "starts_at",
            unique=True, postgresql_where=text("withdrawn_at is null"),
        ),
    )  # fmt: skip

    weekday: Mapped[int] = mapped_column(SmallInteger)
    """1 Monday … 7 Sunday (ISO 8601)."""
    starts_at: Mapped[time]
    ends_at: Mapped[time]
    place: Mapped[str]
    counsellor_id: Mapped[int]


class LetterboxCode(SchoolOwned, Base):
    """The code that the school gives to its children, on a poster; only its keyed hash is kept."""

    __tablename__ = "letterbox_code"
    __table_args__ = (
        school_key("set_by", "staff"),
        Index("ix_letterbox_code_valid", "school_id", unique=True, postgresql_where=text("ended_at is null")),
    )

    code_digest: Mapped[bytes]
    set_by: Mapped[int]
    set_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[datetime | None]


class LetterboxLetter(SchoolOwned, Base):
    """What a child began to write without an account; its messages lie below it."""

    __tablename__ = "letterbox_letter"
    __table_args__ = (
        school_key("case_id", "counselling_case"),
        UniqueConstraint("school_id", "reply_digest"),
        Index(None, "school_id", "received_at"),
    )

    reply_digest: Mapped[bytes]
    """Keyed hash of the child's own code, by which it reads the answer."""
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    waiting_since: Mapped[datetime | None]
    """Since when the child waits for an answer; None: answered, or put aside."""
    case_id: Mapped[int | None]
    """The case that it was turned into: from then on only that case's counsellor reads it."""
    version: Mapped[int] = mapped_column(SmallInteger, server_default="1")


class LetterboxMessage(SchoolOwned, Base):
    """One text of a letter: the child's, or a counsellor's answer."""

    __tablename__ = "letterbox_message"
    __table_args__ = (
        school_key("letter_id", "letterbox_letter"),
        school_key("staff_id", "staff"),
        UniqueConstraint("school_id", "client_key"),
        Index(None, "school_id", "letter_id"),
    )

    letter_id: Mapped[int]
    staff_id: Mapped[int | None]
    """Who answered; None for the child's own words."""
    sent_at: Mapped[datetime] = mapped_column(server_default=func.now())
    seen_at: Mapped[datetime | None]
    """When the other side first read it."""
    client_key: Mapped[UUID | None] = mapped_column(Uuid)
    text_sealed: Mapped[bytes]
