"""A text that stands once for each child, texts with headings, lists and tables without an entry."""

import io
from collections.abc import Sequence
from typing import Any

import pytest
from docx import Document
from docx.enum.section import WD_SECTION
from docx.oxml.ns import qn

from lxsaas.documents.checking import check_template
from lxsaas.documents.expanding import fill_fields
from lxsaas.documents.faults import TemplateRefused
from lxsaas.documents.fields import Column, Fields, TemplateField
from tests.documents.test_templates import docx

FIELDS = Fields(
    TemplateField("school", "学校", "The school"),
    TemplateField("name", "姓名", "Name", is_per_page=True),
    TemplateField("words", "正文", "Words", "lines", none="Nothing", is_per_page=True),
    TemplateField("text", "条文", "Text", "blocks"),
    TemplateField("rows", "表格", "Rows", "table", columns=(Column("a", "A", 1),), none="No rows"),
    TemplateField("more", "更多", "More", "table", columns=(Column("a", "A", 1),)),
)
EMPTY: dict[str, list[str]] = {"words": [], "text": [], "rows": [], "more": []}


def made(template: bytes, pages: Sequence[dict[str, Any]] | None = None, **values: Any) -> Any:
    shared = {"school": "坪坝小学", "name": "甲", **EMPTY, **values}
    return Document(io.BytesIO(fill_fields(template, FIELDS, shared, title="t", pages=pages)))


def test_each_child_has_pages_of_its_own_and_the_header_is_everybody_s() -> None:
    template = docx("{{ 学校 }} {{ 姓名 }}", "{{ words }}", "Ende", header="{{ school }}")
    pages = [
        {"name": "甲", "words": ["一", "{{ x }}"]},
        {"name": "乙<b>", "words": []},
        {"name": "丙", "words": ["三"]},
    ]
    document = made(template, pages)
    told = [one.text for one in document.paragraphs if one.text]
    first = ["坪坝小学 甲", "一", "{{ x }}", "Ende"]
    assert told == [*first, "坪坝小学 乙<b>", "Nothing", "Ende", "坪坝小学 丙", "三", "Ende"]
    assert [one.start_type for one in document.sections] == [WD_SECTION.NEW_PAGE] * 3
    assert [one.header.paragraphs[0].text for one in document.sections] == ["坪坝小学"] * 3
    starts = [one.get(qn("w:start")) for one in document.element.body.iter(qn("w:pgNumType"))]
    assert starts == ["1"] * 3, "each letter's pages are counted from 1"


def test_what_differs_from_child_to_child_may_not_stand_in_a_header() -> None:
    with pytest.raises(TemplateRefused) as refusal:
        check_template(docx("{{ 姓名 }}", header="{{ 学校 }} {{ name }}"), FIELDS)
    assert [(one.code, one.part, one.number) for one in refusal.value.faults] == [("page", "hdr", 1)]


def test_what_would_fill_a_class_s_document_without_end_is_refused() -> None:
    long = "".join(chr(0x4E00 + one * one % 19_997) for one in range(150_000))
    for content, code in (
        (docx("{{ 姓名 }}" * 51), "often"),
        (docx("{{ 姓名 }}", long), "long"),
    ):
        with pytest.raises(TemplateRefused) as refusal:
            check_template(content, FIELDS)
        assert [one.code for one in refusal.value.faults] == [code]


def test_headings_of_a_text_are_bold_and_stay_with_what_follows() -> None:
    text = [{"heading": "总则", "line": ""}, {"heading": "", "line": "第一条"}]
    heading, line = made(docx("{{ 条文 }}"), text=text).paragraphs
    assert (heading.text, heading.runs[0].bold) == ("总则", True)
    assert heading.paragraph_format.keep_with_next
    assert (line.text, line.runs[0].bold) == ("第一条", None)


def test_a_table_without_a_row_says_so_or_is_left_out() -> None:
    document = made(docx("{{ rows }}", "{{ more }}"))
    assert [one.text for one in document.paragraphs if one.text] == ["No rows"]
    assert document.tables == []
    assert len(made(docx("{{ rows }}"), rows=[{"a": 1}]).tables) == 1


def test_a_cell_whose_only_field_has_no_entry_stays_a_cell() -> None:
    document = Document()
    document.add_table(1, 1).cell(0, 0).text = "{{ 条文 }}"
    buffer = io.BytesIO()
    document.save(buffer)
    cell = made(buffer.getvalue()).tables[0].cell(0, 0)._tc
    assert [one.tag for one in cell][-1] == qn("w:p"), "Word opens no cell without a paragraph"
