"""Erasing what a family asks to have erased, so far as no law wants it kept (docs/privacy.md)."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lxsaas.archive.five_known import renew_five_known
from lxsaas.archive.models import ChildProfile, Entrustment, TemporaryGuardian
from lxsaas.core.audit import audit
from lxsaas.core.crypto import SchoolCipher, school_cipher
from lxsaas.exports.actions import forget_files_with_children
from lxsaas.pupils.hooks import secrets_erased
from lxsaas.pupils.models import Guardian, ParentAbsence, Pupil
from lxsaas.registers.forgetting import forget_versions

NUMBERS = ("identity", "phone", "address")


@dataclass(frozen=True)
class Erased:
    """How many rows were emptied."""

    profiles: int
    pupils: int
    members: int
    temporary: int
    entrustments: int
    absences: int
    versions: int


def erase_pupil_secrets(session: Session, pupil: Pupil, *, today: date, by: int) -> Erased:
    """Empties sealed fields of a child's file, earlier versions included, and returns how many rows.

    Of an enrolled child: what rests on consent alone (character, interests, health, medical history) and the
    numbers of people who have no part in its care any more. Of a child that left: every number, address,
    place of work and text. Name, class and days stay: the law on school records wants them kept.
    """
    session.refresh(pupil, with_for_update={"key_share": True})
    left = pupil.left_on is not None and pupil.left_on <= today
    cipher = school_cipher(session, pupil.school_id)
    profiles = _all(session, ChildProfile, pupil)
    members = _all(session, Guardian, pupil, None if left else Guardian.removed_on.is_not(None))
    temporary = _all(session, TemporaryGuardian, pupil, None if left else _over(TemporaryGuardian, today))
    entrusted = _all(session, Entrustment, pupil, None if left else _over(Entrustment, today))
    absences = _all(session, ParentAbsence, pupil) if left else []
    pupils = [pupil] if left else []
    for profile in profiles:
        _empty(profile, ("character", "interests", "health", "history"))
    for one in (*pupils, *members):
        _empty(one, NUMBERS)
    for other in (*temporary, *entrusted):
        _blank(cipher, other)
    _put(profiles, no_history=False)
    _put(pupils, identity_digest=None, phone_digest=None)
    _put(members, phone_digest=None, workplace=None, duty=None)
    _put(absences, place=None)
    rows: list[Any] = [*profiles, *pupils, *members, *temporary, *entrusted, *absences]
    for row in rows:
        row.version += 1
    session.flush()
    erased = Erased(
        len(profiles), len(pupils), len(members), len(temporary), len(entrusted), len(absences),
        forget_versions(session, cipher, rows),
    )  # fmt: skip
    audit(
        session, "erase_pupil_secrets", "pupil", pupil.id, school_id=pupil.school_id, by=by, **asdict(erased)
    )
    forget_files_with_children(session, pupil.school_id, by=by)
    for hear in secrets_erased:
        hear(session, pupil.school_id, pupil.id, by)
    session.flush()
    renew_five_known(session, pupil.school_id, [pupil.id], today)
    return erased


def _over(model: Any, today: date) -> Any:
    """Rows whose time is over, or that were withdrawn."""
    return or_(model.ends_on <= today, model.withdrawn_at.is_not(None))


def _all(session: Session, model: Any, pupil: Pupil, which: Any = None) -> Sequence[Any]:
    query = select(model).where(model.school_id == pupil.school_id, model.pupil_id == pupil.id)
    if which is not None:
        query = query.where(which)
    return session.scalars(query.with_for_update()).all()


def _empty(row: Any, names: Iterable[str]) -> None:
    for name in names:
        setattr(row, f"{name}_sealed", None)


def _put(rows: Iterable[Any], **values: object) -> None:
    for row in rows:
        for name, value in values.items():
            setattr(row, name, value)


def _blank(cipher: SchoolCipher, row: Any) -> None:
    """Rows of which a number is required keep an empty one."""
    row.phone_digest = None
    for name in row.SEALED:
        column = f"{name}_sealed"
        if getattr(row, column) is not None:
            blank = cipher.seal("", table=row.__tablename__, column=column, row_id=row.id)
            setattr(row, column, blank)
