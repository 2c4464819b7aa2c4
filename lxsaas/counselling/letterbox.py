"""The letterbox: a child writes with the school's code, and reads the answer with a code of its own.

Codes are kept as keyed hashes. A child's code has 16 digits: with some thousand letters a guess is right once
in 10¹² tries.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.core.crypto import SchoolCipher
from lxsaas.core.errors import RuleError
from lxsaas.counselling.checks import LETTER_LENGTH, checked_text
from lxsaas.counselling.letter_queries import messages_of
from lxsaas.counselling.models import LetterboxCode, LetterboxLetter, LetterboxMessage
from lxsaas.counselling.sealing import counselling_cipher
from lxsaas.registers.rows import lock_school, next_id

CODE_DIGITS = 6
REPLY_DIGITS = 16
_GROUP = 4


@dataclass(frozen=True)
class Message:
    """One opened text of a letter."""

    text: str
    sent_at: datetime
    answered_by: str | None
    """Name of the counsellor; None for the child's own words."""
    seen_at: datetime | None


def digits_of(code: str | None) -> str:
    """The digits of a typed code; full-width ones of Chinese keyboards count too."""
    return "".join(str(int(sign)) for sign in code or "" if sign.isdecimal())[: 2 * REPLY_DIGITS]


def in_groups(code: str, size: int = _GROUP) -> str:
    """A code as it is written down: 1234 5678 …"""
    return " ".join(code[at : at + size] for at in range(0, len(code), size))


def set_code(session: Session, *, school_id: int, by: int) -> str:
    """Makes a new code for the poster, ends the one before, and returns it: it is shown this once."""
    lock_school(session, "letterbox_code", school_id)
    _end_code(session, school_id)
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    digest = _code_digest(counselling_cipher(session, school_id), code)
    session.add(LetterboxCode(school_id=school_id, code_digest=digest, set_by=by))
    session.flush()
    audit(session, "set_code", "letterbox_code", None, school_id=school_id, by=by)
    return code


def close_letterbox(session: Session, *, school_id: int, by: int) -> None:
    """Ends the code: nobody begins a new letter; answers can still be read."""
    _end_code(session, school_id)
    audit(session, "close_letterbox", "letterbox_code", None, school_id=school_id, by=by)


def current_code(session: Session, school_id: int) -> LetterboxCode | None:
    """The code that is valid now; None while the letterbox is closed."""
    query = select(LetterboxCode).where(
        LetterboxCode.school_id == school_id, LetterboxCode.ended_at.is_(None)
    )
    return session.scalars(query).one_or_none()


def is_code(session: Session, school_id: int, code: str) -> bool:
    """Whether this is what stands on the poster now."""
    current, typed = current_code(session, school_id), digits_of(code)
    if current is None or len(typed) != CODE_DIGITS:
        return False
    return secrets.compare_digest(
        current.code_digest, _code_digest(counselling_cipher(session, school_id), typed)
    )


def send_letter(session: Session, *, school_id: int, text: str, client_key: UUID) -> str:
    """Puts a letter into the box and returns the child's own code; who calls has checked the poster's.

    The code follows from the form's key: sent twice over a bad line it is one letter with one code.
    """
    text = checked_text(text, "text", LETTER_LENGTH)
    cipher = counselling_cipher(session, school_id)
    number = int.from_bytes(cipher.digest(f"letterbox-reply:{client_key}"), "big")
    code = f"{number % 10**REPLY_DIGITS:0{REPLY_DIGITS}d}"
    digest = _reply_digest(cipher, code)
    statement = insert(LetterboxLetter).values(
        school_id=school_id, reply_digest=digest, waiting_since=func.now()
    )
    session.execute(statement.on_conflict_do_nothing(index_elements=["school_id", "reply_digest"]))
    letter = _letter_by(session, school_id, digest)
    if letter is not None:
        write_again(session, letter, text=text, client_key=client_key)
    return code


def letter_of(session: Session, *, school_id: int, code: str) -> LetterboxLetter:
    """The letter of a child's code; raises RuleError where there is none."""
    typed = digits_of(code)
    letter = None
    if len(typed) == REPLY_DIGITS:
        digest = _reply_digest(counselling_cipher(session, school_id), typed)
        letter = _letter_by(session, school_id, digest)
    if letter is None:
        raise RuleError("letter_code", field="code")
    return letter


