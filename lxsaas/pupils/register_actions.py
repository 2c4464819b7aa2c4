"""Applying a register to the archive: one transaction, everything or nothing."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.core.changes import note_change
from lxsaas.core.crypto import SchoolCipher, school_cipher
from lxsaas.core.db import table_of
from lxsaas.core.errors import RuleError
from lxsaas.pupils.actions import renew_spells
from lxsaas.pupils.hooks import pupils_changed
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.phones import normal_phone
from lxsaas.pupils.register.rows import ParsedRegister, RegisterRow
from lxsaas.pupils.register_absences import update_absences
from lxsaas.pupils.register_diff import (
    KEPT_WHEN_BLANK,
    SEALED,
    Changed,
    RegisterDiff,
    compare,
    plain_values,
)
from lxsaas.pupils.register_families import next_ids, replace_families
from lxsaas.schools.models import SchoolClass


@dataclass(frozen=True)
class Counts:
    """An import in numbers, as command and page tell it."""

    rows: int
    accepted: int
    rejected: int
    new: int
    changed: int
    unchanged: int
    left: int
    left_behind: int


def counts_of(parsed: ParsedRegister, diff: RegisterDiff) -> Counts:
    return Counts(
        rows=parsed.row_count,
        accepted=len(parsed.accepted),
        rejected=len(parsed.rejected),
        new=len(diff.new),
        changed=len(diff.changed),
        unchanged=len(diff.unchanged),
        left=len(diff.left),
        left_behind=sum(row.left_behind > 0 for row in parsed.accepted),
    )


def apply_register(
    session: Session,
    *,
    school_id: int,
    parsed: ParsedRegister,
    today: date,
    accept_valid: bool = False,
    mark_left: bool = False,
    by: int | None,
) -> Counts:
    """Brings the archive to what the sheet says; who is not in it is left alone unless `mark_left`.

    Raises RuleError when rows are rejected and the good ones were not to be taken alone, and when no row is
    good: by the sheet of another school everybody would have left. The sheet is compared anew here: what was
    previewed may have changed since.
    """
    if not parsed.accepted:
        raise RuleError("no_row_valid")
    if parsed.problems and not accept_valid:
        raise RuleError("rows_rejected", count=len(parsed.rejected))
    # Two imports of one school take turns, or both would add the same children.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"register:{school_id}"))))
    cipher = school_cipher(session, school_id)
    diff = compare(session, cipher, school_id=school_id, parsed=parsed)
    since = _since(diff, today)
    rows = [*diff.new, *(one.row for one in diff.changed)]
    class_ids = _classes(session, school_id, {row.class_code for row in rows})
    ids = next_ids(session, "pupil", len(diff.new))
    _add_pupils(session, cipher, school_id, dict(zip(ids, diff.new, strict=True)), class_ids, today)
    known = [one.pupil.id for one in diff.changed]
    # In the order of their ids, as whoever else writes about several children: else it were a deadlock.
    held = select(Pupil.id).where(Pupil.school_id == school_id, Pupil.id.in_(known)).order_by(Pupil.id)
    session.execute(held.with_for_update(key_share=True))
    _change_pupils(session, cipher, diff.changed, class_ids)
    by_pupil = dict(zip(ids, diff.new, strict=True)) | {one.pupil.id: one.row for one in diff.changed}
    replace_families(session, cipher, school_id, by_pupil, known=known)
    silent = {one.pupil.id for one in diff.changed if not one.tells_absences}
    told = {pupil_id: row for pupil_id, row in by_pupil.items() if pupil_id not in silent}
    update_absences(session, school_id, told, today)
    session.flush()
    renew_spells(session, school_id=school_id, pupil_ids=by_pupil)
    for hear in pupils_changed:
        hear(session, school_id, [*by_pupil, *(pupil.id for pupil in diff.unchanged)], today)
    if mark_left:
        _mark_left(session, school_id, [pupil.id for pupil in diff.left], today)
    counts = counts_of(parsed, diff)
    if by_pupil or (mark_left and diff.left):
        note_change(session, school_id=school_id, starts_on=since, ends_on=None)
        audit(
            session, "apply_register", "pupil", None, school_id=school_id, by=by, **asdict(counts)
        )  # fmt: skip
    session.flush()
    return counts


def _since(diff: RegisterDiff, today: date) -> date:
    """From which day on figures may differ, before anything is changed.

    Of new pupils from their enrolment; of who was born on another day too, for past birthdays were counted;
    of who comes back from the day on which they had left, for the table knows no time between.
    """
    days = [today, *(_enrolled_on(row, today) for row in diff.new)]
    for one in diff.changed:
        if one.row.born_on != one.pupil.born_on:
            days.append(one.pupil.enrolled_on)
        if one.pupil.left_on is not None:
            days.append(one.pupil.left_on)
    return min(days)


def _enrolled_on(row: RegisterRow, today: date) -> date:
    """The first of 入学年月; the day of the import where that is missing or yet to come."""
    return row.enrolled_month if row.enrolled_month and row.enrolled_month <= today else today


def _classes(session: Session, school_id: int, class_codes: Collection[str]) -> dict[str, int]:
    """Ids of these classes by code, made where the school has none: '0302' is grade 3, class 2."""
    query = select(SchoolClass.code, SchoolClass.id).where(SchoolClass.school_id == school_id)
    known = {row.code: row.id for row in session.execute(query)}
    for code in sorted(set(class_codes) - known.keys()):
        made = SchoolClass(school_id=school_id, code=code, grade=int(code[:2]), number=int(code[2:]))
        session.add(made)
        session.flush()
        known[code] = made.id
    return known


def _add_pupils(
    session: Session,
    cipher: SchoolCipher,
    school_id: int,
    rows: dict[int, RegisterRow],
    class_ids: dict[str, int],
    today: date,
) -> None:
    if rows:
        session.execute(
            insert(table_of(Pupil)),
            [
                {
                    "school_id": school_id,
                    "id": pupil_id,
                    "class_id": class_ids[row.class_code],
                    "enrolled_on": _enrolled_on(row, today),
                    **plain_values(row),
                    **_sealed(cipher, row, pupil_id),
                }
                for pupil_id, row in rows.items()
            ],
        )


def _sealed(cipher: SchoolCipher, row: RegisterRow, pupil_id: int) -> dict[str, bytes | None]:
    sealed: dict[str, bytes | None] = {
        column: cipher.seal(getattr(row, name), table="pupil", column=column, row_id=pupil_id)
        for name, column in SEALED.items()
    }
    number, phone = row.identity_number, normal_phone(row.phone)
    return sealed | {
        "identity_digest": cipher.digest(number) if number else None,
        "phone_digest": cipher.digest(phone) if phone else None,
    }


def _change_pupils(
    session: Session, cipher: SchoolCipher, changed: Sequence[Changed], class_ids: dict[str, int]
) -> None:
    """A statement for each set of columns; one a pupil would have the session look through all of them."""
    table = table_of(Pupil)
    rows: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for one in changed:
        values = _changed_values(cipher, one, class_ids)
        rows[tuple(values)].append(values | {"of_school": one.pupil.school_id, "of_id": one.pupil.id})
    statement = (
        update(table)
        .where(table.c.school_id == bindparam("of_school"), table.c.id == bindparam("of_id"))
        .values(version=table.c.version + 1)
    )
    for alike in rows.values():
        session.execute(statement, alike)


def _changed_values(cipher: SchoolCipher, changed: Changed, class_ids: dict[str, int]) -> dict[str, Any]:
    row = changed.row
    values: dict[str, Any] = plain_values(row) | _sealed(cipher, row, changed.pupil.id)
    for name in KEPT_WHEN_BLANK:
        if getattr(row, name) is None:
            column = SEALED.get(name, name)
            for one in (column, column.replace("_sealed", "_digest")):
                values.pop(one, None)
    # Who comes back is enrolled again, as if without a break.
    return values | {"class_id": class_ids[row.class_code], "left_on": None}


def _mark_left(session: Session, school_id: int, pupil_ids: Collection[int], today: date) -> None:
    """Ends the enrolment of who is not in the sheet; one enrolled today leaves no day behind."""
    session.execute(
        update(Pupil)
        .where(Pupil.school_id == school_id, Pupil.id.in_(pupil_ids))
        .values(left_on=func.greatest(today, Pupil.enrolled_on))
    )
