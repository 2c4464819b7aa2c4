"""Puts the whole file of a child into a .zip: a page to read and print, a workbook, the documents.

The page needs no network and holds no script; the workbook holds no formula.
"""

import io
import zipfile
from collections.abc import Sequence
from datetime import date

from flask import render_template
from flask_babel import format_date, gettext
from sqlalchemy.orm import Session

from lxsaas.core.crypto import SchoolCipher
from lxsaas.core.export import Cell, Table, to_workbook
from lxsaas.portfolio.course import course_of, place_text
from lxsaas.portfolio.entries import ENTRIES
from lxsaas.portfolio.scores import show_score, show_tenths
from lxsaas.pupils import labels, queries
from lxsaas.pupils.definitions import DEFINITIONS
from lxsaas.pupils.models import Guardian, Pupil
from lxsaas.pupils.whole_file import FilePart, add_part, parts_of_file
from lxsaas.registers.child_part import part_of_register
from lxsaas.schools.models import SchoolClass

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


def basics_part(session: Session, cipher: SchoolCipher, pupil: Pupil, _today: date) -> FilePart:
    """Basic data and family, numbers and addresses open."""
    family = session.scalars(queries.family_of(pupil.school_id, pupil.id)).all()
    held = session.get_one(SchoolClass, (pupil.school_id, pupil.class_id))
    facts = [
        (gettext("Name"), pupil.name),
        (gettext("Class"), held.code),
        (gettext("Sex"), gettext(labels.SEXES[pupil.sex])),
        (gettext("Born on"), format_date(pupil.born_on)),
        (gettext("Enrolled on"), format_date(pupil.enrolled_on)),
        (gettext("Identity number"), _opened(cipher, pupil, "identity")),
        (gettext("Register number"), pupil.national_number or ""),
        (gettext("Number in the class"), pupil.seat_number or ""),
        (gettext("Ethnicity"), pupil.ethnicity or ""),
        (gettext("Health"), gettext(labels.HEALTH[pupil.health]) if pupil.health in labels.HEALTH else ""),
        (gettext("Household registered at"), pupil.household_place or ""),
        (gettext("Boarding"), _yes_or_no(pupil.is_boarding)),
        (gettext("Orphan"), _yes_or_no(pupil.is_orphan)),
        (gettext("Receives aid"), _yes_or_no(pupil.receives_aid)),
        (gettext("Telephone"), _opened(cipher, pupil, "phone")),
        (gettext("Address"), _opened(cipher, pupil, "address")),
    ]
    return FilePart(gettext("Basic data and family"), facts, [_family_table(cipher, family)])


def _family_table(cipher: SchoolCipher, family: Sequence[Guardian]) -> Table:
    headings = [
        gettext("Name"), gettext("Relation"), gettext("Guardian"), gettext("Telephone"), gettext("Address"),
        gettext("Work"),
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [
            one.name,
            gettext(labels.RELATIONS[one.relation]) if one.relation in labels.RELATIONS else one.relation,
            _yes_or_no(one.is_guardian),
            _opened(cipher, one, "phone"),
            _opened(cipher, one, "address"),
            one.workplace,
        ]
        for one in family
    ]
    return Table(gettext("Family"), [], headings, ["text"] * len(headings), rows)


def absences_part(session: Session, _cipher: SchoolCipher, pupil: Pupil, _today: date) -> FilePart:
    """When which parent was away, and when the child was left behind under which definition."""
    headings = [gettext("Parent"), gettext("From"), gettext("Until"), gettext("Where"), gettext("Known from")]
    away: list[list[Cell]] = [
        [
            gettext(labels.PARENTS[one.parent]),
            _day(one.starts_on) + (f" ({gettext('estimated')})" if one.start_is_estimated else ""),
            _day(one.ends_on),
            one.place,
            gettext(labels.SOURCES[one.source]),
        ]
        for one in session.scalars(queries.absences_of(pupil.school_id, [pupil.id]))
    ]
    spell_headings = [gettext("Definition"), gettext("From"), gettext("Until"), gettext("Reason")]
    spells: list[list[Cell]] = [
        [
            gettext(DEFINITIONS[one.definition].name),
            _day(one.starts_on),
            _day(one.ends_on),
            gettext(labels.KINDS[one.kind]),
        ]
        for one in session.scalars(queries.spells_of(pupil.school_id, [pupil.id]))
    ]
    tables = [
        Table(gettext("Parents away"), [], headings, ["text"] * 5, away),
        Table(gettext("Left behind, by definition"), [], spell_headings, ["text"] * 4, spells),
    ]
    return FilePart(gettext("Parents away, left behind"), tables=tables)


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


def _opened(cipher: SchoolCipher, row: Pupil | Guardian, name: str) -> str:
    column = f"{name}_sealed"
    sealed = getattr(row, column)
    return cipher.open(sealed, table=row.__tablename__, column=column, row_id=row.id) or ""


def _yes_or_no(value: bool | None) -> str:
    return "" if value is None else gettext("yes") if value else gettext("no")


def _day(day: date | None) -> str:
    return "–" if day is None else day.isoformat()


for part in (basics_part, absences_part, exams_part, part_of_register(ENTRIES)):
    add_part(part)
