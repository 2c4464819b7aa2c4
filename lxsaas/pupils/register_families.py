"""Families as the register lists them, beside those members whom the school keeps itself."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.core.crypto import SchoolCipher
from lxsaas.core.db import table_of
from lxsaas.pupils.models import Guardian
from lxsaas.pupils.phones import normal_phone
from lxsaas.pupils.register import codes
from lxsaas.pupils.register.rows import FamilyMember, RegisterRow
from lxsaas.pupils.register_diff import MEMBER_PLAIN, SEALED


def next_ids(session: Session, table: str, count: int) -> Sequence[int]:
    """Fresh ids: sealing needs a row's id before the row exists."""
    query = text("select nextval(pg_get_serial_sequence(:table, 'id')) from generate_series(1, :count)")
    return session.scalars(query, {"table": table, "count": count}).all()


def replace_families(
    session: Session,
    cipher: SchoolCipher,
    school_id: int,
    rows: dict[int, RegisterRow],
    *,
    known: Collection[int],
) -> None:
    """The register's members take the place of those that it listed before, in the same rows.

    A member whom the school changed or removed stays as the school left it: it knows the family's new
    telephone before the register does.
    """
    held = _held(session, school_id, known)
    listed = [
        (pupil_id, member)
        for pupil_id, row in rows.items()
        for member in row.family
        if not (kept := held[pupil_id].get(member.position)) or not kept.is_own
    ]
    stay = {(pupil_id, member.position) for pupil_id, member in listed}
    gone = [
        one.id
        for pupil_id, members in held.items()
        for one in members.values()
        if not one.is_own and (pupil_id, one.position) not in stay
    ]
    if gone:
        session.execute(delete(Guardian).where(Guardian.school_id == school_id, Guardian.id.in_(gone)))
    new = [key for key in listed if key[1].position not in held[key[0]]]
    ids = {
        (pupil_id, member.position): guardian_id
        for guardian_id, (pupil_id, member) in zip(next_ids(session, "guardian", len(new)), new, strict=True)
    }
    values = []
    for pupil_id, member in listed:
        old = held[pupil_id].get(member.position)
        guardian_id = old.id if old else ids[pupil_id, member.position]
        values.append(
            {"school_id": school_id, "id": guardian_id, "pupil_id": pupil_id}
            | _values(cipher, rows[pupil_id], member, guardian_id, old)
        )
    if values:
        _write(session, values)


def _held(session: Session, school_id: int, pupil_ids: Collection[int]) -> dict[int, dict[int, Any]]:
    """The members of some families by pupil and position, removed ones included."""
    found: dict[int, dict[int, Any]] = defaultdict(dict)
    table = table_of(Guardian)
    query = select(table).where(table.c.school_id == school_id, table.c.pupil_id.in_(pupil_ids))
    for one in session.execute(query.with_for_update()) if pupil_ids else ():
        found[one.pupil_id][one.position] = one
    return found


def _values(
    cipher: SchoolCipher, row: RegisterRow, member: FamilyMember, guardian_id: int, old: Any
) -> dict[str, Any]:
    phone = normal_phone(member.phone)
    digest = cipher.digest(phone) if phone else None
    sealed = {
        column: cipher.seal(getattr(member, name), table="guardian", column=column, row_id=guardian_id)
        for name, column in SEALED.items()
    }
    # That somebody checked the number holds for as long as it is the same number of the same person.
    same = old is not None and (old.phone_digest, old.name) == (digest, member.name)
    return {
        "position": member.position,
        **{name: getattr(member, name) for name in MEMBER_PLAIN},
        **sealed,
        "phone_digest": digest,
        "is_at_home": _is_at_home(row, member),
        "verified_on": old.verified_on if same else None,
    }


def _is_at_home(row: RegisterRow, member: FamilyMember) -> bool | None:
    """Whether a member lives at the child's address and is not a parent who is away; None: not known."""
    if not member.address or not row.address:
        return None
    if "".join(member.address.split()) != "".join(row.address.split()):
        return False
    away = {one.parent for one in row.absences}
    if member.relation in codes.PARENTS and codes.PARENTS[member.relation] in away:
        return False
    return None if member.relation in codes.PARENTS and "unknown" in away else True


def _write(session: Session, values: Sequence[dict[str, Any]]) -> None:
    statement = insert(table_of(Guardian))
    fresh = {
        name: statement.excluded[name]
        for name in values[0]
        if name not in ("school_id", "id", "pupil_id", "position")
    }
    # Row by row, not as one list: a statement takes 65,535 parameters, two thousand families have more.
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["school_id", "id"], set_=fresh | {"version": Guardian.version + 1}
        ),
        list(values),
    )
