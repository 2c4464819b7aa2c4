"""What may be done with the child's file: changed field by field, with what stood there kept."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lxsaas.archive.five_known import renew_five_known
from lxsaas.archive.models import ChildProfile
from lxsaas.archive.queries import profiles_of
from lxsaas.core.audit import audit
from lxsaas.core.crypto import school_cipher
from lxsaas.core.errors import RuleError
from lxsaas.pupils.actions import renew_spells
from lxsaas.pupils.models import OWN_POSITION, Guardian, Pupil
from lxsaas.pupils.phones import is_phone, normal_phone
from lxsaas.pupils.queries import family_of
from lxsaas.pupils.register.codes import RESIDENT_CARD
from lxsaas.pupils.register.values import identity_fault
from lxsaas.pupils.register_families import next_ids
from lxsaas.registers.actions import add_row, edit_row, keep_version, refusals_told, take_turns
from lxsaas.registers.rows import columns_for, values_of


def save_profile(
    session: Session, pupil: Pupil, *, values: Mapping[str, Any], version: int, today: date, by: int
) -> ChildProfile:
    """Writes what the school knows of a child; `version` 0 where there was no profile yet.

    Raises RuleError('row_stale') where somebody else has written one since.
    """
    held = session.scalars(profiles_of(pupil.school_id, [pupil.id])).one_or_none()
    if held is None:
        given = {**values, "pupil_id": pupil.id}
        held, _ = add_row(session, ChildProfile, school_id=pupil.school_id, values=given, by=by)
    else:
        edit_row(session, held, values=values, version=version, by=by)
    renew_five_known(session, pupil.school_id, [pupil.id], today)
    return held


def edit_basics(
    session: Session, pupil: Pupil, *, values: Mapping[str, Any], version: int, today: date, by: int
) -> tuple[str, ...]:
    """Changes what the register left open: number, address, telephone, household, boarding, aid, health.

    Returns the fields that differ. Raises RuleError for a number that is none or another pupil's.
    """
    stored = dict(values)
    number = stored.get("identity")
    if number and pupil.identity_type == RESIDENT_CARD:
        fault = identity_fault(number, pupil.born_on)
        if fault:
            raise RuleError(fault, field="identity")
    stored["phone"] = checked_phone(stored.get("phone"))
    cipher = school_cipher(session, pupil.school_id)
    digests = {
        "identity_digest": cipher.digest(number) if number else None,
        "phone_digest": cipher.digest(stored["phone"]) if stored["phone"] else None,
    }
    changed = change_fields(session, pupil, stored, digests, version=version, by=by)
    if changed:
        renew_five_known(session, pupil.school_id, [pupil.id], today)
    if {"is_rural", "is_orphan"} & {*changed}:
        renew_spells(session, school_id=pupil.school_id, pupil_ids=[pupil.id])
    return changed


def add_member(
    session: Session, pupil: Pupil, *, values: Mapping[str, Any], checked: bool, today: date, by: int
) -> Guardian:
    """Adds a member of the family whom the register does not list; `checked`: the telephone was tried.

    The same form sent twice adds one.
    """
    [member_id] = next_ids(session, "guardian", 1)
    # Two additions at once would take the same position.
    take_turns(session, pupil.school_id, pupil.id)
    given = {**values, "phone": checked_phone(values.get("phone"))}
    cipher = school_cipher(session, pupil.school_id)
    for held in session.scalars(family_of(pupil.school_id, pupil.id)):
        if given.items() <= values_of(held, cipher).items():
            return held
    last = session.scalar(
        select(func.max(Guardian.position)).where(
            Guardian.school_id == pupil.school_id, Guardian.pupil_id == pupil.id
        )
    )
    member = Guardian(
        school_id=pupil.school_id,
        id=member_id,
        pupil_id=pupil.id,
        position=max(OWN_POSITION, (last or 0) + 1),
        is_own=True,
        phone_digest=cipher.digest(given["phone"]) if given["phone"] else None,
        verified_on=today if checked else None,
        **columns_for(Guardian, member_id, given, cipher),
    )
    session.add(member)
    session.flush()
    _log(session, "add_guardian", member, by, pupil_id=pupil.id)
    renew_five_known(session, pupil.school_id, [pupil.id], today)
    return member


def edit_member(
    session: Session,
    member: Guardian,
    *,
    values: Mapping[str, Any],
    checked: bool,
    version: int,
    today: date,
    by: int,
) -> tuple[str, ...]:
    """Changes a member of the family; from now on it is the school's, and imports leave it alone."""
    stored = {**values, "phone": checked_phone(values.get("phone"))}
    cipher = school_cipher(session, member.school_id)
    more = {
        "phone_digest": cipher.digest(stored["phone"]) if stored["phone"] else None,
        "verified_on": today if checked else member.verified_on,
    }
    changed = change_fields(session, member, stored, more, version=version, by=by)
    if changed:
        member.is_own = True
        renew_five_known(session, member.school_id, [member.pupil_id], today)
    elif checked:
        verify_member(session, member, version=version, today=today, by=by)
    return changed


