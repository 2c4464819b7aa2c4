"""Lists of care records: what may be read of notes, a class's month sorted, and the same as a workbook."""

from collections.abc import Callable, Sequence
from datetime import date

from flask import Response
from flask_babel import format_date, gettext
from flask_login import current_user
from sqlalchemy.orm import Session

from lxsaas.accounts.access import realm
from lxsaas.care.messages import KINDS
from lxsaas.care.models import CareKind, CareRecord
from lxsaas.care.queries import notes_of, records_of_class
from lxsaas.core.audit import audit
from lxsaas.core.clock import month_end
from lxsaas.core.crypto import school_cipher
from lxsaas.core.export import Table, to_xlsx
from lxsaas.core.permissions import Permission
from lxsaas.pupils.models import Pupil
from lxsaas.schools.models import SchoolClass

Row = tuple[CareRecord, str, str]
"""Record, child's name, who recorded it."""
_SORTS: dict[str, Callable[[Row], object]] = {
    "day": lambda row: (row[0].occurred_on, row[0].id),
    "child": lambda row: row[1],
    "kind": lambda row: row[0].kind,
    "by": lambda row: row[2],
}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def readable_notes(session: Session, pupil: Pupil, records: Sequence[CareRecord]) -> dict[int, str]:
    """The opened notes by record, of those that the signed-in person may read; the sight is logged.

    One reads one's own notes, and with VIEW_SECRETS those of colleagues, except from counselling:
    its notes are the counsellor's alone (domain: P8, P16).
    """
    allowed = [record.id for record in records if _may_read(record)]
    sealed = session.scalars(notes_of(allowed)).all() if allowed else []
    if not sealed:
        return {}
    cipher = school_cipher(session, pupil.school_id)
    opened = {
        note.care_record_id: cipher.open(
            note.text_sealed, table="care_note", column="text_sealed", row_id=note.care_record_id
        )
        for note in sealed
    }
    audit(
        session, "view_care_notes", "pupil", pupil.id,
        school_id=pupil.school_id, by=current_user.id, records=sorted(opened),
    )  # fmt: skip
    return {record_id: text for record_id, text in opened.items() if text}


def _may_read(record: CareRecord) -> bool:
    if record.recorded_by == current_user.id:
        return True
    return record.kind != CareKind.COUNSELLING and Permission.VIEW_SECRETS in current_user.permissions


def class_rows(session: Session, class_id: int, month: date, today: date, sort: str) -> list[Row]:
    """The records of a class in a month, by 'day', 'child', 'kind' or 'by' ('-day': descending)."""
    last = min(month_end(month), today)
    rows = session.execute(records_of_class(class_id, month, last)).all()
    key = _SORTS.get(sort.removeprefix("-"), _SORTS["day"])
    unpacked: list[Row] = [(record, child, author) for record, child, author in rows]
    return sorted(unpacked, key=key, reverse=sort.startswith("-"))  # type: ignore[arg-type]


def workbook(session: Session, rows: Sequence[Row], chosen: SchoolClass, month: date) -> Response:
    """A download: one line a record, without notes; that it was taken is logged."""
    title = gettext(
        "Care records, grade %(grade)s class %(number)s", grade=chosen.grade, number=chosen.number
    )
    headings = [gettext("Day"), gettext("Child"), gettext("What was done"), gettext("Recorded by")]
    cells = [
        [record.occurred_on.isoformat(), child, gettext(KINDS[CareKind(record.kind)]), by]
        for record, child, by in rows
    ]
    table = Table(title, [format_date(month, "yyyy-MM")], headings, ["text"] * 4, cells)
    audit(
        session, "export_care_records", "school_class", chosen.id,
        school_id=realm().id, by=current_user.id, month=month.isoformat(), records=len(rows),
    )  # fmt: skip
    session.commit()
    name = f"care-{chosen.code}-{month:%Y-%m}.xlsx"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(to_xlsx(table), content_type=_XLSX, headers=disposition)
