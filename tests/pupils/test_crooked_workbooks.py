"""Workbooks made to hurt: small files that promise half a terabyte, and parts that say they are another."""

import io
import re
import struct
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from random import Random

import pytest

from lxsaas.pupils.register import RegisterFileError, read_register
from lxsaas.pupils.register.sizes import MOST_COLUMNS, MOST_ROWS
from tests.pupils.workbooks import HEADINGS, pupils, xls, xlsx

CODE = "3699010009"
SHEET = "xl/worksheets/sheet1.xml"
OLD = xls(pupils(4, code=CODE))
NEW = xlsx(pupils(4, code=CODE))
STRINGS, DIMENSIONS, TEXT_CELL, FIRST = 0x00FC, 0x0200, 0x00FD, 0x0809


def outcome(content: bytes) -> str | int:
    """How many pupils were accepted, or the code of the refusal."""
    try:
        parsed = read_register(content, school_register_code=CODE, today=date(2026, 11, 23))
    except RegisterFileError as error:
        return error.code
    return len(parsed.accepted)


def repacked(
    change: Callable[[bytes], bytes] = bytes,
    *,
    part: str = SHEET,
    more: Mapping[str, bytes] | None = None,
    method: int = zipfile.ZIP_DEFLATED,
) -> bytes:
    """A good .xlsx with one of its parts changed and others added."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(NEW)) as good, zipfile.ZipFile(buffer, "w", method) as archive:
        for name in good.namelist():
            archive.writestr(name, change(good.read(name)) if name == part else good.read(name))
        for name, body in (more or {}).items():
            archive.writestr(name, body)
    return buffer.getvalue()


def with_cell(cell: bytes) -> bytes:
    return repacked(lambda text: text.replace(b"</sheetData>", cell + b"</sheetData>"))


def with_record(code: int, offset: int, form: str, *values: int) -> bytes:
    """A good .xls of which the first record of a code is overwritten from an offset on."""
    content = bytearray(OLD)
    at = content.index(struct.pack("<HH", FIRST, 16))
    while struct.unpack_from("<H", content, at)[0] != code:
        at += 4 + int(struct.unpack_from("<H", content, at + 2)[0])
    struct.pack_into(form, content, at + 4 + offset, *values)
    return bytes(content)


def renamed_stream(name: str) -> bytes:
    """An .xls whose stream has another name, as in a .doc, or in a workbook with a password."""
    entry = "Workbook".encode("utf-16-le").ljust(64, b"\0") + struct.pack("<H", 18)
    other = name.encode("utf-16-le").ljust(64, b"\0") + struct.pack("<H", 2 * len(name) + 2)
    assert OLD.count(entry) == 1
    return OLD.replace(entry, other)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (with_cell(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "too_many_rows"),
        (with_cell(b'<row r="1048576"><c><v>1</v></c></row>'), "too_many_rows"),
        (with_cell(b'<row r="9"><c r="XFD9"><v>1</v></c></row>'), "too_many_columns"),
        (with_cell(b'<row r="9"><c r="A1:XFD9"><v>1</v></c></row>'), "file_damaged"),
        (with_record(DIMENSIONS, 0, "<IIHH", 0, 2**32 - 1, 0, 2**16 - 1), "too_many_rows"),
        (with_record(DIMENSIONS, 0, "<IIHH", 2**24, 5, 0, 9), "file_damaged"),
        (with_record(STRINGS, 0, "<II", 2**31 - 1, 2**31 - 1), "file_damaged"),
        (with_record(TEXT_CELL, 0, "<HH", 65535, 0), "too_many_rows"),
        (with_record(TEXT_CELL, 0, "<HH", 0, 65535), "too_many_columns"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_small_file_that_promises_much_is_refused_before_room_is_made(
    content: bytes, expected: str
) -> None:
    assert outcome(content) == expected


def test_formatted_but_empty_cells_may_stand_anywhere() -> None:
    assert outcome(with_cell(b'<row r="1048576"><c r="XFD1048576" s="0"/></row>')) == 4


def test_more_rows_than_any_school_has_are_refused() -> None:
    one = pupils(1, code=CODE)[0]
    assert outcome(xlsx([one] * (MOST_ROWS + 1), headings=HEADINGS[:8])) == "too_many_rows"
    assert outcome(xlsx([one], headings=[*HEADINGS, *map(str, range(MOST_COLUMNS))])) == "too_many_columns"


def test_cells_need_not_say_where_they_stand() -> None:
    def unplaced(text: bytes) -> bytes:
        return re.sub(rb'(<c )r="[A-Z]+\d+" ', rb"\1", text)

    assert outcome(repacked(unplaced)) == 4


def test_a_formula_is_found_wherever_the_sheet_is_kept() -> None:
    content = repacked(
        lambda text: text.replace(b"worksheets/sheet1.xml", b"elsewhere/part.xml"),
        part="xl/_rels/workbook.xml.rels",
        more={
            "xl/elsewhere/part.xml": b'<x:worksheet xmlns:x="http://schemas.openxmlformats.org/'
            b'spreadsheetml/2006/main"><x:sheetData><x:row r="1"><x:c r="B1"><x:f>1+1</x:f></x:c></x:row>'
            b"</x:sheetData></x:worksheet>"
        },
    )
    assert outcome(content) == "file_formula"


def test_the_rules_of_a_drop_down_are_no_formulas_of_cells() -> None:
    rule = b'<extLst><ext xmlns:xm="urn:x"><xm:f>Options!$A$1:$A$3</xm:f></ext></extLst>'
    content = repacked(lambda text: text.replace(b"</worksheet>", rule + b"</worksheet>"))
    assert outcome(content) == 4


def test_a_part_that_unpacks_to_more_than_it_says_is_read_no_further() -> None:
    grown = repacked(lambda text: text + b" " * 50_000_000)
    with zipfile.ZipFile(io.BytesIO(grown)) as archive:
        stated = archive.getinfo(SHEET).file_size
    assert outcome(grown.replace(struct.pack("<I", stated), struct.pack("<I", 5000))) == "file_damaged"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (repacked(more={"xl/workbook.bin": b"x"}), 4),
        (repacked(method=zipfile.ZIP_BZIP2), "file_damaged"),
        (repacked(lambda text: b"\xff\xfe" + text.decode().encode("utf-16-le")), "file_damaged"),
        (
            repacked(
                lambda text: text.replace(b"openxmlformats-officedocument", b"ms-excel.macroEnabled"),
                part="[Content_Types].xml",
            ),
            "file_macros",
        ),
        (
            repacked(lambda _: b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", part="xl/styles.xml"),
            "file_bomb",
        ),
        (renamed_stream("EncryptedPackage"), "file_encrypted"),
        (renamed_stream("WordDocument"), "file_not_workbook"),
    ],
    ids=lambda value: str(value) if isinstance(value, str | int) else "",
)
def test_a_file_is_taken_for_what_it_holds(content: bytes, expected: str | int) -> None:
    assert outcome(content) == expected


def test_whatever_bytes_are_broken_there_is_an_answer() -> None:
    """A broken file is refused or read; nothing else is raised, and the process goes on."""
    random = Random(20261123)
    for content in (OLD, NEW):
        for _ in range(150):
            broken = bytearray(content)
            for _ in range(random.randint(1, 5)):
                broken[random.randrange(8, len(broken))] = random.choice((0, 1, 254, 255))
            assert outcome(bytes(broken)) in {*range(5), *REFUSALS}


REFUSALS = (
    "file_bomb", "file_damaged", "file_encrypted", "file_formula", "file_macros", "file_not_workbook",
    "columns_missing", "columns_twice", "heading_missing", "too_many_columns", "too_many_rows",
)  # fmt: skip
