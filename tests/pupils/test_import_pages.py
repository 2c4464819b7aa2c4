"""A register by page: uploaded, read by a worker, previewed, applied; what is wrong is said at the file."""

import io
from collections.abc import Callable

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from kombu.exceptions import OperationalError
from sqlalchemy import func, select

from lxsaas.config import Settings
from lxsaas.extensions import session_for
from lxsaas.pupils import tasks
from lxsaas.pupils.models import Pupil, RegisterImport
from lxsaas.schools.models import School
from tests.factories import Factory, Place
from tests.pupils.workbooks import Row, pupils, xlsx
from tests.worker import wait_for, worker


def upload(client: FlaskClient, school: Place, content: bytes) -> str:
    """The address of the preview."""
    form = {"file": (io.BytesIO(content), "register.xlsx")}
    answer = client.post(f"{school.path}register", data=form)
    assert answer.status_code == 302
    return answer.headers["Location"]


def state(app: Flask, school: Place) -> Callable[[], str | None]:
    def newest() -> str | None:
        with app.app_context(), session_for(school.scope) as session:
            query = select(RegisterImport.state).order_by(RegisterImport.id.desc()).limit(1)
            return session.scalar(query)

    return newest


def rows_for(app: Flask, school: Place, count: int) -> list[Row]:
    with app.app_context(), session_for(school.scope) as session:
        code = session.scalars(select(School.register_code).where(School.id == school.id)).one()
    return pupils(count, code=code)


def test_a_register_by_page(app: Flask, client: FlaskClient, factory: Factory, settings: Settings) -> None:
    school = factory.school()
    client.set_cookie("language", "en", path="/")
    factory.staff(school, "archivist").sign_in(client)
    rows = rows_for(app, school, 6)
    rows[3]["出生日期"] = "20150230"
    current = state(app, school)
    with worker(settings):
        page = upload(client, school, b"no workbook at all")
        wait_for(lambda: current() == "failed")
        assert "This is not an Excel workbook" in client.get(page).text
        page = upload(client, school, xlsx(rows))
        wait_for(lambda: current() == "previewed")
        shown = client.get(page).text
        assert "is not a date" in shown
        assert "20150230" in shown
        body = client.get(f"{page}/rejected.xlsx").data
        sheet = openpyxl.load_workbook(io.BytesIO(body)).active
        assert sheet is not None
        assert sheet.max_row == 2
        client.post(f"{page}/application")
        assert current() == "previewed"
        client.post(f"{page}/application", data={"accept_valid": "y"})
        wait_for(lambda: current() == "applied")
    with app.app_context(), session_for(school.scope) as session:
        assert session.scalar(select(func.count()).select_from(Pupil)) == 5
        kept = session.scalars(select(RegisterImport).order_by(RegisterImport.id.desc()).limit(1)).one()
        assert (kept.content_sealed, kept.preview_sealed) == (None, None)


def test_who_may_import(app: Flask, factory: Factory) -> None:
    school = factory.school()
    answers = {}
    for role in ("principal", "archivist", "homeroom_teacher", "counsellor"):
        client = factory.staff(school, role).sign_in(app.test_client())
        answers[role] = client.get(f"{school.path}register").status_code
    assert answers == {"principal": 200, "archivist": 200, "homeroom_teacher": 403, "counsellor": 403}


def test_without_a_broker_an_upload_is_kept_and_read_when_it_is_asked_for_again(
    app: Flask, client: FlaskClient, factory: Factory, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    school = factory.school()
    factory.staff(school, "archivist").sign_in(client)

    def refuse(*arguments: object) -> None:
        raise OperationalError("nobody answers")

    with monkeypatch.context() as patch:
        patch.setattr(tasks.read_register, "delay", refuse)
        address = upload(client, school, xlsx(rows_for(app, school, 3)))
        assert client.get(address).status_code == 200
    assert state(app, school)() == "uploaded"
    with worker(settings):
        client.post(f"{address}/retry")
        wait_for(lambda: state(app, school)() == "previewed")
