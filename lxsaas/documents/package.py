"""Looks into an uploaded .docx before any library opens it: its size, its parts, what they lead to.

Taken is a plain document of text and pictures. Macros, embedded objects, links to the outside, entity
declarations and files that unpack to far more than they are do not come as far as the libraries. What is
text is called .xml and says so, so that no library takes for a part what was not looked into.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import NoReturn

from lxml import etree
from PIL import Image

from lxsaas.documents.faults import Fault, TemplateRefused

LIMIT = 5 * 1024 * 1024
"""Bytes of the largest template."""
PARTS = 300
UNPACKED = 40 * 1024 * 1024
"""Bytes of all parts together."""
PART, XML_PART = 20 * 1024 * 1024, 3 * 1024 * 1024
"""Bytes of the largest picture, and of the largest text: what is written takes a hundredth of it."""
MARKS = 200_000
"""Tags and attributes of all texts together: thirty written pages have a quarter of it."""
PIXELS = 60_000_000
RATIO, RATIO_FROM = 150, 256 * 1024
"""A part of so many bytes may be packed by that factor at most; a text hardly reaches a tenth of it."""
PICTURES = frozenset("png jpg jpeg gif bmp tif tiff".split())
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF")
DRAWINGS_AND_FONTS = frozenset("emf wmf odttf".split())
TEXTS = (".xml", ".rels")
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
WORDS = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
"""Namespace of what Word calls text."""
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_MACROS = re.compile(r"vba|macro|activex|customui", re.IGNORECASE)
_OBJECTS = re.compile(r"(^|/)(embeddings|afchunk)", re.IGNORECASE)
_OBJECT_KINDS = re.compile(r"/(oleObject|package|control|aFChunk|subDocument|frame|attachedToolbars)$")
_ENTITIES = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
OUTSIDE = re.compile(r"\s*([a-z][a-z0-9+.-]*:|//|\\\\)", re.IGNORECASE)
_NOT_TEXT = re.compile(r"/(image|font|thumbnail)$")
"""Kinds of relations to what is no text."""
# The two that the format allows; in another one the words that are looked for could hide.
_START = re.compile(
    rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*<"
    rb"(?!\?xml[^>]*\sencoding\s*=\s*['\"](?!utf-(?:8|16)['\"]))",
    re.IGNORECASE,
)


def parts_of(content: bytes) -> Mapping[str, "etree._Element"]:
    """The XML parts of a document that may be opened, by name; raises TemplateRefused, naming the part."""
    if len(content) > LIMIT:
        _refuse("size", limit=LIMIT // 1024 // 1024)
    if not content.startswith(b"PK\x03\x04"):
        _refuse("zip")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_entries(archive.infolist())
            files = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, ValueError, OSError):
        raise TemplateRefused([Fault("zip")]) from None
    parts = _parsed({name: data for name, data in files.items() if name.endswith(TEXTS)})
    for name, data in files.items():
        if _ending(name) in PICTURES:
            _check_picture(name, data)
    _check_kind(parts)
    for name, root in parts.items():
        if name.endswith(".rels"):
            _check_relations(name, root, parts)
    return {name: root for name, root in parts.items() if name.endswith(".xml")}


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower()


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > PARTS:
        _refuse("bomb", str(len(entries)))
    if sum(entry.file_size for entry in entries) > UNPACKED:
        _refuse("bomb", max(entries, key=lambda entry: entry.file_size).filename)
    seen = set()
    for entry in entries:
        name = entry.filename
        if name.lower() in seen or name.startswith("/") or "\\" in name or ".." in name.split("/"):
            _refuse("path", name)
        seen.add(name.lower())
        _check_entry(entry)


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name, packed = entry.filename, max(entry.compress_size, 1)
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        _refuse("zip")
    most = XML_PART if name.endswith(TEXTS) else PART
    if entry.file_size > most or (entry.file_size > RATIO_FROM and entry.file_size / packed > RATIO):
        _refuse("bomb", name)
    if _MACROS.search(name):
        _refuse("macros", name)
    if name.lower().endswith(TEXTS) and not name.endswith(TEXTS):
        _refuse("path", name)
    is_known = name.endswith(("/", *TEXTS)) or _ending(name) in PICTURES | DRAWINGS_AND_FONTS
    if _OBJECTS.search(name) or not is_known:
        _refuse("object", name)


def _check_picture(name: str, data: bytes) -> None:
    """Reads no more of it than its size: it is for Word to open, and must not be a bomb there."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            pixels = picture.width * picture.height
    except Image.DecompressionBombError:
        pixels = PIXELS + 1
    except Exception:  # Pillow's readers fail in whatever way the bytes lead them to: none is a picture.
        _refuse("picture", name)
    if pixels > PIXELS:
        _refuse("bomb", name)


