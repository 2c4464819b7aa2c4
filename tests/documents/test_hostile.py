"""Hostile and broken packages: each is refused at once, naming the part, before a library opens it."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping

import pytest
from docx import Document

from lxsaas.documents.expanding import fill_fields
from lxsaas.documents.faults import Fault
from lxsaas.documents.package import LIMIT
from lxsaas.documents.trial import try_template
from tests.documents.test_templates import FIELDS, VALUES, docx, faults_of


def changed(content: bytes, parts: Mapping[str, bytes | Callable[[bytes], bytes]]) -> bytes:
    """The package with parts replaced or added."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        held = {name: old.read(name) for name in old.namelist()}
        for name, part in parts.items():
            held[name] = part if isinstance(part, bytes) else part(held[name])
        for name, data in held.items():
            new.writestr(name, data)
    return buffer.getvalue()


Part = bytes | Callable[[bytes], bytes]
RELS = "word/_rels/document.xml.rels"
WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def added(end: str, text: str) -> Callable[[bytes], bytes]:
    """Puts a text before the end of a part's root."""
    return lambda held: held.replace(end.encode(), text.encode() + end.encode())


def relation(kind: str, target: str, mode: str = "") -> Callable[[bytes], bytes]:
    return added(
        "</Relationships>",
        f'<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        f'{kind}" Target="{target}"{mode}/>',
    )


def body(xml: str) -> Mapping[str, Part]:
    """The document's text made of other elements."""
    return {
        "word/document.xml": lambda held: re.sub(
            rb"<w:body>.*</w:body>",
            lambda _: b"<w:body>" + xml.encode() + b"</w:body>",
            held,
            flags=re.DOTALL,
        )
    }


def part(kind: str, name: str, text: str, before: str = "") -> Mapping[str, Part]:
    """A further part of the text, 'header' or 'footnotes', under any name."""
    root, said = {"header": "hdr"}.get(kind, kind), f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"
    declared = f"application/vnd.openxmlformats-officedocument.wordprocessingml.{kind}+xml"
    return {
        f"word/{name}": f'{before}<w:{root} xmlns:w="{WORDS}">{said}</w:{root}>'.encode(),
        "[Content_Types].xml": added(
            "</Types>", f'<Override PartName="/word/{name}" ContentType="{declared}"/>'
        ),
        RELS: relation(kind, name),
    }


def vast_picture() -> bytes:
    """The head of a picture of 60,000 by 60,000 dots."""
    chunks = {b"IHDR": struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0), b"IDAT": zlib.compress(b"")}
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks.items()
    )


