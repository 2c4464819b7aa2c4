"""How large a workbook may be; beyond this no school's register goes, and reading it would hurt."""

from lxsaas.pupils.register.problems import RegisterFileError

LARGEST_FILE = 20 * 1024 * 1024
LARGEST_UNPACKED = 200 * 1024 * 1024
LARGEST_RATIO = 200
"""Unpacked to packed: registers reach about 20."""
MOST_PARTS = 500
MOST_SHEETS = 50
MOST_ROWS = 10_000
MOST_COLUMNS = 400
SEARCHED_ROWS = 20
"""Rows at the top among which the headings must be: titles stand above them."""


def check_position(row: int, column: int) -> None:
    """Raises RegisterFileError for a cell (from 1, 1) where no register has any.

    The reader makes room for everything between the first cell and the last: one cell in the farthest corner
    would take half a terabyte.
    """
    if row > MOST_ROWS + SEARCHED_ROWS:
        raise RegisterFileError("too_many_rows", limit=MOST_ROWS)
    if column > MOST_COLUMNS:
        raise RegisterFileError("too_many_columns", limit=MOST_COLUMNS)
