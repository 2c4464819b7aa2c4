"""Applying a register to the archive: one transaction, everything or nothing."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.core.changes import note_change
from lxsaas.core.clock import add_months
from lxsaas.core.crypto import SchoolCipher, school_cipher
from lxsaas.core.db import table_of
from lxsaas.core.errors import RuleError
from lxsaas.pupils.actions import renew_spells
from lxsaas.pupils.hooks import pupils_changed
from lxsaas.pupils.models import ParentAbsence, Pupil
from lxsaas.pupils.phones import normal_phone
from lxsaas.pupils.register.rows import AbsenceEvidence, ParsedRegister, RegisterRow
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

REGISTER_MONTHS = 3
"""A parent counts in the register from three months on: the absence began then at the latest."""


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

    Raises RuleError when rows are rejected and the good ones were not to be taken alone. The sheet is
    compared anew here: what was previewed may have changed since.
    """
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
    for one in diff.changed:
        _change_pupil(session, cipher, one, class_ids)
    by_pupil = dict(zip(ids, diff.new, strict=True)) | {one.pupil.id: one.row for one in diff.changed}
    replace_families(session, cipher, school_id, by_pupil, known=known)
    silent = {one.pupil.id for one in diff.changed if not one.tells_absences}
    told = {pupil_id: row for pupil_id, row in by_pupil.items() if pupil_id not in silent}
    _update_absences(session, school_id, told, today)
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


def _change_pupil(
    session: Session, cipher: SchoolCipher, changed: Changed, class_ids: dict[str, int]
) -> None:
    pupil, row = changed.pupil, changed.row
    values: dict[str, Any] = plain_values(row) | _sealed(cipher, row, pupil.id)
    for name in KEPT_WHEN_BLANK:
        if getattr(row, name) is None:
            column = SEALED.get(name, name)
            for one in (column, column.replace("_sealed", "_digest")):
                values.pop(one, None)
    # Who comes back is enrolled again, as if without a break.
    values |= {"class_id": class_ids[row.class_code], "left_on": None, "version": Pupil.version + 1}
    session.execute(
        update(Pupil).where(Pupil.school_id == pupil.school_id, Pupil.id == pupil.id).values(values)
    )


def _update_absences(session: Session, school_id: int, rows: dict[int, RegisterRow], today: date) -> None:
    """Makes today's absences those of the sheet; starts are estimated and marked so."""
    query = select(ParentAbsence).where(
        ParentAbsence.school_id == school_id,
        ParentAbsence.pupil_id.in_(rows),
        ParentAbsence.ends_on.is_(None),
        ParentAbsence.withdrawn_at.is_(None),
    )
    open_now: dict[int, dict[str, ParentAbsence]] = {}
    # Who edits one of them meanwhile is waited for, and told that it has changed.
    for absence in session.scalars(query.with_for_update()):
        open_now.setdefault(absence.pupil_id, {})[absence.parent] = absence
    opened = []
    for pupil_id, row in rows.items():
        held = open_now.get(pupil_id, {})
        wanted = _wanted(row, held)
        for parent in held.keys() - wanted.keys():
            _end(session, held[parent], today)
        for parent in wanted.keys() & held.keys():
            held[parent].place = wanted[parent].place or held[parent].place
        opened += [_opened(school_id, pupil_id, wanted[one], today) for one in wanted.keys() - held.keys()]
    session.flush()
    if opened:
        starts = _free_starts(session, school_id, [one["pupil_id"] for one in opened])
        for one in opened:
            one["starts_on"] = max(
                one["starts_on"], starts.get((one["pupil_id"], one["parent"]), one["starts_on"])
            )
        session.execute(insert(table_of(ParentAbsence)), opened)


def _wanted(row: RegisterRow, held: Collection[str]) -> dict[str, AbsenceEvidence]:
    """Who is to be away, by parent; `held`: who is."""
    wanted: dict[str, AbsenceEvidence] = {one.parent: one for one in row.absences}
    if wanted.keys() == {"unknown"} and len(held) == 1:
        # The school knows which of the parents it is.
        return dict(zip(held, wanted.values(), strict=True))
    return wanted


def _end(session: Session, absence: ParentAbsence, today: date) -> None:
    # An absence that had not begun a day ago was never one.
    if absence.starts_on >= today:
        session.delete(absence)
    else:
        absence.ends_on = today
        absence.version += 1


def _opened(school_id: int, pupil_id: int, evidence: AbsenceEvidence, today: date) -> dict[str, Any]:
    return {
        "school_id": school_id,
        "pupil_id": pupil_id,
        "parent": evidence.parent,
        "starts_on": add_months(today, -REGISTER_MONTHS),
        "start_is_estimated": True,
        "place": evidence.place,
        "source": "register",
    }


def _free_starts(session: Session, school_id: int, pupil_ids: Collection[int]) -> dict[tuple[int, str], date]:
    """When each parent's last absence ended: an estimate must not reach back into it."""
    query = (
        select(ParentAbsence.pupil_id, ParentAbsence.parent, func.max(ParentAbsence.ends_on))
        .where(
            ParentAbsence.school_id == school_id,
            ParentAbsence.pupil_id.in_(pupil_ids),
            ParentAbsence.withdrawn_at.is_(None),
        )
        .group_by(ParentAbsence.pupil_id, ParentAbsence.parent)
    )
    return {(row[0], row[1]): row[2] for row in session.execute(query) if row[2] is not None}


def _mark_left(session: Session, school_id: int, pupil_ids: Collection[int], today: date) -> None:
    """Ends the enrolment of who is not in the sheet; one enrolled today leaves no day behind."""
    session.execute(
        update(Pupil)
        .where(Pupil.school_id == school_id, Pupil.id.in_(pupil_ids))
        .values(left_on=func.greatest(today, Pupil.enrolled_on))
    )
