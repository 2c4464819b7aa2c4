"""Tables for spreadsheets: .xlsx and .csv with a title, and no cell that a spreadsheet would run."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
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
    rows: Iterable[Sequence[Cell]]
    """Also one after the other, for a table that is too long to be held."""


def to_xlsx(table: Table) -> bytes:
    """A workbook of one sheet; texts are written as texts, whatever they begin with."""
    return to_workbook([("", table)])


def to_workbook(tables: Sequence[tuple[str, Table]]) -> bytes:
    """A workbook of several sheets, (name, table) each; names are cut to what a spreadsheet takes."""
    buffer = io.BytesIO()
    _fill(xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}), tables)
    return buffer.getvalue()


def write_workbook(path: Path, tables: Sequence[tuple[str, Table]]) -> None:
    """The same into a file, row by row: beside it lie temporary files, in memory hardly more than a row."""
    options = {"constant_memory": True, "strings_to_formulas": False, "tmpdir": str(path.parent)}
    _fill(xlsxwriter.Workbook(path, options), tables)


def _fill(workbook: Any, tables: Sequence[tuple[str, Table]]) -> None:
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
    return b"".join(csv_pieces(table))


CSV_ROWS = 500
"""Rows that are put together before they are handed on."""


def csv_pieces(table: Table) -> Iterator[bytes]:
    """The same piece by piece, as rows come."""
    buffer = io.StringIO("\ufeff", newline="")
    buffer.seek(0, io.SEEK_END)
    writer = csv.writer(buffer)
    for line in (table.title, *table.notes):
        writer.writerow([_defused(line)])
    writer.writerow([_defused(heading) for heading in table.headings])
    for number, row in enumerate(table.rows, 1):
        writer.writerow([_defused(value) if isinstance(value, str) else value for value in row])
        if number % CSV_ROWS == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _defused(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
