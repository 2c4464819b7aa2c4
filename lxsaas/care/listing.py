"""Lists of care records: what a request asks for, a page of it, and the same as a workbook."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from flask import request
from flask_babel import format_date, gettext
from flask_login import current_user
from sqlalchemy import Select
from sqlalchemy.orm import Session

from lxsaas.accounts.access import realm
from lxsaas.care.beside import details_of, files_of_records, opened_notes
from lxsaas.care.details import Detail
from lxsaas.care.messages import KINDS
from lxsaas.care.models import CareKind, CareRecord
from lxsaas.care.pages import day_of, detail_words, may_read, seen
from lxsaas.care.queries import Wish, care_list
from lxsaas.care.reach import pupils_in_reach
from lxsaas.core.audit import audit
from lxsaas.core.clock import month_end, month_start
from lxsaas.core.pages import Page, page_of_rows
from lxsaas.exports.content import Sheet
from lxsaas.exports.streaming import sheet_of
from lxsaas.extensions import db
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.reach import today
from lxsaas.registers.models import Attachment

PAGE_SIZE = 30
LARGEST = 2**31


class Row(NamedTuple):
    """A line of a list."""

    record: CareRecord
    child: str
    class_code: str
    author: str
    has_note: bool


@dataclass(frozen=True)
class Shown:
    """A page of records with what lies beside them."""

    page: Page[Row]
    details: Mapping[int, Detail]
    files: Mapping[int, list[Attachment]]


def wish_of_request(*, class_id: int | None = None, pupil_id: int | None = None) -> Wish:
    """What the request asks for; the month where no period is named; a child's name comes by POST only."""
    first, last = day_of(request.args.get("from")), day_of(request.args.get("to"))
    month = day_of(f"{request.args.get('month', '')}-01")
    if month:
        first, last = month, month_end(month)
    elif pupil_id is None and not (first or last):
        first = month_start(today())
    return Wish(
        first=first,
        last=last,
        kind=_number("kind"),
        by=_number("by"),
        class_id=class_id,
        pupil_id=pupil_id,
        words=request.form.get("q", "").strip(),
        sort=request.args.get("sort", "-day"),
    )


def shown(session: Session, wish: Wish) -> Shown:
    """The page that the request asks for; always the same few queries."""
    query = care_list(pupils_in_reach(), wish).where(seen())
    rows = page_of_rows(session, query, request.values.get("page", 1, type=int), PAGE_SIZE)
    page = rows.mapped(lambda row: Row(*row))
    ids = [row.record.id for row in page.items]
    return Shown(page, details_of(session, ids), files_of_records(session, ids))


def readable_notes(session: Session, pupil_id: int, records: Sequence[CareRecord]) -> dict[int, str]:
    """The opened notes by record, of those that the signed-in person may read; the sight is logged."""
    allowed = [record.id for record in records if may_read(record)]
    opened = opened_notes(session, realm().id, allowed) if allowed else {}
    if opened:
        audit(
            session, "view_care_notes", "pupil", pupil_id,
            school_id=realm().id, by=current_user.id, records=sorted(opened),
        )  # fmt: skip
    return opened


def sheet(session: Session, wish: Wish, pupils: Select[Pupil] | None = None) -> Sheet:
    """Records for a file, of these pupils or all in reach: a line each, without notes."""
    query = care_list(pupils_in_reach() if pupils is None else pupils, wish).where(seen())

    def lines(rows: Sequence[Any]) -> Iterator[list[str]]:
        details = details_of(session, [row[0].id for row in rows])
        return (_cells(row, details.get(row[0].id)) for row in rows)

    headings = [
        gettext("Day"), gettext("Child"), gettext("Class"), gettext("What was done"), gettext("Details"),
        gettext("Recorded by"), gettext("State"),
    ]  # fmt: skip
    return sheet_of(
        session, query, lines, title=gettext("Care records"), headings=headings, notes=[_period(wish)]
    )


def note_export(rows: int) -> None:
    """Logs that care records were taken out."""
    audit(
        db.session(), "export_care_records", "care_record", None,
        school_id=realm().id, by=current_user.id, rows=rows,
    )  # fmt: skip


def _cells(row: Any, detail: Detail | None) -> list[str]:
    record, child, code, author, _has_note = row
    state = gettext("withdrawn") if record.withdrawn_at else ""
    kind = gettext(KINDS[CareKind(record.kind)])
    return [record.occurred_on.isoformat(), child, code, kind, detail_words(detail), author, state]


def _period(wish: Wish) -> str:
    days: list[date | None] = [wish.first, wish.last or today()]
    return " – ".join(format_date(day, "yyyy-MM-dd") if day else "…" for day in days)


def _number(name: str) -> int | None:
    """A number of the address; what no column can hold is none."""
    number = request.args.get(name, type=int)
    return number if number is not None and 0 < number < LARGEST else None
