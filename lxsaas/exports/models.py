"""What somebody asked to take out, how it stands, and the file in pieces; a school's and a district's."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Index,
    Integer,
    SmallInteger,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import Uuid

from lxsaas.core.db import Base, DistrictOwned, SchoolOwned, district_key, school_key


def _job_args(table: str, owner: str) -> tuple[SchemaItem, ...]:
    return (
        CheckConstraint("state in ('queued', 'running', 'done', 'failed', 'expired')", name="state"),
        CheckConstraint("form in ('xlsx', 'csv', 'docx', 'zip')", name="form"),
        CheckConstraint("language in ('zh_Hans_CN', 'en')", name="language"),
        Index(f"ix_{table}_{owner}_staff_id", owner, "staff_id", "id"),
        Index(
            f"ix_{table}_waiting",
            owner,
            "staff_id",
            "same_as",
            unique=True,
            postgresql_where=text("state in ('queued', 'running')"),
        ),
        Index(f"ix_{table}_look_at", "look_at", postgresql_where=text("look_at is not null")),
    )


class JobColumns:
    """A file that somebody asked for; the row stays when the file is gone."""

    staff_id: Mapped[int]
    """Who asked, and the only one who gets it."""
    kind: Mapped[str]
    """A code of `kinds.KINDS`."""
    form: Mapped[str]
    language: Mapped[str]
    same_as: Mapped[bytes]
    """Digest of the wish: the same one asked twice while it waits is one job."""
    state: Mapped[str] = mapped_column(server_default="queued")
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    claim: Mapped[UUID | None] = mapped_column(Uuid)
    """Whose attempt it is that runs."""
    look_at: Mapped[datetime | None] = mapped_column(server_default=func.now())
    """When the clock looks next: whether a worker died, whether the file is to go; None: never again."""
    rows_done: Mapped[int] = mapped_column(server_default="0")
    rows_total: Mapped[int | None]
    reach: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    """Children, at a district townships, that the person reached when it was made; None: all."""
    asked_at: Mapped[datetime] = mapped_column(server_default=func.now())
    made_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    byte_count: Mapped[int | None]
    downloads: Mapped[int] = mapped_column(Integer, server_default="0")
    error: Mapped[str | None]
    """Why it failed: a code, or the class of an error; never its text, which may quote a row."""


class ExportJob(JobColumns, SchoolOwned, Base):
    __tablename__ = "export_job"
    __table_args__ = (school_key("staff_id", "staff"), *_job_args("export_job", "school_id"))

    wish_sealed: Mapped[bytes | None]
    """What was asked for, sealed, for a search may be a child's name; erased with the file."""
    password_sealed: Mapped[bytes | None]
    """Until the file is made; then it is known to whoever asked, and to nobody else."""


class DistrictExportJob(JobColumns, DistrictOwned, Base):
    __tablename__ = "district_export_job"
    __table_args__ = (
        district_key("staff_id", "district_staff"),
        *_job_args("district_export_job", "district_id"),
    )

    wish: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """What was asked for; nothing at a district is about a person."""


class ExportPiece(SchoolOwned, Base):
    """A part of a school's file, sealed with the school's key."""

    __tablename__ = "export_piece"
    __table_args__ = (school_key("job_id", "export_job"), UniqueConstraint("school_id", "job_id", "number"))

    job_id: Mapped[int]
    number: Mapped[int] = mapped_column(Integer)
    content_sealed: Mapped[bytes]


class DistrictExportPiece(DistrictOwned, Base):
    """A part of a district's file."""

    __tablename__ = "district_export_piece"
    __table_args__ = (
        district_key("job_id", "district_export_job"),
        UniqueConstraint("district_id", "job_id", "number"),
    )

    job_id: Mapped[int]
    number: Mapped[int] = mapped_column(Integer)
    content: Mapped[bytes]
