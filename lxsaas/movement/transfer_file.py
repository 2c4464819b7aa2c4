"""A child's file as it travels: gathered, sealed under a code, opened, and its chapters for reading."""

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select
from sqlalchemy.orm import Session

from lxsaas.core.crypto import school_cipher
from lxsaas.core.errors import RuleError
from lxsaas.pupils.hooks import carried_models
from lxsaas.pupils.models import Guardian, ParentAbsence, Pupil
from lxsaas.pupils.whole_file import Document, FilePart
from lxsaas.registers.rows import from_json, to_json, values_of
from lxsaas.schools.models import SchoolClass

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Nothing that is mistaken for something else on paper."""
CODE_LENGTH = 12
"""Characters: 58 bits, each guess costs a scrypt."""
_SALT, _NONCE = 16, 12
LEFT_BEHIND = ("class_id", "enrolled_on", "left_on", "seat_number", "pupil_id")
"""Fields that are true of the former school only."""


def new_code() -> str:
    """A code such as 'K7QX-2MPA-9TDE', from the system's random source."""
    text = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    return "-".join(text[start : start + 4] for start in range(0, CODE_LENGTH, 4))


def gather(session: Session, pupil: Pupil, chapters: Sequence[FilePart]) -> str:
    """The file as JSON: rows that become rows again, and chapters to be read. The caller logs the sight."""
    cipher = school_cipher(session, pupil.school_id)
    school_class = session.get_one(SchoolClass, (pupil.school_id, pupil.class_id))
    rows: dict[str, list[dict[str, Any]]] = {"pupil": [values_of(pupil, cipher)]}
    carried: tuple[type[Any], ...] = (Guardian, ParentAbsence, *carried_models)
    for model in carried:
        query = select(model).where(model.school_id == pupil.school_id, model.pupil_id == pupil.id)
        query = query.where(
            model.removed_on.is_(None) if model is Guardian else model.withdrawn_at.is_(None)
        ).order_by(model.id)
        rows[model.__tablename__] = [values_of(row, cipher) for row in session.scalars(query)]
    for found in rows.values():
        for row in found:
            for name in LEFT_BEHIND:
                row.pop(name, None)
    content = {"class_code": school_class.code, "rows": rows, "chapters": [_plain(one) for one in chapters]}
    return to_json(content)


def seal_with_code(text: str, code: str, place: str) -> bytes:
    """`place` (who sends to whom) is authenticated with it."""
    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    return salt + nonce + AESGCM(_key(code, salt)).encrypt(nonce, text.encode(), place.encode())


def open_with_code(content: bytes, code: str, place: str) -> dict[str, Any]:
    """Raises RuleError where the code is not the one."""
    salt, nonce, sealed = content[:_SALT], content[_SALT : _SALT + _NONCE], content[_SALT + _NONCE :]
    try:
        opened = AESGCM(_key(code, salt)).decrypt(nonce, sealed, place.encode())
    except InvalidTag:
        raise RuleError("transfer_code_wrong", field="code") from None
    return dict(json.loads(opened))


def typed_row(model: type[Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the package with the types that the model's columns have."""
    return from_json(model, to_json(row))


def _key(code: str, salt: bytes) -> bytes:
    plain = "".join(one for one in code.upper() if one in ALPHABET)
    return hashlib.scrypt(plain.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)


def _plain(part: FilePart) -> dict[str, Any]:
    return {
        "title": part.title,
        "facts": [list(fact) for fact in part.facts],
        "tables": [
            {"title": one.title, "headings": list(one.headings), "rows": [list(row) for row in one.rows]}
            for one in part.tables
        ],
        "documents": [
            {"name": one.name, "caption": one.caption, "content": base64.b64encode(one.content).decode()}
            for one in part.documents
        ],
    }


def documents_of(chapters: Sequence[Mapping[str, Any]]) -> list[Document]:
    """The photos and documents of all chapters, in their order."""
    return [
        Document(one["name"], one["caption"], base64.b64decode(one["content"]))
        for chapter in chapters
        for one in chapter["documents"]
    ]


def named_in(content: Mapping[str, Any]) -> tuple[str, date, str]:
    """What the receiving school must see to know the child: name, day of birth, former class."""
    row = content["rows"]["pupil"][0]
    return row["name"], date.fromisoformat(row["born_on"]), content["class_code"]
