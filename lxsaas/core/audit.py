"""Who did or saw what, to which child; the application can add entries and change none."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from lxsaas.core.db import Base, DistrictOwned, SchoolOwned


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


class AuditEntry(AuditColumns, SchoolOwned, Base):
    __tablename__ = "audit_entry"
    __table_args__ = (Index(None, "school_id", "at"),)


class DistrictAuditEntry(AuditColumns, DistrictOwned, Base):
    __tablename__ = "district_audit_entry"
    __table_args__ = (Index(None, "district_id", "at"),)


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
