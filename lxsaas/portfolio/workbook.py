"""Reads a workbook of marks with the register's hardened reader: values only, nothing is run."""

from collections.abc import Sequence

from python_calamine import CalamineWorkbook

from lxsaas.core.errors import RuleError
from lxsaas.portfolio.sheet import MOST_LINES
from lxsaas.pupils.register.problems import RegisterFileError
from lxsaas.pupils.register.sizes import MOST_COLUMNS, MOST_SHEETS
from lxsaas.pupils.register.values import Cell
from lxsaas.pupils.register.workbook import opened_workbook


def rows_of_workbook(content: bytes) -> list[list[Cell]]:
    """The rows of the one sheet that holds anything, from its first line on.

    Raises RegisterFileError for what is no workbook, is encrypted, holds macros or formulas or unpacks to too
    much, and where several sheets are filled; RuleError for an empty or overlong one.
    """
    with opened_workbook(content) as workbook:
        filled = _filled(workbook)
    if not filled:
        raise RuleError("sheet_empty", field="file")
    if len(filled) > 1:
        raise RegisterFileError("several_sheets")
    if len(filled[0]) > MOST_LINES:
        raise RuleError("sheet_long", field="file", limit=MOST_LINES)
    return [list(row[:MOST_COLUMNS]) for row in filled[0]]


def _filled(workbook: CalamineWorkbook) -> list[list[Sequence[Cell]]]:
    if len(workbook.sheet_names) > MOST_SHEETS:
        raise RegisterFileError("file_bomb")
    sheets = [workbook.get_sheet_by_name(name) for name in workbook.sheet_names]
    read: list[list[Sequence[Cell]]] = [[*one.to_python(skip_empty_area=False)] for one in sheets]
    return [rows for rows in read if any(cell not in ("", None) for row in rows for cell in row)]
