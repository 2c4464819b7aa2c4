"""Opening sealed fields: who saw them is logged before they are shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.core.crypto import SchoolCipher
from lxsaas.pupils.models import Guardian, Pupil


@dataclass(frozen=True)
class Contact:
    """A guardian's telephone and address, by position in the register."""

    phone: str | None
    address: str | None


@dataclass(frozen=True)
class Secrets:
    """A child's sealed fields, opened."""

    identity_number: str | None
    phone: str | None
    address: str | None
    contacts: dict[int, Contact]


def open_secrets(
    session: Session, cipher: SchoolCipher, pupil: Pupil, family: Sequence[Guardian], *, by: int
) -> Secrets:
    """The opened fields; to be shown only after the caller has committed the audit entry."""
    audit(session, "open_secrets", "pupil", pupil.id, school_id=pupil.school_id, by=by)

    def opened(row: Pupil | Guardian, column: str) -> str | None:
        return cipher.open(getattr(row, column), table=row.__tablename__, column=column, row_id=row.id)

    return Secrets(
        identity_number=opened(pupil, "identity_sealed"),
        phone=opened(pupil, "phone_sealed"),
        address=opened(pupil, "address_sealed"),
        contacts={
            one.position: Contact(opened(one, "phone_sealed"), opened(one, "address_sealed"))
            for one in family
        },
    )


def note_export(session: Session, *, school_id: int, count: int, by: int) -> None:
    """Logs that somebody took a list of children out of the system."""
    audit(session, "export_pupils", "pupil", None, school_id=school_id, by=by, count=count)