def _parsed(files: Mapping[str, bytes]) -> dict[str, "etree._Element"]:
    """The texts as trees; what one would take is known before there is one."""
    marks = {}
    for name, data in files.items():
        plain = data.replace(b"\0", b"")
        if not _START.match(plain):
            _refuse("xml", name)
        if _ENTITIES.search(plain):
            _refuse("doctype", name)
        marks[name] = plain.count(b"<") + plain.count(b"=")
    if sum(marks.values()) > MARKS:
        _refuse("bomb", max(marks, key=marks.__getitem__))
    return {name: _root_of(name, data) for name, data in files.items()}


def _root_of(name: str, data: bytes) -> "etree._Element":
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        raise TemplateRefused([Fault("xml", name)]) from None
    if root.getroottree().docinfo.doctype:
        _refuse("doctype", name)
    # Comments and commands: nobody's word processor writes them, and they are none of the words.
    beside = (*root.itersiblings(preceding=True), *root.itersiblings())
    if beside or any(not isinstance(one.tag, str) for one in root.iter()):
        _refuse("xml", name)
    return root


def _check_kind(parts: Mapping[str, "etree._Element"]) -> None:
    """That the package says it is a document, neither a template of Word's own kind nor one with macros.

    And that what it declares to be text is called so: python-docx and docxtpl go by what is declared.
    """
    types = parts.get("[Content_Types].xml")
    if types is None:
        raise TemplateRefused([Fault("zip")])
    found = []
    for one in types:
        kind = str(one.get("ContentType") or "")
        place = str(one.get("PartName") or f".{one.get('Extension')}")
        if _MACROS.search(kind):
            _refuse("macros", kind)
        if kind.endswith("xml") != place.lower().endswith(TEXTS):
            _refuse("kind", f"{place}: {kind}")
        found.append(kind)
    mains = [kind for kind in found if kind.endswith(".main+xml")]
    if mains != [MAIN] or "word/document.xml" not in parts:
        _refuse("kind", ", ".join(mains) or "–")


def _check_relations(name: str, root: "etree._Element", parts: Mapping[str, "etree._Element"]) -> None:
    """That nothing leads outside, and that what is no picture leads to a text that was looked into."""
    folder = posixpath.dirname(posixpath.dirname(name))
    for relation in root.iter(_RELATION):
        target, kind = str(relation.get("Target") or ""), str(relation.get("Type") or "")
        if relation.get("TargetMode", "Internal") != "Internal" or OUTSIDE.match(target):
            _refuse("external", target[:120])
        if _MACROS.search(kind):
            _refuse("macros", target)
        if _OBJECT_KINDS.search(kind):
            _refuse("object", target)
        place = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        if not _NOT_TEXT.search(kind) and place not in parts:
            _refuse("missing", target)


def elements(root: "etree._Element", *names: str) -> Iterator["etree._Element"]:
    """The WordprocessingML elements of these names, in their order."""
    yield from root.iter(*(f"{WORDS}{name}" for name in names))


def _refuse(code: str, found: str = "", *, limit: int = 0) -> NoReturn:
    raise TemplateRefused([Fault(code, found, limit=limit)])
