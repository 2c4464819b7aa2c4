"""What every register can do, shown with conduct cases: enter once, change, withdraw, look back."""

import io
import re
from datetime import timedelta

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lxsaas.core import clock
from lxsaas.registers.models import Attachment, RowVersion
from lxsaas.support.models import ConductCase
from tests.care.desk import photo
from tests.factories import Factory, Person, Place

TODAY = clock.today("Asia/Shanghai")


@pytest.fixture
def class_of(factory: Factory) -> tuple[Place, Person, int]:
    school = factory.school()
    teacher = factory.staff(school)
    return school, teacher, factory.pupil(school, factory.school_class(school, teacher))


def conduct(pupil_id: int, **more: object) -> dict[str, object]:
    return {
        "pupil": pupil_id, "opened_on": str(TODAY), "problems": ["lying"], "words": "took a pen",
        "client_key": "6d1f0f5e-0000-4000-8000-000000000001",
    } | more  # fmt: skip


def only_case(factory: Factory, school: Place) -> ConductCase:
    with factory.session(school.scope) as session:
        case = session.scalars(select(ConductCase)).one()
        session.expunge(case)
    return case


def test_an_entry_is_made_once_however_often_the_form_is_sent(
    factory: Factory, client: FlaskClient, class_of: tuple[Place, Person, int]
) -> None:
    school, teacher, pupil_id = class_of
    teacher.sign_in(client)
    for _ in range(2):
        answer = client.post(f"{school.path}conduct-cases/entries", data=conduct(pupil_id))
        assert answer.status_code == 302
    case = only_case(factory, school)
    assert b"took a pen" not in (case.words_sealed or b"")
    assert "took a pen" in client.get(answer.location).text


def test_a_change_keeps_what_stood_there_and_a_withdrawal_says_why(
    factory: Factory, client: FlaskClient, class_of: tuple[Place, Person, int]
) -> None:
    school, teacher, pupil_id = class_of
    teacher.sign_in(client)
    page = client.post(f"{school.path}conduct-cases/entries", data=conduct(pupil_id)).location
    changed = conduct(pupil_id, words="gave it back", version="1")
    assert client.post(f"{page}/edit", data=changed).status_code == 302
    shown = client.get(page).text
    assert "took a pen" in shown
    assert "gave it back" in shown
    client.post(f"{page}/withdrawal", data={"version": "2", "reason": "another child"})
    assert "another child" in client.get(page).text
    assert "/conduct-cases/" not in client.get(f"{school.path}conduct-cases").text.split("<main", 1)[1].split(
        "lx-list", 1
    )[-1].split("</main>")[0].replace("/conduct-cases/new", "")
    with factory.session(school.scope) as session:
        kept = session.scalars(select(RowVersion).order_by(RowVersion.version)).all()
        assert [(one.version, one.change) for one in kept] == [(1, "edited"), (2, "withdrawn")]


