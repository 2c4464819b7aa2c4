"""A template that somebody uploads: declared fields are filled, all else is refused, naming its place."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping

import pytest
from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from lxsaas.documents.checking import check_template
from lxsaas.documents.expanding import fill_fields
from lxsaas.documents.faults import Fault, TemplateRefused
from lxsaas.documents.fields import Column, Fields, TemplateField
from lxsaas.documents.package import LIMIT

FIELDS = Fields(
    TemplateField("school", "学校", "The school"),
    TemplateField("words", "正文", "Words", "lines"),
    TemplateField("rows", "表格", "Rows", "table", columns=(Column("a", "A", 1), Column("b", "B", 2))),
    TemplateField("note", "说明", "Note"),
)
VALUES = {
    "school": "坪坝<小学>", "words": ["一 {{ school }}", "二"], "note": "n", "rows": [{"a": "甲", "b": 2}],
}  # fmt: skip


def docx(*paragraphs: str, header: str = "") -> bytes:
    document = Document()
    for one in paragraphs:
        document.add_paragraph(one)
    if header:
        document.sections[0].header.paragraphs[0].text = header
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


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


def faults_of(content: bytes, fields: Fields = FIELDS) -> list[Fault]:
    with pytest.raises(TemplateRefused) as refusal:
        check_template(content, fields)
    return [*refusal.value.faults]


def test_fields_are_filled_by_either_name_wherever_they_stand() -> None:
    content = docx("{{ 学校 }}，{{school}}", "{{ 正文 }}", "{{ rows }}", "Ende", header="{{ school }}")
    usage = check_template(content, FIELDS)
    assert usage.used == ("school", "words", "rows")
    assert usage.unused == ("note",)
    made = Document(io.BytesIO(fill_fields(content, FIELDS, VALUES, title="t")))
    texts = [one.text for one in made.paragraphs if one.text]
    assert texts == ["坪坝<小学>，坪坝<小学>", "一 {{ school }}", "二", "Ende"]
    assert [[cell.text for cell in row.cells] for row in made.tables[0].rows] == [["A", "B"], ["甲", "2"]]
    assert made.sections[0].header.paragraphs[0].text == "坪坝<小学>"


def test_the_same_template_and_values_give_the_same_bytes() -> None:
    content = docx("{{ school }}", "{{ words }}", "{{ rows }}")
    assert fill_fields(content, FIELDS, VALUES, title="t") == fill_fields(content, FIELDS, VALUES, title="t")


def test_a_field_whose_letters_lie_in_several_runs_is_one_field() -> None:
    document = Document()
    paragraph = document.add_paragraph()
    for part in ("{", "{ sch", "ool }", "}"):
        paragraph.add_run(part).bold = part.startswith("{")
    buffer = io.BytesIO()
    document.save(buffer)
    assert check_template(buffer.getvalue(), FIELDS).used == ("school",)
    made = fill_fields(buffer.getvalue(), FIELDS, VALUES, title="t")
    assert Document(io.BytesIO(made)).paragraphs[0].text == "坪坝<小学>"


def test_a_field_that_must_be_there_is_asked_for() -> None:
    needed = Fields(TemplateField("school", "学校", "x", is_required=True))
    assert faults_of(docx("leer"), needed) == [Fault("required", "学校")]


def test_a_table_a_thousand_times_is_refused() -> None:
    assert check_template(docx(*["{{ rows }}"] * 3), FIELDS)
    assert faults_of(docx(*["{{ rows }}"] * 4)) == [Fault("often", "表格", limit=3)]


@pytest.mark.parametrize(
    ("text", "code", "found"),
    [
        ("{{ pupil }}", "unknown", "pupil"),
        ("{{ 学生 }}", "unknown", "学生"),
        ("{% for x in words %}", "statement", "{% for x in words %}"),
        ("{%p if school %}", "statement", "{%p if school %}"),
        ("{%- include 'x' %}", "statement", "{%- include 'x' %}"),
        ("{# note #}", "statement", "{# note #}"),
        ("{{ school.__class__ }}", "attribute", "{{ school.__class__ }}"),
        ("{{ rows[0] }}", "attribute", "{{ rows[0] }}"),
        ("{{ school|upper }}", "expression", "{{ school|upper }}"),
        ("{{ range(9) }}", "expression", "{{ range(9) }}"),
        ("{{r school }}", "expression", "{{r school }}"),
        ("{{- school }}", "expression", "{{- school }}"),
        ("{{ 'a' * 999999999 }}", "expression", "{{ 'a' * 999999999 }}"),
        ("{{ none }}", "unknown", "none"),
        ("{{ self }}", "unknown", "self"),
        ("{{ school", "open", "{{ school"),
        ("school }}", "open", "school }}"),
        ("x {{ words }}", "alone", "words"),
    ],
)  # fmt: skip
def test_everything_but_a_field_is_refused_at_its_paragraph(text: str, code: str, found: str) -> None:
    [fault] = faults_of(docx("ok {{ school }}", text))
    assert (fault.code, fault.found, fault.part, fault.number) == (code, found, "document", 2)
    assert "paragraph 2" in fault.told()
    assert found in fault.told()
    [above] = [one for one in faults_of(docx("ok", header=text)) if one.part == "hdr"]
    assert above.told().startswith("Page header, paragraph 1")


def test_every_fault_is_told_at_once() -> None:
    assert [one.number for one in faults_of(docx("{{ a }}", "{% if x %}", "{{ school }}", "{{ b }}"))] == [
        1,
        2,
        4,
    ]


def test_a_tag_spread_over_paragraphs_or_hidden_in_an_attribute_is_refused() -> None:
    assert {one.code for one in faults_of(docx("{{ school", "}}"))} == {"open"}
    document = Document()
    document.add_paragraph("x").runs[0]._r.get_or_add_rPr().append(shade("{{ school }}"))
    buffer = io.BytesIO()
    document.save(buffer)
    [fault] = faults_of(buffer.getvalue())
    assert (fault.code, fault.part) == ("outside", "word/document.xml")


def shade(value: str) -> object:
    made = OxmlElement("w:shd")
    made.set(qn("w:fill"), value)
    return made


def test_a_tag_in_the_properties_or_the_styles_is_refused() -> None:
    document = Document()
    document.core_properties.title = "{{ school.x }}"
    buffer = io.BytesIO()
    document.save(buffer)
    [fault] = faults_of(buffer.getvalue())
    assert (fault.code, fault.part) == ("outside", "docProps/core.xml")


def relation(kind: str, target: str, mode: str = "") -> Callable[[bytes], bytes]:
    added = (
        f'<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        f'{kind}" Target="{target}"{mode}/></Relationships>'
    )
    return lambda held: held.replace(b"</Relationships>", added.encode())


RELS = "word/_rels/document.xml.rels"
ENTITY = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY a "b">]><x/>'
OUTSIDE = ' TargetMode="External"'
HOSTILE: dict[str, tuple[Mapping[str, bytes | Callable[[bytes], bytes]], str, str]] = {
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
    "a way out": ({"../outside.xml": b"<x/>"}, "path", "../outside.xml"),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_package_is_refused_naming_the_part(kind: str) -> None:
    parts, code, found = HOSTILE[kind]
    [fault] = faults_of(changed(docx("{{ school }}"), parts))
    assert fault.code == code
    assert found in fault.found
    assert fault.found in fault.told()


@pytest.mark.parametrize("content", [b"", b"PK", b"\xd0\xcf\x11\xe0 old .doc", b"%PDF-1.7", b"{{ school }}"])
def test_what_is_no_package_is_refused(content: bytes) -> None:
    assert faults_of(content) == [Fault("zip")]


def test_a_package_of_something_else_and_one_too_large_are_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    assert faults_of(buffer.getvalue()) == [Fault("zip")]
    assert faults_of(b"P" * (LIMIT + 1)) == [Fault("size", limit=5)]


@pytest.mark.parametrize("said", [["DDEAUTO c:\\\\x"], ["INCLUDE", "TEXT file"], [" includepicture x"]])
def test_word_s_own_fields_that_fetch_something_are_refused(said: list[str]) -> None:
    document = Document()
    run = document.add_paragraph("x").runs[0]._r
    for part in said:
        instruction = OxmlElement("w:instrText")
        instruction.text = part
        run.append(instruction)
    buffer = io.BytesIO()
    document.save(buffer)
    [fault] = faults_of(buffer.getvalue())
    assert (fault.code, fault.part, fault.number) == ("command", "document", 1)
