"""Opens a workbook that a stranger may have made: checks before it reads, values only, nothing is run."""

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from lxsaas.pupils.register.archives import vetted_archive
from lxsaas.pupils.register.compounds import check_compound
from lxsaas.pupils.register.problems import RegisterFileError
from lxsaas.pupils.register.sizes import LARGEST_FILE, MOST_ROWS, MOST_SHEETS, SEARCHED_ROWS
from lxsaas.pupils.register.values import Cell, text_of

_ZIP, _OLE = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")


@dataclass(frozen=True)
class Sheet:
    """The sheet that holds the pupils."""

    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    """Below the headings, empty ones included."""
    first_row: int
    """Number of the first of these rows in the sheet, from 1."""


def read_sheet(content: bytes) -> Sheet:
    """The one sheet with the register's headings.

    Raises RegisterFileError for what is no workbook, is encrypted, has macros, unpacks to too much, holds
    formulas, or has no such sheet.
    """
    with opened_workbook(content) as workbook:
        found = list(_sheets_of(workbook))
    if not found:
        raise RegisterFileError("heading_missing")
    # A sheet of headings alone, such as an empty form beside the filled one, is no second register.
    filled = [sheet for sheet in found if any(text_of(cell) for row in sheet.rows for cell in row)]
    if len(filled) > 1:
        raise RegisterFileError("several_sheets")
    return (filled or found)[0]


@contextmanager
def opened_workbook(content: bytes) -> Iterator[CalamineWorkbook]:
    """A workbook that was looked through and may be read; what fails on the way is a RegisterFileError."""
    vetted = _vetted(content)
    try:
        yield CalamineWorkbook.from_filelike(io.BytesIO(vetted))
    except PasswordError:
        raise RegisterFileError("file_encrypted") from None
    except RegisterFileError:
        raise
    except (CalamineError, OSError, ValueError):
        raise RegisterFileError("file_damaged") from None
    except BaseException as error:
        # A fault in the reader, which is written in Rust, is no Exception to Python.
        if type(error).__name__ == "PanicException":
            raise RegisterFileError("file_damaged") from None
        raise


def _vetted(content: bytes) -> bytes:
    if not content:
        raise RegisterFileError("file_empty")
    if len(content) > LARGEST_FILE:
        raise RegisterFileError("file_too_large", limit=LARGEST_FILE // 2**20)
    if content.startswith(_ZIP):
        return vetted_archive(content)
    if not content.startswith(_OLE):
        raise RegisterFileError("file_not_workbook")
    check_compound(content)
    return content


def _sheets_of(workbook: CalamineWorkbook) -> Iterator[Sheet]:
    if len(workbook.sheet_names) > MOST_SHEETS:
        raise RegisterFileError("file_bomb")
    for name in workbook.sheet_names:
        sheet = workbook.get_sheet_by_name(name)
        titles = sheet.to_python(skip_empty_area=False, nrows=SEARCHED_ROWS)
        top = next((at for at, row in enumerate(titles) if _is_heading(row)), None)
        if top is None:
            continue
        rows = sheet.to_python(skip_empty_area=False)
        if len(rows) - top - 1 > MOST_ROWS:
            raise RegisterFileError("too_many_rows", limit=MOST_ROWS)
        yield Sheet([heading_of(cell) for cell in rows[top]], rows[top + 1 :], top + 2)


def heading_of(cell: Cell) -> str:
    """A heading as the register writes it: no spaces, no asterisk, no hint such as (YYYYMMDD)."""
    return re.sub(r"\([^()]*\)$", "", re.sub(r"[\s*]", "", text_of(cell)))


def _is_heading(row: Sequence[Cell]) -> bool:
    headings = {heading_of(cell) for cell in row}
    return (
        "姓名" in headings and len(headings & {"性别", "出生日期", "身份证件号", "班号", "是否留守儿童"}) >= 3
    )
