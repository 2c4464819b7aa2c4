"""Tables for spreadsheets: .xlsx and .csv with a title, and no cell that a spreadsheet would run."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import xlsxwriter

Cell = str | int | float | None
Format = Literal["text", "count", "mark", "percent"]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Table:
    """What a sheet shows: lines of text above, one heading and one format a column, rows."""

    title: str
    notes: Sequence[str]
    headings: Sequence[str]
    formats: Sequence[Format]
    rows: Sequence[Sequence[Cell]]


def to_xlsx(table: Table) -> bytes:
    """A workbook of one sheet; texts are written as texts, whatever they begin with."""
    return to_workbook([("", table)])


def to_workbook(tables: Sequence[tuple[str, Table]]) -> bytes:
    """A workbook of several sheets, (name, table) each; names are cut to what a spreadsheet takes."""
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    formats = {
        "bold": workbook.add_format({"bold": True}),
        "text": workbook.add_format({"num_format": "@"}),
        "count": workbook.add_format({"num_format": "#,##0"}),
        "mark": workbook.add_format({"num_format": "General"}),
        "percent": workbook.add_format({"num_format": "0.0%"}),
    }
    for number, (name, table) in enumerate(tables, 1):
        plain = re.sub(r"[\[\]:*?/\\']", " ", name).strip()
        sheet = workbook.add_worksheet(f"{number} {plain}"[:31] if plain else None)
        _write_sheet(sheet, table, formats)
    workbook.close()
    return buffer.getvalue()


def _write_sheet(sheet: Any, table: Table, formats: Mapping[str, Any]) -> None:
    for number, line in enumerate((table.title, *table.notes)):
        sheet.write_string(number, 0, line, formats["bold"] if number == 0 else None)
    top = len(table.notes) + 2
    for column, heading in enumerate(table.headings):
        sheet.write_string(top, column, heading, formats["bold"])
        sheet.set_column(column, column, max(12, min(40, len(heading) * 2)))
    for number, row in enumerate(table.rows, top + 1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, column, value, formats["text"])
            elif value is not None:
                sheet.write_number(number, column, value, formats[table.formats[column]])
    sheet.freeze_panes(top + 1, 1)


def to_csv(table: Table) -> bytes:
    """UTF-8 with the byte-order mark that Excel needs for Chinese; texts like formulas are quoted."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for line in (table.title, *table.notes):
        writer.writerow([_defused(line)])
    writer.writerow([_defused(heading) for heading in table.headings])
    writer.writerows(
        [_defused(value) if isinstance(value, str) else value for value in row] for row in table.rows
    )
    return buffer.getvalue().encode("utf-8-sig")


def _defused(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
