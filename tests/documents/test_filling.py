"""Word documents: filled with plain values only, the same bytes for the same input, readable by Word."""

import io
import zipfile
from datetime import UTC, date, datetime

import pytest
from docx import Document
from flask import Flask

from lxsaas.core.errors import LxsaasError
from lxsaas.documents.answers import document_response
from lxsaas.documents.filling import fill
from lxsaas.documents.paper import FORMAL, Paper, field

MADE = datetime(2026, 9, 1, 8, tzinfo=UTC)


def paper_of(*lines: str) -> bytes:
    paper = Paper()
    for line in lines:
        paper.line(line)
    return paper.template()


def words_of(content: bytes) -> list[str]:
    return [one.text for one in Document(io.BytesIO(content)).paragraphs]


def test_fields_loops_conditions_and_tables_are_filled() -> None:
    paper = Paper()
    paper.title(field("school"))
    for line in (
        "{%p for line in lines %}",
        field("line"),
        "{%p endfor %}",
        "{%p if note %}",
        "!",
        "{%p endif %}",
    ):
        paper.line(line)
    paper.table(["事项", "谁"], [field("row.what"), field("row.who")], widths_cm=(3, 1))
    rows = [{"what": "灯", "who": "王"}, {"what": "门", "who": "李"}]
    values = {"school": "坪坝小学", "lines": ["一", "二"], "note": "", "rows": rows}
    made = fill(paper.template(), values, title="t")
    assert [one for one in words_of(made) if one] == ["坪坝小学", "一", "二"]
    table = Document(io.BytesIO(made)).tables[0]
    told = [[cell.text for cell in row.cells] for row in table.rows]
    assert told == [["事项", "谁"], ["灯", "王"], ["门", "李"]]


def test_a_text_stays_a_text_whatever_it_looks_like() -> None:
    text = "<w:p/> & {{ school }} {% for x in y %}\a\f\x0b\x00 “好”"
    made = fill(paper_of(field("text")), {"text": text}, title="<t>&")
    assert words_of(made) == ["<w:p/> & {{ school }} {% for x in y %} “好”"]


def test_a_field_may_be_called_like_a_method() -> None:
    made = fill(
        paper_of(field("row.items"), field("row.keys")), {"row": {"items": 3, "keys": "k"}}, title="t"
    )
    assert words_of(made) == ["3", "k"]


def test_line_breaks_stay() -> None:
    assert words_of(fill(paper_of(field("text")), {"text": "一\r\n二\n三"}, title="t")) == ["一\n二\n三"]


def test_an_unknown_field_is_refused_by_its_name() -> None:
    for template, _name in (
        ("{{ nmae }}", "nmae"),
        ("{{ row.nmae }}", "nmae"),
        ("{% if nmae %}{% endif %}", "nmae"),
    ):
        with pytest.raises(LxsaasError) as refusal:
            fill(paper_of(template), {"name": "x", "row": {"name": "x"}}, title="t")
        assert refusal.value.code == "document_field"
        assert refusal.value.params == {"name": "nmae"}


@pytest.mark.parametrize(
    "reach",
    [
        "{{ name.__class__ }}",
        "{{ name.__class__.__mro__[1].__subclasses__() }}",
        "{{ _.__globals__ }}",
        "{{ rows.append(1) }}",
        "{{ '{0.__class__}'.format(name) }}",
        "{{ cycler.__init__.__globals__ }}",
        "{% include 'x' %}",
        "{% for %}",
    ],
)
def test_a_template_reaches_nothing_but_its_values(reach: str) -> None:
    with pytest.raises(LxsaasError) as refusal:
        fill(paper_of(reach), {"name": "x", "rows": [1]}, title="t")
    assert refusal.value.code in {"document_field", "document_template"}


@pytest.mark.parametrize("value", [date(2026, 9, 1), object(), b"x", {"a": [object()]}])
def test_only_plain_values_are_taken(value: object) -> None:
    with pytest.raises(TypeError, match="plain values"):
        fill(paper_of(field("x")), {"x": value}, title="t")


def test_the_same_input_gives_the_same_bytes_and_names_nobody() -> None:
    made = [fill(paper_of(field("x")), {"x": "一"}, title="记录", made_at=MADE) for _ in range(2)]
    assert made[0] == made[1]
    properties = Document(io.BytesIO(made[0])).core_properties
    assert (properties.title, properties.author, properties.last_modified_by) == ("记录", "", "")
    assert properties.modified == MADE
    with zipfile.ZipFile(io.BytesIO(made[0])) as archive:
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_chinese_fonts_are_named_with_what_stands_in_for_them() -> None:
    made = fill(paper_of(field("x")), {"x": "一"}, title="t")
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert f'w:eastAsia="{FORMAL}"' in archive.read("word/document.xml").decode()
        fonts = archive.read("word/fontTable.xml").decode()
    assert '<w:altName w:val="FangSong,' in fonts


def test_a_file_name_is_safe(app: Flask) -> None:
    with app.test_request_context():
        answer = document_response(b"x", '../会议:"记录"\r\nX: 1')
    told = answer.headers["Content-Disposition"]
    assert "filename*=UTF-8''%E4%BC%9A%E8%AE%AE" in told
    assert ".docx" in told
    assert "/" not in told.replace("UTF-8''", "")
    assert answer.headers["Cache-Control"] == "private, no-store"
