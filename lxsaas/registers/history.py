"""What stood in a row before: every version, opened for who may read the row."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from lxsaas.accounts.models import Staff
from lxsaas.core.versioned import Versioned
from lxsaas.registers.models import RowVersion
from lxsaas.registers.rows import cipher_of, from_json, values_of


@dataclass(frozen=True)
class Change:
    """One change of a row: what stood before and after it, by field."""

    at: datetime
    by: str
    kind: str
    """'edited' or 'withdrawn'."""
    reason: str | None
    before: dict[str, Any]
    after: dict[str, Any]

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that differ."""
        return tuple(name for name, value in self.before.items() if self.after.get(name) != value)


def versions_of(row: Versioned) -> Select[RowVersion, str]:
    """(what stood, who ended it), the newest first."""
    return (
        select(RowVersion, Staff.name)
        .join(Staff, (Staff.school_id == RowVersion.school_id) & (Staff.id == RowVersion.ended_by))
        .where(
            RowVersion.school_id == row.school_id,
            RowVersion.subject == row.__tablename__,
            RowVersion.subject_id == row.id,
        )
        .order_by(RowVersion.version.desc())
    )


def changes_of(session: Session, row: Versioned) -> list[Change]:
    """The row's changes, the newest first; the caller audits the sight where fields are sealed."""
    kept = session.execute(versions_of(row)).all()
    if not kept:
        return []
    cipher = cipher_of(session, type(row), row.school_id)
    after, changes = values_of(row, cipher), []
    for version, name in kept:
        values, reason = (
            cipher.open(sealed, table="row_version", column=column, row_id=version.id)
            for sealed, column in (
                (version.values_sealed, "values_sealed"), (version.reason_sealed, "reason_sealed"),
            )
        )  # fmt: skip
        before = from_json(type(row), values or "{}")
        changes.append(Change(version.ended_at, name, version.change, reason, before, after))
        after = before
    return changes