def verify_member(session: Session, member: Guardian, *, version: int, today: date, by: int) -> None:
    """Notes that telephone and place of work were found right today."""
    _hold(session, member, version)
    member.verified_on = today
    _log(session, "verify_guardian", member, by, pupil_id=member.pupil_id)
    session.flush()


def remove_member(session: Session, member: Guardian, *, version: int, today: date, by: int) -> None:
    """Takes a member out of the family; the next import does not bring it back."""
    _hold(session, member, version)
    values = values_of(member, school_cipher(session, member.school_id))
    keep_version(session, member, values, change="withdrawn", reason=None, by=by)
    member.removed_on, member.is_own = today, True
    member.version += 1
    _log(session, "remove_guardian", member, by, pupil_id=member.pupil_id)
    session.flush()
    renew_five_known(session, member.school_id, [member.pupil_id], today)


def checked_phone(text: str | None, *, field: str = "phone") -> str | None:
    """The number in its normal form; raises RuleError for one that nobody can dial."""
    number = normal_phone(text)
    if number and not is_phone(number):
        raise RuleError("phone_form", field=field)
    return number


def change_fields(
    session: Session,
    row: Pupil | Guardian,
    values: Mapping[str, Any],
    more: Mapping[str, Any],
    *,
    version: int,
    by: int,
) -> tuple[str, ...]:
    """Writes the fields that differ, and `more` with them; keeps what stood there. The fields that did.

    Raises RuleError('row_stale') where `version` is not that of the row.
    """
    _hold(session, row, version)
    cipher = school_cipher(session, row.school_id)
    before = values_of(row, cipher)
    changed = tuple(name for name, value in values.items() if before[name] != value)
    if not changed:
        return ()
    keep_version(session, row, before, change="edited", reason=None, by=by)
    stored = columns_for(type(row), row.id, {name: values[name] for name in changed}, cipher)
    with refusals_told(session, type(row)):
        for column, value in {**stored, **more}.items():
            setattr(row, column, value)
        row.version += 1
        session.flush()
    child = row.id if isinstance(row, Pupil) else row.pupil_id
    _log(session, f"edit_{row.__tablename__}", row, by, pupil_id=child, fields=list(changed))
    return changed


def _hold(session: Session, row: Pupil | Guardian, version: int) -> None:
    if isinstance(row, Guardian):
        take_turns(session, row.school_id, row.pupil_id)
    session.refresh(row, with_for_update={"key_share": True})
    if row.version != version or (isinstance(row, Guardian) and row.removed_on is not None):
        raise RuleError("row_stale")


def _log(session: Session, action: str, row: Pupil | Guardian, by: int, **detail: Any) -> None:
    audit(session, action, row.__tablename__, row.id, school_id=row.school_id, by=by, **detail)
