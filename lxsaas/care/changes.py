"""What may be done with a care record once it stands: changed or withdrawn, it loses nothing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from lxsaas.care.actions import check_day, check_enrolled, checked_note
from lxsaas.care.beside import add_files, details_of, opened_notes, write_detail, write_note
from lxsaas.care.details import Detail
from lxsaas.care.hooks import care_recorded, care_unrecorded
from lxsaas.care.models import CareKind, CareRecord, PhoneBooking
from lxsaas.core.audit import audit
from lxsaas.core.changes import note_change
from lxsaas.pupils.models import Pupil
from lxsaas.registers.actions import hold_row, keep_version, withdraw_row
from lxsaas.registers.files import CleanFile
from lxsaas.registers.history import Change, changes_of


def edit_care(
    session: Session,
    record: CareRecord,
    *,
    kind: CareKind,
    occurred_on: date,
    note: str | None,
    detail: Detail,
    files: Sequence[CleanFile] = (),
    client_key: UUID | None = None,
    version: int,
    by: int,
) -> tuple[str, ...]:
    """Changes a record, keeps what stood there, and returns the names of the fields that differ.

    The figures of both days are counted anew when the date moves. Raises RuleError for a version that is not
    the one that stands ('row_stale'), a withdrawn record, and what `record_care` refuses too.
    """
    check_day(session, record.school_id, occurred_on)
    pupil = session.get_one(Pupil, (record.school_id, record.pupil_id))
    check_enrolled([pupil], occurred_on, field="occurred_on")
    hold_row(session, record, version)
    before = _values(session, record)
    detail = detail.of_kind(kind)
    after = {
        "occurred_on": occurred_on, "kind": int(kind), "note": checked_note(note), **detail.as_values()
    }  # fmt: skip
    changed = tuple(name for name, value in after.items() if before[name] != value)
    if changed:
        keep_version(session, record, before, change="edited", reason=None, by=by)
        days = {record.occurred_on, occurred_on}
        record.kind, record.occurred_on = int(kind), occurred_on
        record.version += 1
        write_note(session, record.school_id, record.id, checked_note(note))
        write_detail(session, record.school_id, record.id, detail)
        for day in sorted(days):
            note_change(session, school_id=record.school_id, starts_on=day, ends_on=day, about="care_record")
        audit(
            session, "edit_care_record", "care_record", record.id,
            school_id=record.school_id, by=by, pupil_id=record.pupil_id, fields=list(changed),
        )  # fmt: skip
    if files:
        add_files(session, record.school_id, [record.id], files, client_key=client_key, by=by)
    session.flush()
    if {"occurred_on", "kind"} & set(changed):
        _unrecorded(session, record)
        for follow in care_recorded:
            made = [(record.id, record.pupil_id)]
            follow(session, record.school_id, made, kind, occurred_on, record.recorded_by)
    return changed


def withdraw_care(session: Session, record: CareRecord, *, version: int, reason: str, by: int) -> None:
    """Takes a record out of everything that counts; it stays to be seen, with the reason.

    A booking of the family phone that it came from is open again. Raises RuleError as `withdraw_row` does.
    """
    withdraw_row(session, record, version=version, reason=reason, by=by)
    session.execute(
        update(PhoneBooking)
        .where(PhoneBooking.school_id == record.school_id, PhoneBooking.care_record_id == record.id)
        .values(outcome=None, care_record_id=None, version=PhoneBooking.version + 1)
    )
    note_change(
        session,
        school_id=record.school_id,
        starts_on=record.occurred_on,
        ends_on=record.occurred_on,
        about="care_record",
    )
    session.flush()
    _unrecorded(session, record)


def history_of(session: Session, record: CareRecord) -> list[Change]:
    """The record's changes with note and details, the newest first; the caller logs the sight."""
    after, changes = _values(session, record), []
    for change in changes_of(session, record):
        # A withdrawal keeps the record's own columns: what lies beside it stays where it is.
        before = after | change.before
        changes.append(replace(change, before=before, after=after))
        after = before
    return changes


def _unrecorded(session: Session, record: CareRecord) -> None:
    for follow in care_unrecorded:
        follow(session, record.school_id, record.id)


def _values(session: Session, record: CareRecord) -> dict[str, object]:
    detail = details_of(session, [record.id]).get(record.id, Detail())
    return {
        "pupil_id": record.pupil_id,
        "occurred_on": record.occurred_on,
        "kind": record.kind,
        "note": opened_notes(session, record.school_id, [record.id]).get(record.id),
        **detail.as_values(),
    }
