"""A template that somebody uploads: declared fields are filled, all else is refused, naming its place."""

import io

import pytest
from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from lxsaas.documents.checking import MANY
from lxsaas.documents.expanding import fill_fields
from lxsaas.documents.faults import Fault, TemplateRefused
from lxsaas.documents.fields import Column, Fields, TemplateField
from lxsaas.documents.trial import try_template

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


def faults_of(content: bytes, fields: Fields = FIELDS) -> list[Fault]:
    with pytest.raises(TemplateRefused) as refusal:
        try_template(content, fields, VALUES)
    return [*refusal.value.faults]


def test_fields_are_filled_by_either_name_wherever_they_stand() -> None:
    content = docx("{{ 学校 }}，{{school}}", "{{ 正文 }}", "{{ rows }}", "Ende", header="{{ school }}")
    usage = try_template(content, FIELDS, VALUES)
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
    assert try_template(buffer.getvalue(), FIELDS, VALUES).used == ("school",)
    made = fill_fields(buffer.getvalue(), FIELDS, VALUES, title="t")
    assert Document(io.BytesIO(made)).paragraphs[0].text == "坪坝<小学>"


def test_a_field_that_must_be_there_is_asked_for() -> None:
    needed = Fields(TemplateField("school", "学校", "x", is_required=True))
    assert faults_of(docx("leer"), needed) == [Fault("required", "学校")]


def test_a_table_a_thousand_times_is_refused() -> None:
    assert try_template(docx(*["{{ rows }}"] * 3), FIELDS, VALUES)
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


def test_so_many_faults_are_told_as_somebody_mends_at_once() -> None:
    assert len(faults_of(docx(*(f"{{{{ {number} }}}}" for number in range(MANY + 5))))) == MANY


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
    assert fault.told().endswith("in the properties of the file.")
