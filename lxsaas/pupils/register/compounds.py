"""An .xls is a compound file with a stream of records: looks through these before any value is read."""

import io
import struct
from collections.abc import Iterator

from xlrd.compdoc import CompDoc

from lxsaas.pupils.register.problems import RegisterFileError
from lxsaas.pupils.register.sizes import MOST_COLUMNS, MOST_ROWS, check_position

# Records of [MS-XLS] 2.3 and of the versions before it.
_FILEPASS, _STRINGS, _DIMENSIONS, _MULTIPLE = 0x002F, 0x00FC, 0x0200, 0x00BD
_FORMULAS = {0x0006, 0x0206, 0x0406}
_VALUES = {0x0002, 0x0003, 0x0004, 0x0005, 0x007E, 0x00BD, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E}
_SMALLEST_STRING = 3
"""Bytes that a string takes at least in the table of strings."""


def check_compound(content: bytes) -> None:
    """Raises RegisterFileError for what is no .xls, is damaged, encrypted, too large, or not mere values."""
    for code, body in _records(_workbook_stream(content)):
        if code == _FILEPASS:
            raise RegisterFileError("file_encrypted")
        if code in _FORMULAS and len(body) >= 4:
            row, column = struct.unpack_from("<HH", body)
            raise RegisterFileError("file_formula", cell=f"{_letters(column)}{row + 1}")
        if code in _VALUES and len(body) >= 4:
            row, column = struct.unpack_from("<HH", body)
            last = struct.unpack_from("<H", body, len(body) - 2)[0] if code == _MULTIPLE else column
            check_position(row + 1, max(column, last) + 1)
        elif code in (_STRINGS, _DIMENSIONS):
            _check_promise(code, body, len(content))


def _workbook_stream(content: bytes) -> bytes:
    try:
        streams = CompDoc(content, logfile=io.StringIO())
        names = {entry.name for entry in streams.dirlist}
        stream = streams.get_named_stream("Workbook") or streams.get_named_stream("Book")
    except Exception:  # xlrd raises whatever a damaged file leads it to.
        raise RegisterFileError("file_damaged") from None
    if "EncryptedPackage" in names:
        raise RegisterFileError("file_encrypted")
    if "_VBA_PROJECT_CUR" in names or "_VBA_PROJECT" in names:
        raise RegisterFileError("file_macros")
    if not stream:
        raise RegisterFileError("file_not_workbook")
    return bytes(stream)


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """The records of a BIFF stream: code, length, body ([MS-XLS] 2.1.4)."""
    at = 0
    while at + 4 <= len(stream):
        code, length = struct.unpack_from("<HH", stream, at)
        yield code, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _check_promise(code: int, body: bytes, size: int) -> None:
    """The reader makes room for as many strings and cells as these records say there are."""
    if code == _STRINGS and len(body) >= 8:
        strings = struct.unpack_from("<I", body, 4)[0]
        if strings > size // _SMALLEST_STRING:
            raise RegisterFileError("file_damaged")
    elif code == _DIMENSIONS and len(body) >= 10:
        wide = len(body) >= 14
        first, rows, left, right = struct.unpack_from("<IIHH" if wide else "<HHHH", body)
        if first > rows or left > right:
            raise RegisterFileError("file_damaged")
        if rows * max(right - left, 1) > MOST_ROWS * MOST_COLUMNS:
            raise RegisterFileError("too_many_rows", limit=MOST_ROWS)


def _letters(column: int) -> str:
    letters = ""
    while column >= 0:
        letters = chr(ord("A") + column % 26) + letters
        column = column // 26 - 1
    return letters
