"""Opens a workbook that a stranger may have made: checks before it reads, values only, nothing is run."""

import io
import re
import struct
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, PasswordError
from xlrd.compdoc import CompDoc

from lxsaas.pupils.register.problems import RegisterFileError
from lxsaas.pupils.register.values import Cell, text_of

LARGEST_FILE = 20 * 1024 * 1024
LARGEST_UNPACKED = 200 * 1024 * 1024
LARGEST_RATIO = 200
MOST_PARTS = 500
MOST_ROWS = 10_000
_ZIP, _OLE = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")
_FILEPASS, _FORMULAS = 0x002F, {0x0006, 0x0206, 0x0406}
_SEARCHED = 20
"""Rows at the top among which the headings must be: titles stand above them."""


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
    if not content:
        raise RegisterFileError("file_empty")
    if len(content) > LARGEST_FILE:
        raise RegisterFileError("file_too_large", limit=LARGEST_FILE // 2**20)
    if content.startswith(_ZIP):
        _check_archive(content)
    elif content.startswith(_OLE):
        _check_compound(content)
    else:
        raise RegisterFileError("file_not_workbook")
    found = list(_sheets(content))
    if not found:
        raise RegisterFileError("heading_missing")
    if len(found) > 1:
        raise RegisterFileError("several_sheets")
    return found[0]


def _check_archive(content: bytes) -> None:
    """An .xlsx is a zip: its directory is believed only as far as reading bears it out."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError):
        raise RegisterFileError("file_damaged") from None
    total = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or total > LARGEST_UNPACKED or total > LARGEST_RATIO * len(content):
        raise RegisterFileError("file_bomb")
    names = {part.filename for part in parts}
    if any(name.endswith("vbaProject.bin") for name in names):
        raise RegisterFileError("file_macros")
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/workbook") for name in names):
        raise RegisterFileError("file_not_workbook")
    for part in parts:
        _read_part(archive, part)


def _read_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Unpacks a part in pieces; refuses what grows beyond its stated size, entities, and formulas."""
    parser = _sheet_parser() if re.match(r"xl/worksheets/[^/]+\.xml$", part.filename) else None
    read = 0
    try:
        with archive.open(part) as stream:
            while piece := stream.read(1 << 20):
                read += len(piece)
                if read > part.file_size:
                    raise RegisterFileError("file_bomb")
                if parser is not None:
                    parser.Parse(piece, False)
            if parser is not None:
                parser.Parse(b"", True)
    except (zipfile.BadZipFile, EOFError, expat.ExpatError, NotImplementedError, RuntimeError):
        raise RegisterFileError("file_damaged") from None


def _sheet_parser() -> expat.XMLParserType:
    cell = "?"

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal cell
        local = name.rpartition(":")[2]
        if local == "c":
            cell = attributes.get("r", "?")
        elif local == "f":
            raise RegisterFileError("file_formula", cell=cell)

    def refuse(*_given: object) -> None:
        raise RegisterFileError("file_bomb")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    # A workbook declares no document type; whoever does wants entities.
    parser.StartDoctypeDeclHandler = refuse
    return parser


def _check_compound(content: bytes) -> None:
    """An .xls is a compound file with a stream of records; looks through these without reading any value."""
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
    for code, body in _records(stream):
        if code == _FILEPASS:
            raise RegisterFileError("file_encrypted")
        if code in _FORMULAS and len(body) >= 4:
            row, column = struct.unpack_from("<HH", body)
            raise RegisterFileError("file_formula", cell=f"{_letters(column)}{row + 1}")


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """The records of a BIFF stream: code, length, body ([MS-XLS] 2.1.4)."""
    at = 0
    while at + 4 <= len(stream):
        code, length = struct.unpack_from("<HH", stream, at)
        yield code, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _letters(column: int) -> str:
    letters = ""
    while column >= 0:
        letters = chr(ord("A") + column % 26) + letters
        column = column // 26 - 1
    return letters


def _sheets(content: bytes) -> Iterator[Sheet]:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in workbook.sheet_names:
            rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            top = next((at for at, row in enumerate(rows[:_SEARCHED]) if _is_heading(row)), None)
            if top is None:
                continue
            if len(rows) > MOST_ROWS + _SEARCHED:
                raise RegisterFileError("too_many_rows", limit=MOST_ROWS)
            yield Sheet([heading_of(cell) for cell in rows[top]], rows[top + 1 :], top + 2)
    except PasswordError:
        raise RegisterFileError("file_encrypted") from None
    except CalamineError:
        raise RegisterFileError("file_damaged") from None


def heading_of(cell: Cell) -> str:
    """A heading as the register writes it: no spaces, no marks of what is required."""
    return re.sub(r"[\s*＊]", "", text_of(cell))


def _is_heading(row: Sequence[Cell]) -> bool:
    headings = {heading_of(cell) for cell in row}
    return (
        "姓名" in headings and len(headings & {"性别", "出生日期", "身份证件号", "班号", "是否留守儿童"}) >= 3
    )