def write_again(session: Session, letter: LetterboxLetter, *, text: str, client_key: UUID) -> None:
    """Adds a child's text to its letter, which waits for an answer again."""
    text = checked_text(text, "text", LETTER_LENGTH)
    session.refresh(letter, with_for_update=True)
    if _add_message(session, letter, text, client_key=client_key, staff_id=None):
        letter.waiting_since = letter.waiting_since or session.scalar(select(func.now()))
        letter.version += 1
        session.flush()


def answer_letter(session: Session, letter: LetterboxLetter, *, text: str, version: int, by: int) -> None:
    """Writes to the child; refused where the child or a colleague has written since the letter was read."""
    text = checked_text(text, "text", LETTER_LENGTH)
    _hold(session, letter, version)
    _add_message(session, letter, text, client_key=None, staff_id=by)
    letter.waiting_since, letter.version = None, letter.version + 1
    audit(session, "answer_letter", "letterbox_letter", letter.id, school_id=letter.school_id, by=by)
    session.flush()


def put_aside(session: Session, letter: LetterboxLetter, *, version: int, by: int) -> None:
    """Takes a letter from those that wait without an answer: a joke, or answered in person."""
    _hold(session, letter, version)
    letter.waiting_since, letter.version = None, letter.version + 1
    audit(session, "put_aside", "letterbox_letter", letter.id, school_id=letter.school_id, by=by)
    session.flush()


def read_letter(session: Session, letter: LetterboxLetter, *, by: int | None) -> Sequence[Message]:
    """The opened texts of a letter, by a counsellor (logged) or, with None, by the child itself.

    To be shown only after the caller has committed.
    """
    rows = session.execute(messages_of(letter.id)).all()
    cipher = counselling_cipher(session, letter.school_id)
    opened = [
        Message(_opened(cipher, message), message.sent_at, name, message.seen_at) for message, name in rows
    ]
    others = LetterboxMessage.staff_id.is_(None) if by else LetterboxMessage.staff_id.is_not(None)
    session.execute(
        update(LetterboxMessage)
        .where(
            LetterboxMessage.school_id == letter.school_id,
            LetterboxMessage.letter_id == letter.id,
            LetterboxMessage.seen_at.is_(None),
            others,
        )
        .values(seen_at=func.now())
        .execution_options(synchronize_session=False)
    )
    if by:
        audit(session, "read_letter", "letterbox_letter", letter.id, school_id=letter.school_id, by=by)
    return opened


def _opened(cipher: SchoolCipher, message: LetterboxMessage) -> str:
    text = cipher.open(
        message.text_sealed, table="letterbox_message", column="text_sealed", row_id=message.id
    )
    return text or ""


def _add_message(
    session: Session, letter: LetterboxLetter, text: str, *, client_key: UUID | None, staff_id: int | None
) -> bool:
    """Whether the text is new: the same one sent twice from one form stands once."""
    cipher, row_id = counselling_cipher(session, letter.school_id), next_id(session, "letterbox_message")
    # Who goes back and writes something else means something else. Keyed: a hash of a text tells the text.
    key = UUID(bytes=cipher.digest(f"letterbox-text:{client_key}:{text}")[:16]) if client_key else None
    statement = insert(LetterboxMessage).values(
        school_id=letter.school_id, id=row_id, letter_id=letter.id, staff_id=staff_id, client_key=key,
        text_sealed=cipher.seal(text, table="letterbox_message", column="text_sealed", row_id=row_id),
    )  # fmt: skip
    made = session.execute(
        statement.on_conflict_do_nothing(index_elements=["school_id", "client_key"]).returning(
            LetterboxMessage.id
        )
    )
    return made.one_or_none() is not None


def _letter_by(session: Session, school_id: int, digest: bytes) -> LetterboxLetter | None:
    query = select(LetterboxLetter).where(
        LetterboxLetter.school_id == school_id, LetterboxLetter.reply_digest == digest
    )
    return session.scalars(query).one_or_none()


def _hold(session: Session, letter: LetterboxLetter, version: int) -> None:
    session.refresh(letter, with_for_update=True)
    if letter.version != version:
        raise RuleError("letter_stale")


def _end_code(session: Session, school_id: int) -> None:
    session.execute(
        update(LetterboxCode)
        .where(LetterboxCode.school_id == school_id, LetterboxCode.ended_at.is_(None))
        .values(ended_at=func.now())
    )


def _code_digest(cipher: SchoolCipher, code: str) -> bytes:
    return cipher.digest(f"letterbox-code:{code}")


def _reply_digest(cipher: SchoolCipher, code: str) -> bytes:
    return cipher.digest(f"letterbox-letter:{code}")
