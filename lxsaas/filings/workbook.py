"""The official table as a workbook: title, unit, cut-off day, headings in two rows, signatures; children.

An official paper is in Chinese, whatever language its maker reads.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import xlsxwriter
from flask import Response
from flask_babel import force_locale, format_date, gettext

from lxsaas.core.downloads import TYPES
from lxsaas.core.export import Table
from lxsaas.filings.definitions import COLUMNS, DIVISIONS, PARTS, TOTAL, name_of
from lxsaas.filings.labels import grade_name
from lxsaas.pupils.definitions import DEFINITIONS
from lxsaas.schools.labels import term_label

LANGUAGE = "zh_Hans_CN"
FONT = "宋体"
FIRST = 4
"""The row of the first figures, from 0: title, unit and day, two rows of headings."""


@dataclass(frozen=True)
class Paper:
    """What an official table says beside its figures."""

    unit: str
    term: str
    cut_off_on: date
    definition: str
    rows: Sequence[tuple[str, Mapping[str, int]]]
    """Heading and figures of each row, the total last."""
    first_heading: str
    notes: Sequence[str] = field(default_factory=list)
    signed: str = ""


def in_chinese() -> Any:
    """The language of official papers, for the words that a paper is given."""
    return force_locale(LANGUAGE)


def sheet_rows(sheet: Any) -> list[tuple[str, Mapping[str, int]]]:
    """The rows of a school's table: the grades and the total."""
    grades = [(grade_name(grade), row) for grade, row in sheet.grades.items()]
    return [*grades, (gettext("Total"), sheet.total)]


def response(paper: Paper, name: str) -> Response:
    return Response(
        to_workbook(paper),
        content_type=TYPES["xlsx"],
        headers={"Content-Disposition": f'attachment; filename="lxsaas-{name}.xlsx"'},
    )


def to_workbook(paper: Paper) -> bytes:
    """A sheet for A4 across, one page wide."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    with in_chinese():
        _write(book, paper)
    book.close()
    return buffer.getvalue()


def _write(book: Any, paper: Paper) -> None:
    sheet = book.add_worksheet("统计表")
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(0.4, 0.4, 0.5, 0.5)
    sheet.repeat_rows(0, FIRST - 1)
    sheet.freeze_panes(FIRST, 1)
    looks = _looks(book)
    last = len(COLUMNS)
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, last, 6.5)
    sheet.merge_range(0, 0, 0, last, str(gettext("Statistics of left-behind children")), looks["title"])
    sheet.set_row(0, 28)
    half = last // 2
    unit, until, counted = gettext("Reported by"), gettext("Cut-off day"), gettext("Unit: children")
    day = format_date(paper.cut_off_on, "long")
    sheet.merge_range(1, 0, 1, half, f"{unit}：{paper.unit}　{term_label(paper.term)}", looks["left"])
    sheet.merge_range(1, half + 1, 1, last, f"{until}：{day}　{counted}", looks["right"])
    _headings(sheet, paper, looks)
    for number, (heading, figures) in enumerate(paper.rows, FIRST):
        sheet.write_string(number, 0, heading, looks["head"])
        for place, column in enumerate(COLUMNS, 1):
            sheet.write_number(number, place, figures[column], looks["cell"])
    _foot(sheet, paper, looks, FIRST + len(paper.rows), last)


def _headings(sheet: Any, paper: Paper, looks: Mapping[str, Any]) -> None:
    sheet.merge_range(2, 0, 3, 0, paper.first_heading, looks["head"])
    sheet.merge_range(2, 1, 3, 1, str(gettext(name_of(TOTAL))), looks["head"])
    sheet.set_row(3, 48)
    place = 2
    for division in DIVISIONS:
        end = place + len(division.parts) - 1
        sheet.merge_range(2, place, 2, end, str(gettext(division.name)), looks["head"])
        for number, part in enumerate(division.parts, place):
            sheet.write_string(3, number, str(gettext(part.name)), looks["head"])
        place = end + 1


def _foot(sheet: Any, paper: Paper, looks: Mapping[str, Any], row: int, last: int) -> None:
    label, definition = gettext("Definition"), gettext(DEFINITIONS[paper.definition].name)
    notes = [f"{label}：{definition}", *paper.notes]
    for number, note in enumerate(notes, row):
        sheet.merge_range(number, 0, number, last, note, looks["left"])
    row += len(notes) + 1
    lines = (
        (gettext("Principal (signature)"), paper.signed), (gettext("Filled in by"), ""),
        (gettext("Day"), ""), (gettext("Seal"), ""),
    )  # fmt: skip
    width = (last + 1) // len(lines)
    for number, (label, value) in enumerate(lines):
        first = number * width
        sheet.merge_range(row, first, row, first + width - 1, f"{label}：{value}", looks["left"])


def _looks(book: Any) -> dict[str, Any]:
    base = {"font_name": FONT, "font_size": 10, "valign": "vcenter"}
    framed = base | {"border": 1, "align": "center", "text_wrap": True}
    return {
        "title": book.add_format(base | {"font_size": 16, "bold": True, "align": "center"}),
        "left": book.add_format(base | {"align": "left"}),
        "right": book.add_format(base | {"align": "right"}),
        "head": book.add_format(framed | {"bold": True}),
        "cell": book.add_format(framed | {"num_format": "0"}),
    }


def children_table(title: str, notes: Sequence[str], children: Sequence[Mapping[str, Any]]) -> Table:
    """The children with their codes in words, for the school's own files."""
    headings = [gettext("Name"), gettext("Class"), *(gettext(one.name) for one in DIVISIONS)]
    rows = [
        [
            child["name"], child["class_code"],
            *(gettext(PARTS[child[one.code]][1].name) if child[one.code] else None for one in DIVISIONS),
        ]
        for child in children
    ]  # fmt: skip
    return Table(title, notes, headings, ["text"] * len(headings), rows)
