"""Puts the whole file of a child into a .zip: a page to read and print, a workbook, the documents.

The page needs no network and holds no script; the workbook holds no formula.
"""

import io
import zipfile
from collections.abc import Sequence
from datetime import date

from flask import render_template
from flask_babel import gettext
from sqlalchemy.orm import Session

from lxsaas.core.crypto import SchoolCipher
from lxsaas.core.export import Cell, Table, to_workbook
from lxsaas.portfolio.course import course_of, place_text
from lxsaas.portfolio.entries import ENTRIES
from lxsaas.portfolio.scores import show_score, show_tenths
from lxsaas.pupils import labels, queries
from lxsaas.pupils.definitions import DEFINITIONS
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.whole_file import FilePart, add_part, parts_of_file
from lxsaas.registers.child_part import part_of_register

_STAMP = (1980, 1, 1, 0, 0, 0)
"""The same file twice is the same bytes; when it was made stands on its page."""


def file_as_zip(
    session: Session, cipher: SchoolCipher, pupil: Pupil, *, school: str, by: str, today: date
) -> tuple[bytes, list[FilePart]]:
    """The archive and the chapters in it; the caller has it audited before it is sent."""
    parts = parts_of_file(session, cipher, pupil, today)
    page = render_template(
        "portfolio/whole_file.html", pupil=pupil, parts=parts, school=school, by=by, today=today
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        _put(archive, "index.html", page.encode())
        _put(archive, "data.xlsx", to_workbook(_sheets(parts)))
        for part in parts:
            for one in part.documents:
                _put(archive, f"documents/{one.name}", one.content)
    return buffer.getvalue(), parts


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _STAMP)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


def _sheets(parts: Sequence[FilePart]) -> list[tuple[str, Table]]:
    sheets = []
    for part in parts:
        if part.facts:
            rows = [[term, value] for term, value in part.facts]
            heads = [gettext("Field"), gettext("Value")]
            sheets.append((part.title, Table(part.title, [], heads, ["text", "text"], rows)))
        sheets += [(table.title, table) for table in part.tables if table.rows]
    return sheets


def spells_part(session: Session, _cipher: SchoolCipher, pupil: Pupil, _today: date) -> FilePart:
    """When the child was left behind under which definition; the facts are in the archive's chapter."""
    headings = [gettext("Definition"), gettext("From"), gettext("Until"), gettext("Reason")]
    rows: list[list[Cell]] = [
        [
            gettext(DEFINITIONS[one.definition].name),
            _day(one.starts_on),
            _day(one.ends_on),
            gettext(labels.KINDS[one.kind]),
        ]
        for one in session.scalars(queries.spells_of(pupil.school_id, [pupil.id]))
    ]
    title = gettext("Left behind, by definition")
    return FilePart(title, tables=[Table(title, [], headings, ["text"] * len(headings), rows)])


def exams_part(session: Session, _cipher: SchoolCipher, pupil: Pupil, _today: date) -> FilePart:
    """Marks and standing, exam by exam."""
    headings = [
        gettext("Day"),
        gettext("Exam"),
        gettext("Marks"),
        gettext("Total marks"),
        gettext("Place in class"),
    ]
    rows: list[list[Cell]] = [
        [
            _day(one.exam.taken_on),
            one.exam.name,
            str(gettext(", ")).join(f"{mark.subject} {show_score(mark.score)}" for mark in one.marks),
            "" if one.total is None else show_tenths(one.total),
            place_text(one.standing),
        ]
        for one in course_of(session, pupil.id)
    ]
    return FilePart(
        gettext("Exams"), tables=[Table(gettext("Exams"), [], headings, ["text"] * len(headings), rows)]
    )


def _day(day: date | None) -> str:
    return "–" if day is None else day.isoformat()


for part in (spells_part, exams_part, part_of_register(ENTRIES)):
    add_part(part)
