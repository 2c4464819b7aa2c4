"""Fields that hurt when they leak: sealed with AES-GCM under a key of the school, wrapped by a master key.

Destroying a school's key erases its sealed fields everywhere, backups included.
"""

import hashlib
import hmac
import os
from collections.abc import Mapping
from datetime import datetime

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap
from sqlalchemy import CheckConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lxsaas.core.db import Base, SchoolOwned
from lxsaas.core.errors import LxsaasError

_NONCE = 12
_KEY_ID = 8


class SchoolKey(SchoolOwned, Base):
    """A school's key, wrapped by the master key; the newest of a purpose seals, older ones still open."""

    __tablename__ = "school_key"
    __table_args__ = (CheckConstraint("purpose in ('data', 'counselling')", name="purpose"),)

    purpose: Mapped[str] = mapped_column(server_default="data")
    """What it seals: a purpose with a key of its own can be destroyed by itself."""
    wrapped: Mapped[bytes]
    """Empty once destroyed."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    destroyed_at: Mapped[datetime | None]


class KeyDestroyedError(LxsaasError):
    """A text's key was destroyed: nobody can read it any more."""


class SchoolCipher:
    """Seals and opens one school's fields.

    Table, column, school and row are authenticated with the text: moved elsewhere it does not open.
    """

    def __init__(self, school_id: int, keys: Mapping[int, bytes]) -> None:
        self._school_id = school_id
        self._keys = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._newest = max(keys)
        # Digests must stay findable when data keys rotate, so they hang on the first key.
        self._digest_key = hmac.new(keys[min(keys)], b"digest", hashlib.sha256).digest()

    def seal(self, value: str | None, *, table: str, column: str, row_id: int) -> bytes | None:
        """The sealed form of `value`; None stays None."""
        if value is None:
            return None
        return self.seal_bytes(value.encode(), table=table, column=column, row_id=row_id)

    def seal_bytes(self, value: bytes, *, table: str, column: str, row_id: int) -> bytes:
        """The sealed form of a file."""
        nonce = os.urandom(_NONCE)
        sealed = self._keys[self._newest].encrypt(nonce, value, self._place(table, column, row_id))
        return self._newest.to_bytes(_KEY_ID, "big") + nonce + sealed

    def open(self, sealed: bytes | None, *, table: str, column: str, row_id: int) -> str | None:
        """The text of a sealed value.

        Raises cryptography's InvalidTag for one that was altered or moved, KeyDestroyedError for one whose
        key is gone for good.
        """
        if sealed is None:
            return None
        return self.open_bytes(sealed, table=table, column=column, row_id=row_id).decode()

    def open_bytes(self, sealed: bytes, *, table: str, column: str, row_id: int) -> bytes:
        """The file of a sealed value; raises as `open` does."""
        key_id = int.from_bytes(sealed[:_KEY_ID], "big")
        if key_id not in self._keys:
            raise KeyDestroyedError("key_destroyed")
        nonce, text = sealed[_KEY_ID : _KEY_ID + _NONCE], sealed[_KEY_ID + _NONCE :]
        return self._keys[key_id].decrypt(nonce, text, self._place(table, column, row_id))

    def digest(self, value: str) -> bytes:
        """A keyed hash by which a number is found again without being readable; differs between schools."""
        return hmac.new(self._digest_key, value.encode(), hashlib.sha256).digest()

    def _place(self, table: str, column: str, row_id: int) -> bytes:
        return f"{table}.{column}:{self._school_id}:{row_id}".encode()


def school_cipher(session: Session, school_id: int, purpose: str = "data") -> SchoolCipher:
    """The cipher of the school in scope for a purpose, with a first key made when it has none.

    Kept for the session.
    """
    ciphers: dict[str, SchoolCipher] = session.info.setdefault("school_ciphers", {})
    if purpose not in ciphers:
        ciphers[purpose] = SchoolCipher(school_id, _keys_of(session, school_id, purpose))
    return ciphers[purpose]


def new_key(session: Session, school_id: int, purpose: str) -> SchoolKey:
    """A fresh key, which seals from now on."""
    master: bytes = session.info["master_key"]
    fresh = SchoolKey(school_id=school_id, purpose=purpose, wrapped=aes_key_wrap(master, os.urandom(32)))
    session.add(fresh)
    session.flush()
    session.info.pop("school_ciphers", None)
    return fresh


def _keys_of(session: Session, school_id: int, purpose: str) -> dict[int, bytes]:
    master: bytes = session.info["master_key"]
    query = select(SchoolKey).where(
        SchoolKey.school_id == school_id, SchoolKey.purpose == purpose, SchoolKey.destroyed_at.is_(None)
    )
    rows = session.scalars(query).all()
    if not rows:
        # Two first uses at once must not leave two first keys: digests hang on the first.
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext("school_key"), school_id % 2**31)))
        rows = session.scalars(query).all()
    if not rows:
        rows = [new_key(session, school_id, purpose)]
    return {row.id: aes_key_unwrap(master, row.wrapped) for row in rows}
