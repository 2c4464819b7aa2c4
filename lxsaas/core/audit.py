"""Who did or saw what, to which child; the application can add entries and change none.

At commit the database chains each entry to the one before it (migration 0008): a link holds the SHA-256 of
the link before and of the entry. Whoever changes or removes an entry breaks the chain; whoever cuts its end
off is betrayed by the head, and by the heads that are exported every day.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from lxsaas.core.db import Base, DistrictOwned, SchoolOwned, district_key, school_key

CHAINED: dict[str, Any] = {"info": {"kept_by_triggers": True}}
"""The database alone writes these rows."""


class AuditColumns:
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    staff_id: Mapped[int | None]
    """Who; None for the operator's command line."""
    action: Mapped[str]
    """verb_noun, as the action's function is named."""
    subject: Mapped[str]
    """Table of the row concerned."""
    subject_id: Mapped[int | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    """Field names, counts, ids: never a name, a number or a text about a person."""


class LinkColumns:
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """From 1, without gaps, in the order of the commits."""
    entry_id: Mapped[int]
    previous: Mapped[bytes]
    """Hash of the link before; empty for the first."""
    hash: Mapped[bytes]


class HeadColumns:
    number: Mapped[int]
    hash: Mapped[bytes]


class AuditEntry(AuditColumns, SchoolOwned, Base):
    __tablename__ = "audit_entry"
    __table_args__ = (Index(None, "school_id", "at"),)


class AuditLink(LinkColumns, Base):
    """One entry's place in the school's chain; written by a trigger alone."""

    __tablename__ = "audit_link"
    __table_args__ = (
        school_key("entry_id", "audit_entry"),
        UniqueConstraint("school_id", "entry_id"),
        CHAINED,
    )

    school_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class AuditHead(HeadColumns, Base):
    """The end of a school's chain; written by a trigger alone."""

    __tablename__ = "audit_head"
    __table_args__ = CHAINED

    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), primary_key=True, autoincrement=False)


class DistrictAuditEntry(AuditColumns, DistrictOwned, Base):
    __tablename__ = "district_audit_entry"
    __table_args__ = (Index(None, "district_id", "at"),)


class DistrictAuditLink(LinkColumns, Base):
    """One entry's place in the district's chain."""

    __tablename__ = "district_audit_link"
    __table_args__ = (
        district_key("entry_id", "district_audit_entry"),
        UniqueConstraint("district_id", "entry_id"),
        CHAINED,
    )

    district_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class DistrictAuditHead(HeadColumns, Base):
    """The end of a district's chain."""

    __tablename__ = "district_audit_head"
    __table_args__ = CHAINED

    district_id: Mapped[int] = mapped_column(ForeignKey("district.id"), primary_key=True, autoincrement=False)


def audit(
    session: Session,
    action: str,
    subject: str,
    subject_id: int | None,
    *,
    school_id: int | None = None,
    district_id: int | None = None,
    by: int | None,
    **detail: object,
) -> None:
    """Adds one entry to the school's log, or where no school is given to the district's."""
    entry: AuditEntry | DistrictAuditEntry
    if school_id is not None:
        entry = AuditEntry(school_id=school_id)
    else:
        entry = DistrictAuditEntry(district_id=district_id)
    entry.staff_id, entry.action, entry.subject, entry.subject_id = by, action, subject, subject_id
    entry.detail = detail
    session.add(entry)
