"""A child that arrives from another school: its file is made here, or fills gaps in the one there is."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.core.changes import note_change
from lxsaas.core.crypto import SchoolCipher, school_cipher
from lxsaas.core.db import table_of
from lxsaas.movement.transfer_actions import take_offer
from lxsaas.movement.transfer_file import typed_row
from lxsaas.movement.transfer_models import FormerFile, TransferPackage
from lxsaas.pupils.actions import renew_spells
from lxsaas.pupils.hooks import carried_models, pupils_changed, secrets_erased
from lxsaas.pupils.models import Guardian, ParentAbsence, Pupil
from lxsaas.pupils.phones import normal_phone
from lxsaas.registers.rows import columns_for, next_id, to_json


def receive_pupil(
    session: Session, package: TransferPackage, *, code: str, class_id: int, today: date, by: int
) -> Pupil:
    """Takes a child's file over into a class of the receiving school.

    The national register may have been quicker: a child known here by its number keeps what is known here.
    Raises RuleError for a wrong code, and where the offer is settled or over.
    """
    file = take_offer(session, package, code, today=today)
    school_id = package.to_school_id
    assert school_id is not None
    cipher = school_cipher(session, school_id)
    pupil = _pupil(session, cipher, school_id, typed_row(Pupil, file["rows"]["pupil"][0]), class_id, today)
    carried: tuple[type[Any], ...] = (Guardian, ParentAbsence, *carried_models)
    for model in carried:
        _fill(session, cipher, model, pupil, file["rows"].get(model.__tablename__, []), by)
    _keep_chapters(session, cipher, pupil, package.from_name, file, today, by)
    session.flush()
    renew_spells(session, school_id=school_id, pupil_ids=[pupil.id])
    for hear in pupils_changed:
        hear(session, school_id, [pupil.id], today)
    note_change(session, school_id=school_id, starts_on=today, ends_on=None)
    audit(session, "receive_transfer", "pupil", pupil.id, school_id=school_id, by=by, package=package.id)
    session.flush()
    return pupil


def _pupil(
    session: Session,
    cipher: SchoolCipher,
    school_id: int,
    values: dict[str, Any],
    class_id: int,
    today: date,
) -> Pupil:
    digest = cipher.digest(values["identity"]) if values.get("identity") else None
    known = _known(session, school_id, digest, values.get("national_number"))
    if known is not None:
        if known.left_on is not None and known.left_on <= today:
            # Enrolled again as if without a break: the table knows no time between.
            note_change(session, school_id=school_id, starts_on=known.left_on, ends_on=None)
            known.left_on, known.class_id = None, class_id
            known.version += 1
        return known
    pupil_id, phone = next_id(session, "pupil"), normal_phone(values.get("phone"))
    stored = columns_for(Pupil, pupil_id, values, cipher) | {
        "identity_digest": digest,
        "phone_digest": cipher.digest(phone) if phone else None,
    }
    session.execute(
        insert(table_of(Pupil)).values(
            school_id=school_id, id=pupil_id, class_id=class_id, enrolled_on=today, **stored
        )
    )
    return session.get_one(Pupil, (school_id, pupil_id))


def _known(session: Session, school_id: int, digest: bytes | None, number: str | None) -> Pupil | None:
    for condition in (
        Pupil.identity_digest == digest if digest else None,
        Pupil.national_number == number if number else None,
    ):
        if condition is not None:
            query = select(Pupil).where(Pupil.school_id == school_id, condition).limit(1)
            found = session.scalars(query.with_for_update()).one_or_none()
            if found is not None:
                return found
    return None


def _fill(
    session: Session,
    cipher: SchoolCipher,
    model: type[Any],
    pupil: Pupil,
    rows: list[Mapping[str, Any]],
    by: int,
) -> None:
    """Enters rows of one kind, where the school has none of them yet."""
    table = table_of(model)
    held = select(table.c.id).where(table.c.school_id == pupil.school_id, table.c.pupil_id == pupil.id)
    if session.execute(held.limit(1)).first() is not None:
        return
    for row in rows:
        row_id, values = next_id(session, table.name), typed_row(model, row)
        stored = columns_for(model, row_id, values, cipher)
        phone = normal_phone(values.get("phone"))
        if "phone_digest" in table.c and phone:
            stored["phone_digest"] = cipher.digest(phone)
        if "recorded_by" in table.c:
            stored["recorded_by"] = by
        session.execute(
            insert(table).values(school_id=pupil.school_id, id=row_id, pupil_id=pupil.id, **stored)
        )


def _keep_chapters(
    session: Session,
    cipher: SchoolCipher,
    pupil: Pupil,
    from_name: str,
    file: Mapping[str, Any],
    today: date,
    by: int,
) -> None:
    row_id = next_id(session, "former_file")
    sealed = cipher.seal_bytes(
        to_json({"chapters": file["chapters"]}).encode(),
        table="former_file", column="content_sealed", row_id=row_id,
    )  # fmt: skip
    session.execute(
        insert(table_of(FormerFile)).values(
            school_id=pupil.school_id, id=row_id, pupil_id=pupil.id, from_name=from_name,
            received_by=by, received_on=today, content_sealed=sealed,
        )
    )  # fmt: skip


def erase_former_files(session: Session, school_id: int, pupil_id: int, by: int) -> None:
    """What a former school's file said goes as a whole: its texts and numbers cannot be told apart there."""
    session.execute(
        delete(FormerFile).where(FormerFile.school_id == school_id, FormerFile.pupil_id == pupil_id)
    )


secrets_erased.append(erase_former_files)
