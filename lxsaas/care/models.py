"""Care records: the large table is narrow, texts lie beside it."""

from datetime import date, datetime
from enum import IntEnum
from uuid import UUID

from sqlalchemy import Index, SmallInteger, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Uuid

from lxsaas.core.db import Base, SchoolOwned, school_key


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


class CareRecord(SchoolOwned, Base):
    """One dated contact or act of care for a child."""

    __tablename__ = "care_record"
    __table_args__ = (
        school_key("pupil_id", "pupil"),
        school_key("recorded_by", "staff"),
        UniqueConstraint("school_id", "client_key"),
        Index("ix_care_record_day", "school_id", "occurred_on", postgresql_include=["pupil_id", "kind"]),
        Index(None, "school_id", "pupil_id", "occurred_on"),
    )

    pupil_id: Mapped[int]
    recorded_by: Mapped[int]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())
    client_key: Mapped[UUID | None] = mapped_column(Uuid)
    """Made by the phone: sending twice makes one record."""
    occurred_on: Mapped[date]
    kind: Mapped[int] = mapped_column(SmallInteger)


class CareNote(Base):
    """The words of a care record, sealed."""

    __tablename__ = "care_note"
    __table_args__ = (school_key("care_record_id", "care_record", ondelete="CASCADE"),)

    school_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    care_record_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text_sealed: Mapped[bytes]
