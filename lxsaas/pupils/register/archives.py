"""An .xlsx is a zip of XML: unpacks it within bounds, looks through it, and packs anew what may be read.

What comes after sees nothing but the parts that were looked through: how its own reader would have understood
a crooked zip does not matter.
"""

import io
import re
import zipfile
from xml.parsers import expat

from lxsaas.pupils.register.problems import RegisterFileError
from lxsaas.pupils.register.sizes import LARGEST_RATIO, LARGEST_UNPACKED, MOST_PARTS, check_position

_READABLE = (".xml", ".rels")
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")


def vetted_archive(content: bytes) -> bytes:
    """The XML parts of an .xlsx in a plain zip.

    Raises RegisterFileError for what is no such workbook, is damaged or encrypted, holds macros or formulas,
    or unpacks to too much.
    """
    vetted = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(vetted, "w") as output:
            for part in _parts(archive, len(content)):
                output.writestr(part.filename, _looked_through(archive, part))
    except RegisterFileError:
        raise
    # zipfile raises whatever a damaged or crooked file leads it to.
    except Exception:
        raise RegisterFileError("file_damaged") from None
    return vetted.getvalue()


def _parts(archive: zipfile.ZipFile, size: int) -> list[zipfile.ZipInfo]:
    parts = archive.infolist()
    total = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or total > LARGEST_UNPACKED or total > LARGEST_RATIO * size:
        raise RegisterFileError("file_bomb")
    if any(part.flag_bits & 1 for part in parts):
        raise RegisterFileError("file_encrypted")
    names = {part.filename.lower() for part in parts}
    if "[content_types].xml" not in names or not any(name.startswith("xl/workbook") for name in names):
        raise RegisterFileError("file_not_workbook")
    if any(name.endswith("vbaproject.bin") for name in names):
        raise RegisterFileError("file_macros")
    if "xl/workbook.xml" not in names:
        raise RegisterFileError("file_not_workbook")
    if len(names) < len(parts):
        raise RegisterFileError("file_damaged")
    return [part for part in parts if part.filename.lower().endswith(_READABLE)]


def _looked_through(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    """A part's bytes: never more than the directory said, and well-formed XML without a document type."""
    # A part may be packed only as .xlsx packs: other methods unpack without bounds.
    if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise RegisterFileError("file_damaged")
    with archive.open(part) as stream:
        text = stream.read(part.file_size + 1)
    if part.filename.lower() == "[content_types].xml" and b"macroEnabled" in text:
        raise RegisterFileError("file_macros")
    parser = _Part().parser
    parser.Parse(text, True)
    return text


class _Part:
    """Watches a part go by: formulas, cells where no register has any, document types."""

    def __init__(self) -> None:
        self._in_cells, self._row, self._column, self._reference = False, 0, 0, ""
        # The reader after this one takes every part for UTF-8; so does this.
        self.parser = expat.ParserCreate("UTF-8")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        # A workbook declares no document type; whoever does wants entities.
        self.parser.StartDoctypeDeclHandler = self._refuse

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "sheetData":
            self._in_cells = True
        elif not self._in_cells:
            return
        elif local == "row":
            self._row, self._column = int(attributes.get("r", self._row + 1)), 0
        elif local == "c":
            self._move(attributes.get("r", ""))
        elif local in ("v", "is"):
            # Only what holds a value makes the sheet larger; formatted empty cells may stand anywhere.
            check_position(self._row, self._column)
        elif local == "f":
            raise RegisterFileError("file_formula", cell=self._reference)

    def _move(self, reference: str) -> None:
        self._reference = reference
        if not reference:
            self._column += 1
            return
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            raise RegisterFileError("file_damaged")
        column = 0
        for letter in match[1].upper():
            column = column * 26 + ord(letter) - 64
        self._row, self._column = int(match[2]), column

    def _end(self, name: str) -> None:
        if self._in_cells and name.rpartition(":")[2] == "sheetData":
            self._in_cells = False

    def _refuse(self, *_given: object) -> None:
        raise RegisterFileError("file_bomb")
