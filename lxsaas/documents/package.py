"""Looks into an uploaded .docx before any library opens it: its size, its parts, what they lead to.

Taken is a plain document of text and pictures. Macros, embedded objects, links to the outside, entity
declarations and files that unpack to far more than they are do not come as far as the libraries.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping

from lxml import etree

from lxsaas.documents.faults import Fault, TemplateRefused

LIMIT = 5 * 1024 * 1024
"""Bytes of the largest template."""
PARTS = 300
UNPACKED = 40 * 1024 * 1024
"""Bytes of all parts together."""
PART, XML_PART = 20 * 1024 * 1024, 3 * 1024 * 1024
"""Bytes of the largest picture, and of the largest text: what is written takes a hundredth of it."""
RATIO, RATIO_FROM = 150, 256 * 1024
"""A part of so many bytes may be packed by that factor at most; a text hardly reaches a tenth of it."""
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
KNOWN = frozenset("xml rels png jpg jpeg gif bmp emf wmf tif tiff odttf".split())
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_MACROS = re.compile(r"vba|macro|activex|customui", re.IGNORECASE)
_OBJECTS = re.compile(r"(^|/)(embeddings|afchunk)", re.IGNORECASE)
_OBJECT_KINDS = re.compile(r"/(oleObject|package|control|aFChunk|subDocument|frame|attachedToolbars)$")
_ENTITIES = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


def parts_of(content: bytes) -> Mapping[str, "etree._Element"]:
    """The XML parts of a document that may be opened, by name; raises TemplateRefused, naming the part."""
    if len(content) > LIMIT:
        _refuse("size", limit=LIMIT // 1024 // 1024)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_entries(archive.infolist())
            files = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, ValueError, OSError):
        raise TemplateRefused([Fault("zip")]) from None
    parts = {name: _parsed(name, data) for name, data in files.items() if name.endswith((".xml", ".rels"))}
    _check_kind(parts)
    for name, root in parts.items():
        if name.endswith(".rels"):
            _check_relations(root)
    return {name: root for name, root in parts.items() if name.endswith(".xml")}


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > PARTS:
        _refuse("bomb", str(len(entries)))
    if sum(entry.file_size for entry in entries) > UNPACKED:
        _refuse("bomb", max(entries, key=lambda entry: entry.file_size).filename)
    seen = set()
    for entry in entries:
        name = entry.filename
        if name in seen or name.startswith("/") or "\\" in name or ".." in name.split("/"):
            _refuse("path", name)
        seen.add(name)
        _check_entry(entry)


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name, packed = entry.filename, max(entry.compress_size, 1)
    most = XML_PART if name.endswith((".xml", ".rels")) else PART
    if entry.file_size > most or (entry.file_size > RATIO_FROM and entry.file_size / packed > RATIO):
        _refuse("bomb", name)
    if _MACROS.search(name):
        _refuse("macros", name)
    is_known = name.endswith("/") or name.rpartition(".")[2].lower() in KNOWN
    if _OBJECTS.search(name) or not is_known:
        _refuse("object", name)


def _parsed(name: str, data: bytes) -> "etree._Element":
    # A part in another encoding could hide the words that are looked for.
    plain = data.replace(b"\0", b"")
    if _ENTITIES.search(plain):
        _refuse("doctype", name)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        raise TemplateRefused([Fault("xml", name)]) from None
    if root.getroottree().docinfo.doctype:
        _refuse("doctype", name)
    return root


def _check_kind(parts: Mapping[str, "etree._Element"]) -> None:
    """That the package says it is a document, neither a template of Word's own kind nor one with macros."""
    types = parts.get("[Content_Types].xml")
    if types is None:
        raise TemplateRefused([Fault("zip")])
    found = [str(one.get("ContentType") or "") for one in types.iter() if isinstance(one.tag, str)]
    for kind in found:
        if _MACROS.search(kind):
            _refuse("macros", kind)
    mains = [kind for kind in found if kind.endswith(".main+xml")]
    if mains != [MAIN] or "word/document.xml" not in parts:
        _refuse("kind", ", ".join(mains) or "–")


def _check_relations(root: "etree._Element") -> None:
    for relation in root.iter(_RELATION):
        target, kind = str(relation.get("Target") or ""), str(relation.get("Type") or "")
        if relation.get("TargetMode") == "External" or re.match(r"[a-z][a-z0-9+.-]*:|//|\\\\", target, re.I):
            _refuse("external", target[:120])
        if _MACROS.search(kind):
            _refuse("macros", target)
        if _OBJECT_KINDS.search(kind):
            _refuse("object", target)


def elements(root: "etree._Element", name: str) -> Iterator["etree._Element"]:
    """The WordprocessingML elements of a name."""
    yield from root.iter(f"{{http://schemas.openxmlformats.org/wordprocessingml/2006/main}}{name}")


def _refuse(code: str, found: str = "", *, limit: int = 0) -> None:
    raise TemplateRefused([Fault(code, found, limit=limit)])
