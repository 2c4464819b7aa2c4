"""Forgetting what stood in rows before: versions are otherwise kept for good."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from lxsaas.core.crypto import SchoolCipher
from lxsaas.registers.models import RowVersion


def forget_versions(session: Session, cipher: SchoolCipher, rows: Sequence[Any]) -> int:
    """Empties what stood in these rows before, and returns of how many versions.

    That they were changed, by whom and when stays known.
    """
    if not rows:
        return 0
    subjects: dict[str, list[int]] = {}
    for row in rows:
        subjects.setdefault(row.__tablename__, []).append(row.id)
    which = or_(
        *(
            (RowVersion.subject == subject) & RowVersion.subject_id.in_(ids)
            for subject, ids in subjects.items()
        )
    )
    school_id = rows[0].school_id
    kept = session.scalars(select(RowVersion.id).where(RowVersion.school_id == school_id, which)).all()
    for version_id in kept:
        sealed = cipher.seal("{}", table="row_version", column="values_sealed", row_id=version_id)
        session.execute(
            update(RowVersion)
            .where(RowVersion.school_id == school_id, RowVersion.id == version_id)
            .values(values_sealed=sealed, reason_sealed=None)
        )
    return len(kept)