BOMB = "{% for a in 'x' * 99999 %}{% for b in 'x' * 99999 %}{% endfor %}{% endfor %}"
ENTITY = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY a "b">]><x/>'
OUTSIDE = ' TargetMode="External"'
HOSTILE: dict[str, tuple[Mapping[str, Part], str, str]] = {
    "macros": ({"word/vbaProject.bin": b"x"}, "macros", "word/vbaProject.bin"),
    "a document with macros": (
        {"[Content_Types].xml": lambda held: re.sub(
            rb"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main\+xml",
            b"application/vnd.ms-word.document.macroEnabled.main+xml", held)},
        "macros", "application/vnd.ms-word.document.macroEnabled.main+xml",
    ),
    "a template of Word's": (
        {"[Content_Types].xml": lambda held: held.replace(b".document.main", b".template.main")},
        "kind", "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
    ),
    "a link outside": (
        {RELS: relation("hyperlink", "https://elsewhere.example/", OUTSIDE)},
        "external", "https://elsewhere.example/",
    ),
    "a template outside": (
        {RELS: relation("attachedTemplate", "file:///x.dotm", OUTSIDE)}, "external", "file:///x.dotm",
    ),
    "a picture outside without saying so": (
        {RELS: relation("image", "http://elsewhere.example/a.png")},
        "external", "http://elsewhere.example/a.png",
    ),
    "a share outside": ({RELS: relation("image", r"\\elsewhere\a.png")}, "external", r"\\elsewhere\a.png"),
    "an object": ({"word/embeddings/oleObject1.bin": b"x"}, "object", "word/embeddings/oleObject1.bin"),
    "a relation to an object": ({RELS: relation("oleObject", "media/x.emf")}, "object", "media/x.emf"),
    "another file within": ({"word/afchunk.mht": b"x"}, "object", "word/afchunk.mht"),
    "entities": (
        {"word/document.xml": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'},
        "doctype", "word/document.xml",
    ),
    "entities in another encoding": (
        {"word/styles.xml": ENTITY.encode("utf-16")},
        "doctype", "word/styles.xml",
    ),
    "broken text": ({"word/document.xml": b"<x>"}, "xml", "word/document.xml"),
    "a bomb": ({"word/media/a.png": b"\0" * 15_000_000}, "bomb", "word/media/a.png"),
    "a bomb of text": (
        {"word/document.xml": lambda held: held + bytes(range(1, 9)) * 500_000}, "bomb", "word/document.xml",
    ),
    "a larger bomb": (
        {f"word/media/{n}.png": b"\0" * 9_000_000 for n in range(5)}, "bomb", "word/media/0.png",
    ),
    "many parts": ({f"word/media/{n}.png": b"x" for n in range(400)}, "bomb", ""),
    "a loop in a header misnamed": (part("header", "header9.XML", BOMB), "path", "word/header9.XML"),
    "a loop in a header called a picture": (part("header", "h.png", BOMB), "picture", "word/h.png"),
    "a loop in a header called a drawing": (part("header", "h.emf", BOMB), "kind", "/word/h.emf"),
    "a loop before the footnotes": (
        part("footnotes", "notes.xml", "x", f"<!-- {BOMB} -->"), "xml", "word/notes.xml",
    ),
    "another alphabet": (
        {"word/document.xml": b'<?xml version="1.0" encoding="UTF-7"?><x/>'}, "xml", "word/document.xml",
    ),
    "a relation to nothing": ({RELS: relation("header", "nowhere.xml")}, "missing", "nowhere.xml"),
    "a link behind a blank": ({RELS: relation("image", " http://a.example/")}, "external", "http://a.example/"),
    "a picture from outside": (
        body('<w:p><v:imagedata xmlns:v="urn:schemas-microsoft-com:vml" src="http://a.example/"/></w:p>'),
        "external", "http://a.example/",
    ),
    "letters from a data base": (
        {"word/settings.xml": added("</w:settings>", "<w:mailMerge/>")}, "object", "mailMerge",
    ),
    "another document": (body("<w:altChunk/>"), "object", "altChunk"),
    "a picture that is none": ({"word/media/a.png": b"GIF90"}, "picture", "word/media/a.png"),
    "a picture like a wall": ({"word/media/a.png": vast_picture()}, "bomb", "word/media/a.png"),
    "a hundred thousand paragraphs": (
        body("".join(f'<w:p w:rsidR="{number * 7919 % 99991}"/>' for number in range(100_000))),
        "bomb", "word/document.xml",
    ),
    "a table without columns": (body("<w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>"), "unfillable", ""),
    "braces without end": (
        body("<w:p><w:r><w:t>" + "".join(f"{{{{{number}" for number in range(99_999)) + "</w:t></w:r></w:p>"),
        "open", "{{0",
    ),
    "braces without end in no paragraph": (
        body("<w:t>" + "".join(f"{{{{{number}" for number in range(99_999)) + "</w:t>"), "outside", "{{0{{1",
    ),
    "an alternative text": (body('<w:p w:descr="{{ school }}"/>'), "outside", "{{ school }}"),
    "a way out": ({"../outside.xml": b"<x/>"}, "path", "../outside.xml"),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_package_is_refused_naming_the_part(kind: str) -> None:
    parts, code, found = HOSTILE[kind]
    [fault] = faults_of(changed(docx("{{ school }}"), parts))
    assert fault.code == code
    assert found in fault.found
    assert fault.found in fault.told()


def test_a_package_packed_in_another_way_or_behind_something_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert faults_of(buffer.getvalue()) == [Fault("zip")]
    assert faults_of(b"MZ" + docx("x")) == [Fault("zip")]


def test_what_fills_a_footnote_is_never_read_as_a_template() -> None:
    document = Document()
    document.add_section()
    buffer = io.BytesIO()
    document.save(buffer)
    content = changed(buffer.getvalue(), part("footnotes", "notes.xml", "{{ note }}"))
    assert try_template(content, FIELDS, VALUES).used == ("note",)
    made = fill_fields(content, FIELDS, VALUES | {"note": "{{ school.x }}\n{%"}, title="t")
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        notes = archive.read("word/notes.xml").decode()
    assert ">{{ school.x }}</w:t><w:br/>" in notes


def test_a_long_description_in_the_file_s_properties_is_no_fault() -> None:
    document = Document()
    document.core_properties.comments = "y" * 255
    content = io.BytesIO()
    document.save(content)
    longer = changed(content.getvalue(), {"docProps/core.xml": lambda held: held.replace(b"yyy", b"zzzz")})
    assert fill_fields(longer, FIELDS, VALUES, title="t")


@pytest.mark.parametrize("content", [b"", b"PK", b"\xd0\xcf\x11\xe0 old .doc", b"%PDF-1.7", b"{{ school }}"])
def test_what_is_no_package_is_refused(content: bytes) -> None:
    assert faults_of(content) == [Fault("zip")]


def test_a_package_of_something_else_and_one_too_large_are_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    assert faults_of(buffer.getvalue()) == [Fault("zip")]
    assert faults_of(b"P" * (LIMIT + 1)) == [Fault("size", limit=5)]


def run(text: str) -> str:
    return f"<w:r><w:instrText>{text}</w:instrText></w:r>"


BEGIN, END = (f'<w:r><w:fldChar w:fldCharType="{edge}"/></w:r>' for edge in ("begin", "end"))


@pytest.mark.parametrize(
    ("xml", "found"),
    [
        (run("DDEAUTO c:\\\\x"), "DDEAUTO"),
        (run("INCLUDE") + run("TEXT file"), "INCLUDETEXT file"),
        (f"{BEGIN}{run(' includepicture x')}{END}", "includepicture"),
        (f"{BEGIN}{BEGIN}{run('QUOTE 68 68 69')}{END}{run(' x ')}{END}", "QUOTE 68"),
        (BEGIN + run("SE"), "SE"),
        ('<w:fldSimple w:instr="MACROBUTTON x"/>', "MACROBUTTON"),
        (run('HYPERLINK "https://elsewhere.example"'), "HYPERLINK"),
    ],
)
def test_word_s_own_fields_that_fetch_something_are_refused(xml: str, found: str) -> None:
    fault = faults_of(changed(docx(""), body(f"<w:p>{xml}</w:p>")))[0]
    assert (fault.code, fault.part, fault.number) == ("command", "document", 1)
    assert fault.found.startswith(found)


def test_page_numbers_and_a_table_of_contents_are_taken() -> None:
    page = BEGIN + run(r" PAGE  \* MERGEFORMAT ") + END
    contents = BEGIN + run(r" TOC \o ") + BEGIN + run(r" HYPERLINK \l &quot;_Toc1&quot; ") + END + END
    assert try_template(changed(docx(""), body(f"<w:p>{page}{contents}</w:p><w:sectPr/>")), FIELDS, VALUES)
