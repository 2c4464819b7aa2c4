"""What all registers share: who entered a row and when, what stood there before, files that belong to it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import Uuid

from lxsaas.core.db import Base, SchoolOwned, school_key
from lxsaas.core.versioned import Entered


class Entry(Entered):
    """A row that people enter, change and withdraw; nothing of it is ever lost.

    A subclass takes `__table_args__ = entry_args(…)`.
    """

    recorded_by: Mapped[int]


def entry_args(*more: SchemaItem) -> tuple[SchemaItem, ...]:
    """The keys of every register's table, and those of its own."""
    return (school_key("recorded_by", "staff"), UniqueConstraint("school_id", "client_key"), *more)


def roster_args(row: str, table: str, *, family: str | None = None) -> tuple[SchemaItem, ...]:
    """The keys of a table with the children of a register's rows: once each, or once for each who came.

    `row`: its column that names the row; `family`: the name of the constraint where `guardian_id` says who.
    """
    keys = school_key(row, table), school_key("pupil_id", "pupil"), Index(None, "school_id", "pupil_id")
    if family is None:
        return (*keys, UniqueConstraint("school_id", row, "pupil_id"))
    once = UniqueConstraint(
        "school_id", row, "pupil_id", "guardian_id", name=family, postgresql_nulls_not_distinct=True
    )
    return (*keys, school_key("guardian_id", "guardian"), once)


class RowVersion(SchoolOwned, Base):
    """What stood in a row until it was changed or withdrawn; insert-only."""

    __tablename__ = "row_version"
    __table_args__ = (
        school_key("ended_by", "staff"),
        UniqueConstraint("school_id", "subject", "subject_id", "version"),
        CheckConstraint("change in ('edited', 'withdrawn')", name="change"),
    )

    subject: Mapped[str]
    """Table of the row."""
    subject_id: Mapped[int]
    version: Mapped[int] = mapped_column(SmallInteger)
    """The version that stood until then."""
    change: Mapped[str]
    ended_by: Mapped[int]
    ended_at: Mapped[datetime] = mapped_column(server_default=func.now())
    values_sealed: Mapped[bytes]
    """All fields as JSON, sealed: they may hold what the row itself keeps sealed."""
    reason_sealed: Mapped[bytes | None]


class Attachment(SchoolOwned, Base):
    """A photo or a document of a row; its bytes lie beside it."""

    __tablename__ = "attachment"
    __table_args__ = (
        school_key("uploaded_by", "staff"),
        UniqueConstraint("school_id", "client_key"),
        Index(None, "school_id", "subject", "subject_id"),
        CheckConstraint("media_type in ('image/jpeg', 'application/pdf')", name="media_type"),
    )

    subject: Mapped[str]
    subject_id: Mapped[int]
    media_type: Mapped[str]
    byte_count: Mapped[int]
    uploaded_by: Mapped[int]
    uploaded_at: Mapped[datetime] = mapped_column(server_default=func.now())
    client_key: Mapped[UUID | None] = mapped_column(Uuid)
    """Of the form's key, the row and the file itself: a form sent twice leaves one set of photos."""
    withdrawn_at: Mapped[datetime | None]


class AttachmentContent(Base):
    """The sealed bytes of a file, whole and for photos also small.

    In the database, not in a directory: saved in one transaction with the row, walled off by the same
    policies, in the same backup, and gone with the school's key.
    """

    __tablename__ = "attachment_content"
    __table_args__ = (
        school_key("attachment_id", "attachment"),
        CheckConstraint("variant in ('whole', 'small')", name="variant"),
    )

    school_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    attachment_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    variant: Mapped[str] = mapped_column(primary_key=True)
    content_sealed: Mapped[bytes]
