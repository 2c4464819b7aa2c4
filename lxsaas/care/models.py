"""Care records: the large table is narrow; texts, details and photos lie beside it."""

from datetime import date, time
from enum import IntEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from lxsaas.core.db import Base, SchoolOwned, school_key
from lxsaas.registers.models import Entry, entry_args


class CareKind(IntEnum):
    """What was done; the numbers are stored in two bytes, and never reused."""

    TALK = 1
    HOME_VISIT = 2
    PARENT_CALL = 3
    PARENT_LETTER = 4
    FAMILY_PHONE = 5
    GUARDIAN_CONTACT = 6
    COUNSELLING = 7
    TUTORING = 8
    SCHOOL_VISIT = 9
    GIFT = 10
    BIRTHDAY_GREETING = 11
    OTHER = 12


class CareRecord(Entry, Base):
    """One dated contact or act of care for a child; a withdrawn one counts nowhere."""

    __tablename__ = "care_record"
    __table_args__ = entry_args(
        school_key("pupil_id", "pupil"),
        Index(
            "ix_care_record_day", "school_id", "occurred_on",
            postgresql_include=["pupil_id", "kind"], postgresql_where=text("withdrawn_at is null"),
        ),
        # Letters and birthday greetings are few, and looked for over a term or beside a month.
        Index(
            "ix_care_record_seldom", "school_id", "kind", "occurred_on",
            postgresql_include=["pupil_id"],
            postgresql_where=text("withdrawn_at is null and kind in (4, 11)"),
        ),
        Index(None, "school_id", "pupil_id", "occurred_on"),
    )  # fmt: skip

    pupil_id: Mapped[int]
    occurred_on: Mapped[date]
    kind: Mapped[int] = mapped_column(SmallInteger)


class CareNote(Base):
    """The words of a care record, sealed."""

    __tablename__ = "care_note"
    __table_args__ = (school_key("care_record_id", "care_record", ondelete="CASCADE"),)

    school_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    care_record_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text_sealed: Mapped[bytes]


class CareDetail(Base):
    """What only some kinds of care have, in codes (`lxsaas.care.details`); most records have no such row."""

    __tablename__ = "care_detail"
    __table_args__ = (
        school_key("care_record_id", "care_record", ondelete="CASCADE"),
        CheckConstraint("tags between 0 and 15", name="tags"),
        CheckConstraint("minutes between 1 and 600", name="minutes"),
    )

    school_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    care_record_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    party: Mapped[int | None] = mapped_column(SmallInteger)
    means: Mapped[int | None] = mapped_column(SmallInteger)
    item: Mapped[int | None] = mapped_column(SmallInteger)
    giver: Mapped[int | None] = mapped_column(SmallInteger)
    minutes: Mapped[int | None] = mapped_column(SmallInteger)
    tags: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    """The four cares (P19) as bits: thought 1, study 2, life 4, health 8."""


class CareFile(Base):
    """A photo or document of a care record; one that shows several children is kept once."""

    __tablename__ = "care_file"
    __table_args__ = (
        school_key("care_record_id", "care_record", ondelete="CASCADE"),
        school_key("attachment_id", "attachment"),
        Index(None, "school_id", "attachment_id"),
    )

    school_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    care_record_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    attachment_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class FormTiming(SchoolOwned, Base):
    """How long one form was open until it was saved: nothing of who filled it, nor for whom."""

    __tablename__ = "form_timing"
    __table_args__ = (Index(None, "school_id", "on_day"),)

    form: Mapped[str]
    """What was recorded: a kind of care, or another form's code."""
    on_day: Mapped[date]
    elapsed_ms: Mapped[int]


class LetterTemplate(Entry, Base):
    """A school's text of a letter to parents, with placeholders (`lxsaas.care.letters`)."""

    __tablename__ = "letter_template"
    __table_args__ = entry_args()

    title: Mapped[str]
    body: Mapped[str]


class PhoneBooking(Entry, Base):
    """A time at which a child calls home by the family phone, and what came of it."""

    __tablename__ = "phone_booking"
    RULES: ClassVar = {"ix_phone_booking_slot": ("phone_twice", "at")}
    __table_args__ = entry_args(
        school_key("pupil_id", "pupil"),
        school_key("care_record_id", "care_record"),
        Index(
            "ix_phone_booking_slot", "school_id", "pupil_id", "on_day", "at",
            unique=True, postgresql_where=text("withdrawn_at is null"),
        ),
        Index(None, "school_id", "on_day"),
        CheckConstraint("outcome in (1, 2)", name="outcome"),
        CheckConstraint("(outcome is not distinct from 1) = (care_record_id is not null)", name="record"),
    )  # fmt: skip

    pupil_id: Mapped[int]
    on_day: Mapped[date]
    at: Mapped[time]
    party: Mapped[int] = mapped_column(SmallInteger)
    outcome: Mapped[int | None] = mapped_column(SmallInteger)
    """1: they spoke, which made a care record; 2: nobody was reached; None: still to come."""
    care_record_id: Mapped[int | None]
