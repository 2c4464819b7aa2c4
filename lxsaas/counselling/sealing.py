"""The key of counselling: one place that says under which purpose its texts are sealed."""

from sqlalchemy.orm import Session

from lxsaas.core.crypto import SchoolCipher, school_cipher
from lxsaas.counselling.models import PURPOSE


def counselling_cipher(session: Session, school_id: int) -> SchoolCipher:
    """Seals and opens the school's letters, cases and sessions.

    Opening raises KeyDestroyedError once the key of counselling was destroyed.
    """
    return school_cipher(session, school_id, PURPOSE)
