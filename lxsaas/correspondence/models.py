"""Threads between a district and one school, and what either side wrote: nothing is changed or taken back."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Uuid

from lxsaas.core.db import Base, DistrictOwned, district_key


class CorrespondenceThread(DistrictOwned, Base):
    """A note or a request of the district to a school, or a difficulty that the school raised (P30)."""

    __tablename__ = "correspondence_thread"
    __table_args__ = (
        CheckConstraint("kind in ('difficulty', 'note', 'request')", name="kind"),
        CheckConstraint("state in ('open', 'answered', 'closed')", name="state"),
        CheckConstraint("last_side in ('district', 'school')", name="last_side"),
        CheckConstraint("num_nonnulls(opened_by, raised_by) = 1", name="author"),
        CheckConstraint("(kind = 'difficulty') = (raised_by is not null)", name="side"),
        district_key("opened_by", "district_staff"),
        district_key("alarm_id", "alarm"),
        UniqueConstraint("district_id", "unit_id", "id"),
        UniqueConstraint("district_id", "unit_id", "client_key"),
        Index(None, "district_id", "last_at"),
        Index(None, "district_id", "alarm_id"),
    )

    unit_id: Mapped[int]
    """The school."""
    kind: Mapped[str]
    title: Mapped[str]
    due_on: Mapped[date | None]
    """Last day, in the district's zone, on which the answer is in time."""
    alarm_id: Mapped[int | None]
    """The alarm because of which the district asks."""
    is_confidential: Mapped[bool] = mapped_column(server_default="false")
    """About suspected harm: only for who may know of mandatory reports, at either side."""
    opened_by: Mapped[int | None]
    """The officer; of a difficulty None."""
    raised_by: Mapped[int | None]
    """The school's member of staff; None where the district began."""
    state: Mapped[str] = mapped_column(server_default="open")
    """'open': the other side has not answered yet; 'answered'; 'closed'."""
    opened_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_side: Mapped[str]
    closed_at: Mapped[datetime | None]
    client_key: Mapped[UUID | None] = mapped_column(Uuid)
    """The form's key: sent twice, it makes one thread a school."""


class MessageColumns(DistrictOwned):
    """What one person wrote, or did, in a thread."""

    unit_id: Mapped[int]
    thread_id: Mapped[int]
    staff_id: Mapped[int]
    author_name: Mapped[str]
    """As it was then: neither side can read the other's accounts."""
    event: Mapped[str] = mapped_column(server_default="message")
    body: Mapped[str]
    """Empty where somebody closed, reopened or read without a word."""
    written_at: Mapped[datetime] = mapped_column(server_default=func.now())
    client_key: Mapped[UUID | None] = mapped_column(Uuid)


def _thread_key() -> ForeignKeyConstraint:
    """With the school in it: a school's message belongs to one of its own threads."""
    table = "correspondence_thread"
    return ForeignKeyConstraint(
        ["district_id", "unit_id", "thread_id"], [f"{table}.district_id", f"{table}.unit_id", f"{table}.id"]
    )


class DistrictMessage(MessageColumns, Base):
    """Written by the district's login alone."""

    __tablename__ = "district_message"
    __table_args__ = (
        CheckConstraint("event in ('message', 'closed', 'reopened')", name="event"),
        _thread_key(),
        district_key("staff_id", "district_staff"),
        UniqueConstraint("district_id", "thread_id", "client_key"),
    )


class SchoolMessage(MessageColumns, Base):
    """Written by the school's login alone."""

    __tablename__ = "school_message"
    __table_args__ = (
        CheckConstraint("event in ('message', 'closed', 'reopened', 'read')", name="event"),
        _thread_key(),
        UniqueConstraint("district_id", "thread_id", "client_key"),
    )
