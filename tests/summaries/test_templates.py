"""A school's own template of its summary: used by drafts, kept by what is final."""

import io

from docx import Document
from werkzeug.test import TestResponse

from tests.documents.test_templates import docx
from tests.summaries.conftest import House


def upload(house: House, content: bytes) -> TestResponse:
    sent = {"file": (io.BytesIO(content), "x.docx")}
    return house.client(house.archivist).post(template_page(house), data=sent)


def template_page(house: House) -> str:
    return f"{house.school.path}document-templates/annual_summary"


def first_line(content: bytes) -> str:
    return Document(io.BytesIO(content)).paragraphs[0].text


def test_the_template_to_start_from_can_be_uploaded_and_gives_the_same_words(house: House) -> None:
    at = house.begin()
    own = house.word(at)
    start = house.client(house.archivist).get(f"{template_page(house)}/start.docx").data
    answer = upload(house, start)
    assert answer.status_code == 302
    said = [one.text for one in Document(io.BytesIO(house.word(at))).paragraphs]
    assert said == [one.text for one in Document(io.BytesIO(own)).paragraphs]


def test_a_letterhead_stands_in_drafts_and_a_final_one_keeps_its_own(house: House) -> None:
    at = house.begin()
    upload(
        house, docx("第一版抬头 {{ 学校 }}", "{{ 关爱任务完成情况 }}", "{{ 谈心覆盖率 }}", "{{ 数字附表 }}")
    )
    assert first_line(house.word(at)).startswith("第一版抬头")
    assert house.freeze(at) == 302
    final = house.word(at)
    upload(house, docx("第二版抬头", "{{ 数字附表 }}"))
    assert house.word(at) == final
    further = house.client(house.principal).post(f"{at}/versions").location
    assert first_line(house.word(further)) == "第二版抬头"
    page = house.client(house.archivist).get(template_page(house)).text
    assert "没有用到" in page
    house.client(house.archivist).post(f"{house.school.path}document-templates/files/{template_id(page)}/end")
    assert first_line(house.word(further)) == f"{house.school.slug}小学"


def template_id(page: str) -> int:
    return int(page.split("/document-templates/files/")[1].split(".")[0])