def test_who_saw_an_older_version_is_told_and_loses_nothing_that_was_typed(
    factory: Factory, client: FlaskClient, class_of: tuple[Place, Person, int]
) -> None:
    school, teacher, pupil_id = class_of
    teacher.sign_in(client)
    page = client.post(f"{school.path}conduct-cases/entries", data=conduct(pupil_id)).location
    client.post(f"{page}/edit", data=conduct(pupil_id, words="first", version="1"))
    answer = client.post(f"{page}/edit", data=conduct(pupil_id, words="second", version="1"))
    assert answer.status_code == 422
    assert "second" in answer.text
    assert only_case(factory, school).version == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"opened_on": ""}, "opened_on"),
        ({"opened_on": "2026-02-31"}, "opened_on"),
        ({"opened_on": str(TODAY + timedelta(days=1))}, "opened_on"),
        ({"opened_on": "1990-01-01"}, "opened_on"),
        ({"closed_on": str(TODAY - timedelta(days=3)), "outcome": "better"}, "closed_on"),
        ({"closed_on": str(TODAY)}, "outcome"),
        ({"problems": ["nonsense"]}, "problems"),
        ({"words": "x" * 2001}, "words"),
        ({"words": "x" * 1_000_000}, "words"),
        ({"words": "a\0b"}, "words"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_saved(
    wrong: dict[str, object],
    field: str,
    factory: Factory,
    client: FlaskClient,
    class_of: tuple[Place, Person, int],
) -> None:
    school, teacher, pupil_id = class_of
    teacher.sign_in(client)
    sent = conduct(pupil_id, agreed="<script>alert(1)</script>") | wrong
    answer = client.post(f"{school.path}conduct-cases/entries", data=sent)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text
    with factory.session(school.scope) as session:
        assert session.scalars(select(ConductCase)).all() == []


def test_a_teacher_of_another_class_finds_nothing(
    factory: Factory, app: Flask, client: FlaskClient, class_of: tuple[Place, Person, int]
) -> None:
    school, teacher, pupil_id = class_of
    page = (
        teacher.sign_in(client).post(f"{school.path}conduct-cases/entries", data=conduct(pupil_id)).location
    )
    colleague = factory.staff(school)
    factory.school_class(school, colleague)
    other = colleague.sign_in(app.test_client())
    for address in (page, f"{page}/edit", f"{page}/print", f"{school.path}pupils/{pupil_id}/conduct-cases"):
        assert other.get(address).status_code == 404, address
    sent = other.post(f"{school.path}conduct-cases/entries", data=conduct(pupil_id))
    assert sent.status_code == 404
    assert other.post(f"{page}/withdrawal", data={"version": "1", "reason": "x"}).status_code == 404


def test_the_list_is_exported_with_texts_that_no_spreadsheet_runs(
    factory: Factory, client: FlaskClient, class_of: tuple[Place, Person, int]
) -> None:
    school, teacher, pupil_id = class_of
    teacher.sign_in(client)
    form = {
        "pupil": pupil_id, "kind": "goods", "received_on": str(TODAY), "amount_cents": "12.50",
        "source": "=1+1",
    }  # fmt: skip
    assert client.post(f"{school.path}aid/entries", data=form).status_code == 302
    book = openpyxl.load_workbook(io.BytesIO(client.post(f"{school.path}aid.xlsx").data))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value is not None]
    assert {"=1+1", "12.50"} <= {cell.value for cell in cells}
    assert not any(cell.data_type == "f" for cell in cells)


def test_a_list_of_many_rows_takes_as_many_queries_as_one_of_few(
    factory: Factory, client: FlaskClient, class_of: tuple[Place, Person, int]
) -> None:
    school, teacher, pupil_id = class_of
    teacher.sign_in(client)
    counted = []
    for number in (1, 20):
        for _ in range(number):
            form = {"pupil": pupil_id, "kind": "goods", "received_on": str(TODAY)}
            client.post(f"{school.path}aid/entries", data=form)
        with factory.counting_queries() as queries:
            client.get(f"{school.path}aid")
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_a_photo_that_a_change_adds_is_kept_once_however_often_the_form_is_sent(
    factory: Factory, client: FlaskClient, class_of: tuple[Place, Person, int]
) -> None:
    school, teacher, pupil_id = class_of
    teacher.sign_in(client)
    page = client.post(f"{school.path}conduct-cases/entries", data=conduct(pupil_id)).location
    key = re.search(r'name="client_key"[^>]*value="([^"]+)"', client.get(f"{page}/edit").text)
    assert key is not None
    for _ in range(2):
        sent = conduct(pupil_id, version="1", client_key=key[1], files=[photo("red"), photo("blue")])
        assert client.post(f"{page}/edit", data=sent).status_code == 302
    with factory.session(school.scope) as session:
        assert session.scalar(select(func.count()).select_from(Attachment)) == 2


def test_days_beyond_the_calendar_are_no_failure_of_ours(
    client: FlaskClient, class_of: tuple[Place, Person, int]
) -> None:
    school, teacher, _ = class_of
    teacher.sign_in(client)
    for address in (
        "family-phone?week=0001-01-01", "family-phone?week=9999-12-31", "care-records?month=9999-12",
        "parent-contacts?week=0001-01-03", "left-behind-changes?last=0001-01-05",
    ):  # fmt: skip
        assert client.get(school.path + address).status_code == 400, address
