"""The national student register's workbook: read, cleaned and checked; no database."""

from datetime import date

from lxsaas.pupils.register.parsing import Progress, parse_rows
from lxsaas.pupils.register.problems import REASONS, RegisterFileError, RowProblem
from lxsaas.pupils.register.rows import ParsedRegister, RegisterRow
from lxsaas.pupils.register.workbook import read_sheet

__all__ = ["REASONS", "ParsedRegister", "RegisterFileError", "RegisterRow", "RowProblem", "read_register"]


def read_register(
    content: bytes, *, school_register_code: str, today: date, on_progress: Progress | None = None
) -> ParsedRegister:
    """A register's workbook, .xls or .xlsx, as clean rows and problems.

    Raises RegisterFileError for a file that cannot be used as a whole.
    """
    sheet = read_sheet(content)
    return parse_rows(sheet, school_register_code=school_register_code, today=today, on_progress=on_progress)
