"""The pages of a school's templates: what is in force, the check with its places, a preview, who may."""

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from docx import Document
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lxsaas.core.audit import AuditEntry
from lxsaas.document_templates.actions import put_template_aside
from lxsaas.document_templates.models import DocumentTemplate
from tests.document_templates import LETTERHEAD, bring_template, words_of
from tests.document_templates.test_kinds import CODES
from tests.documents.test_templates import docx
from tests.factories import Factory, Person, Place


@dataclass
class Desk:
    """A school whose archivist chooses templates; one for all tests here."""

    app: Flask
    factory: Factory
    school: Place
    archivist: Person
    client: FlaskClient

    def at(self, rest: str = "") -> str:
        return f"{self.school.path}document-templates{rest}"

    def upload(self, code: str, content: bytes) -> TestResponse:
        return self.client.post(self.at(f"/{code}"), data={"file": (io.BytesIO(content), "x.docx")})


@pytest.fixture(scope="module")
def desk(app: Flask) -> Desk:
    factory = Factory(app)
    school = factory.school()
    archivist = factory.staff(school, "archivist")
    return Desk(app, factory, school, archivist, archivist.sign_in(app.test_client()))


@pytest.mark.parametrize("code", CODES)
def test_a_hostile_template_is_refused_for_each_document_with_its_place(desk: Desk, code: str) -> None:
    answer = desk.upload(
        code, docx("{{ 学校 }}", "{% for x in y %}", "{{ school.name }}", header="{{ 秘密 }}")
    )
    assert answer.status_code == 422
    for said in ("正文第2段", "正文第3段", "页眉第1段", "秘密"):
        assert said in answer.text
    assert "系统自带的模板" in desk.client.get(desk.at(f"/{code}")).text


@pytest.mark.parametrize("code", CODES)
def test_a_letterhead_stands_in_the_preview(desk: Desk, code: str) -> None:
    bring_template(desk.factory, desk.school.id, desk.school.scope, code, desk.archivist)
    preview = desk.client.get(desk.at(f"/{code}/preview.docx"))
    said = words_of(preview.data)
    assert said.count(LETTERHEAD) == (2 if code in ("letter", "contact_card") else 1)
    header = Document(io.BytesIO(preview.data)).sections[-1].header
    assert header.paragraphs[0].text == "示例小学"
    assert "None" not in "".join(said)
    with desk.factory.session(desk.school.scope) as session:
        keep = select(DocumentTemplate).where(DocumentTemplate.document == code)
        put_template_aside(session, session.scalars(keep).one(), by=desk.archivist.id)


def test_the_list_says_which_documents_have_their_own(desk: Desk) -> None:
    assert ">自有<" not in desk.client.get(desk.at()).text
    start = desk.client.get(desk.at("/minutes/start.docx")).data
    assert desk.upload("minutes", start).status_code == 302
    assert desk.client.get(desk.at()).text.count(">自有<") == 1
    bring_template(desk.factory, desk.school.id, desk.school.scope, "minutes", desk.archivist)
    with desk.factory.session(desk.school.scope) as session:
        held = select(DocumentTemplate.id, DocumentTemplate.content)
        number, content = session.execute(held.where(DocumentTemplate.ended_at.is_(None))).one()
    file = desk.at(f"/files/{number}.docx")
    assert file in desk.client.get(desk.at("/minutes")).text
    assert desk.client.get(file).data == content
    assert desk.client.post(desk.at(f"/files/{number}/end")).status_code == 302
    assert ">自有<" not in desk.client.get(desk.at()).text
    with desk.factory.session(desk.school.scope) as session:
        entry = select(AuditEntry.action, AuditEntry.detail).order_by(AuditEntry.id.desc()).limit(1)
        assert session.execute(entry).one() == ("put_template_aside", {"document": "minutes"})


def test_a_page_that_shows_an_earlier_template_puts_no_newer_one_aside(desk: Desk) -> None:
    held = select(DocumentTemplate.id).where(DocumentTemplate.document == "minutes")
    held = held.where(DocumentTemplate.ended_at.is_(None))
    numbers = []
    for _ in range(2):
        bring_template(desk.factory, desk.school.id, desk.school.scope, "minutes", desk.archivist)
        with desk.factory.session(desk.school.scope) as session:
            numbers.append(session.scalars(held).one())
    assert desk.client.post(desk.at(f"/files/{numbers[0]}/end")).status_code == 302
    assert ">自有<" in desk.client.get(desk.at()).text
    assert desk.client.post(desk.at(f"/files/{numbers[1]}/end")).status_code == 302
    assert ">自有<" not in desk.client.get(desk.at()).text


def test_the_same_template_sent_twice_at_once_is_taken_twice(desk: Desk) -> None:
    """As by a button that is pressed twice: one waits for the other."""

    def bring() -> None:
        bring_template(desk.factory, desk.school.id, desk.school.scope, "minutes", desk.archivist)

    with ThreadPoolExecutor(2) as pool:
        for sent in [pool.submit(bring) for _ in range(2)]:
            sent.result()
    with desk.factory.session(desk.school.scope) as session:
        held = select(DocumentTemplate).where(DocumentTemplate.document == "minutes")
        put_template_aside(
            session, session.scalars(held.where(DocumentTemplate.ended_at.is_(None))).one(),
            by=desk.archivist.id,
        )  # fmt: skip


def test_what_a_template_leaves_out_is_mentioned_and_what_it_needs_is_asked_for(desk: Desk) -> None:
    for code, needed in (("letter", "正文"), ("annual_summary", "数字附表")):
        refused = desk.upload(code, docx("{{ 学校 }}"))
        assert refused.status_code == 422
        assert f"没有用到必需的字段“{needed}”" in refused.text
    nothing = desk.client.post(desk.at("/letter"))
    assert nothing.status_code == 422
    assert 'id="file-error"' in nothing.text
    assert "因学生而异" in desk.upload("letter", docx("{{ 正文 }}", header="{{ 孩子姓名 }}")).text
    assert desk.upload("letter", docx("{{ 正文 }}")).status_code == 302
    page = desk.client.get(desk.at("/letter")).text
    assert "没有用到" in page
    assert desk.client.get(desk.at("/nonsense")).status_code == 404


def test_only_who_chooses_templates_reaches_them_and_only_at_the_own_school(desk: Desk) -> None:
    bring_template(desk.factory, desk.school.id, desk.school.scope, "minutes", desk.archivist)
    with desk.factory.session(desk.school.scope) as session:
        held = session.scalars(select(DocumentTemplate.id).where(DocumentTemplate.ended_at.is_(None))).first()
    paths = ["", "/minutes", "/minutes/start.docx", "/minutes/preview.docx", f"/files/{held}.docx"]
    for role, status in (("principal", 200), ("homeroom_teacher", 403)):
        client = desk.factory.staff(desk.school, role).sign_in(desk.app.test_client())
        assert [client.get(desk.at(path)).status_code for path in paths] == [status] * 5
    stranger = desk.factory.staff(desk.factory.school(), "principal")
    client = stranger.sign_in(desk.app.test_client())
    theirs = f"{stranger.place.path}document-templates"
    assert client.get(f"{theirs}/files/{held}.docx").status_code == 404
    assert client.post(f"{theirs}/files/{held}/end").status_code == 404
    assert {client.get(desk.at(path)).status_code for path in paths} == {302}
    officer = desk.factory.officer(desk.factory.district()).sign_in(desk.app.test_client())
    assert {officer.get(desk.at(path)).status_code for path in paths} == {302}
