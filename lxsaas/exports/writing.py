"""From rows to the bytes of a file, piece by piece; with a password really encrypted."""

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from msoffcrypto.format.ooxml import OOXMLFile
from stream_zip import ZIP_32, MemberFile, stream_zip

from lxsaas.core.errors import RuleError
from lxsaas.core.export import Cell, csv_pieces, write_workbook
from lxsaas.exports.content import Bundle, Content, Sheet, Sheets, Whole

PIECE = 1024 * 1024
"""Bytes of a piece as it is kept and sent."""
SHEET_ROWS = 1_000_000
"""Rows of the longest worksheet; the format takes 1,048,576."""
Step = Callable[[], object]
"""Called for each row that is written."""


def pieces_of(
    content: Content, form: str, *, folder: Path, password: str | None, at: datetime, step: Step
) -> Iterator[bytes]:
    """The file in pieces of PIECE bytes.

    Workbooks are written into `folder` first, for their format is a .zip that needs their size; a .zip of
    .csv is never anywhere as a whole. Raises RuleError for more rows than a worksheet holds.
    """
    return evenly(_chunks(content, form, folder, password, at, step))


def _chunks(
    content: Content, form: str, folder: Path, password: str | None, at: datetime, step: Step
) -> Iterable[bytes]:
    if isinstance(content, Whole):
        return _document(content, folder, password, step)
    sheets = [_stepped(sheet, step) for sheet in content.sheets]
    if form != "csv" and any(sheet.count > SHEET_ROWS for sheet in sheets):
        raise RuleError("export_rows")
    if isinstance(content, Bundle):
        return _zipped(_workbooks(sheets, folder, at), password)
    if form == "csv":
        return _zipped(_tables(content, sheets, at), password)
    return _workbook(sheets, folder, password)


def _stepped(sheet: Sheet, step: Step) -> Sheet:
    def rows() -> Iterator[Sequence[Cell]]:
        for row in sheet.table.rows:
            step()
            yield row

    return replace(sheet, table=replace(sheet.table, rows=rows()))


def _document(content: Whole, folder: Path, password: str | None, step: Step) -> Iterator[bytes]:
    path = folder / "document"
    path.write_bytes(content.make())
    for _ in range(content.total):
        step()
    yield from _read(path, password)


def _workbook(sheets: Iterable[Sheet], folder: Path, password: str | None) -> Iterator[bytes]:
    path = folder / "book.xlsx"
    write_workbook(path, [(sheet.name, sheet.table) for sheet in sheets])
    yield from _read(path, password)


def encrypted(path: Path, password: str) -> Path:
    """A workbook or document under a password (ECMA-376 agile encryption, AES-256); the plain one is gone."""
    target = path.with_name("sealed")
    with path.open("rb") as plain, target.open("wb") as sealed:
        OOXMLFile(plain).encrypt(password, sealed)
    path.unlink()
    return target


def _read(path: Path, password: str | None = None) -> Iterator[bytes]:
    """The bytes of a file, encrypted where there is a password; it is gone as soon as it is opened."""
    if password is not None:
        path = encrypted(path, password)
    with path.open("rb") as file:
        path.unlink()
        while chunk := file.read(PIECE):
            yield chunk


def _workbooks(sheets: Iterable[Sheet], folder: Path, at: datetime) -> Iterator[MemberFile]:
    for number, sheet in enumerate(sheets, 1):
        path = folder / f"{number}.xlsx"
        write_workbook(path, [("", sheet.table)])
        yield f"{number:02d} {_file_name(sheet.name)}.xlsx", at, 0o600, ZIP_32, _read(path)


def _tables(content: Sheets, sheets: Iterable[Sheet], at: datetime) -> Iterator[MemberFile]:
    for number, sheet in enumerate(sheets, 1):
        yield f"{number:02d} {_file_name(sheet.name)}.csv", at, 0o600, ZIP_32, csv_pieces(sheet.table)


def _file_name(name: str) -> str:
    return "".join(sign if sign.isalnum() or sign in " -_" else "-" for sign in name).strip(" -")[:60]


def _zipped(members: Iterable[MemberFile], password: str | None) -> Iterable[bytes]:
    """A .zip (AES-256 with a password) of members that are read while it is written."""
    return stream_zip(members, password=password, get_compressobj=_deflate)


def _deflate() -> Any:
    # The library's own level 9 takes three times as long for a few per cent.
    return zlib.compressobj(level=6, wbits=-zlib.MAX_WBITS)


def evenly(chunks: Iterable[bytes], size: int = PIECE) -> Iterator[bytes]:
    """The same bytes in pieces of one size, the last one shorter."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) >= size:
            yield bytes(held[:size])
            del held[:size]
    if held:
        yield bytes(held)
