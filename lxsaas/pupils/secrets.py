"""Opening sealed fields: who saw them is logged before they are shown."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.core.crypto import SchoolCipher
from lxsaas.pupils.models import Pupil


class Opened:
    """The opened fields of some rows of a child's file."""

    def __init__(self, cipher: SchoolCipher, rows: Iterable[Any]) -> None:
        self._fields = {(row.__tablename__, row.id): _opened(cipher, row) for row in rows if row is not None}

    def of(self, row: Any) -> Mapping[str, str | None]:
        """The sealed fields of a row by their names; none for a row that was not opened."""
        return self._fields.get((row.__tablename__, row.id), {}) if row is not None else {}


def open_secrets(
    session: Session, cipher: SchoolCipher, pupil: Pupil, rows: Iterable[Any], *, by: int, why: str
) -> Opened:
    """Opens rows of a child's file; to be shown only after the caller has committed the audit entry.

    `why`: the page on which they are seen, as a code.
    """
    audit(session, "open_secrets", "pupil", pupil.id, school_id=pupil.school_id, by=by, page=why)
    return Opened(cipher, rows)


def note_export(session: Session, *, school_id: int, count: int, by: int) -> None:
    """Logs that somebody took a list of children out of the system."""
    audit(session, "export_pupils", "pupil", None, school_id=school_id, by=by, count=count)


def note_number_search(session: Session, *, school_id: int, pupil_ids: list[int], by: int) -> None:
    """Logs that somebody found children by a number; the number itself is in no log."""
    audit(session, "find_by_number", "pupil", None, school_id=school_id, by=by, pupils=pupil_ids)


def _opened(cipher: SchoolCipher, row: Any) -> dict[str, str | None]:
    table = row.__tablename__
    return {
        name: cipher.open(getattr(row, f"{name}_sealed"), table=table, column=f"{name}_sealed", row_id=row.id)
        for name in row.SEALED
    }
