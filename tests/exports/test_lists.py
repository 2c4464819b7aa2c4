"""Each list that may grow long goes to a worker when it is long, and is handed out only within reach."""

import csv
import io
import zipfile

import openpyxl
import pytest
from docx import Document
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from lxsaas.accounts.models import DistrictStaff
from lxsaas.core import clock
from lxsaas.core.permissions import Permission, permissions_of
from lxsaas.exports import answering
from lxsaas.exports.content import Whole
from lxsaas.exports.kinds import KINDS
from lxsaas.exports.writing import pieces_of
from tests.exports.conftest import School, make
from tests.exports.files import job_on, made_workbook, opened
from tests.factories import Factory, Person, Place

pytestmark = pytest.mark.usefixtures("no_hints")


@pytest.fixture(autouse=True)
def every_list_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one without a row."""
    monkeypatch.setattr(answering, "SMALL", -1)


@pytest.mark.parametrize("address", ["awards.xlsx", "mandatory-reports.xlsx", "correspondence/threads.xlsx"])
def test_a_long_list_of_a_school_is_made_by_a_worker_and_encrypted(school: School, address: str) -> None:
    content = made_workbook(school.app, school.clients["principal"], school.place, address)
    assert openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].max_row >= 2


@pytest.fixture(scope="module")
def district(app: Flask) -> Place:
    return Factory(app).district()


def officer(app: Flask, district: Place) -> tuple[Person, FlaskClient]:
    person = Factory(app).officer(district)
    client = person.sign_in(app.test_client())
    client.set_cookie("language", "en", path="/")
    return person, client


def asked(client: FlaskClient, district: Place, address: str) -> int:
    page = client.post(f"{district.path}{address}")
    assert page.status_code == 200
    assert "Password of the file" not in page.text, "no child is named"
    return job_on(page.text)


@pytest.mark.parametrize(
    "address",
    ["mandatory-reports", "alarms/alarms", "correspondence/threads", "summary/schools"],
)
def test_a_long_list_of_a_district_is_made_by_a_worker(app: Flask, district: Place, address: str) -> None:
    _, client = officer(app, district)
    if address != "correspondence/threads":
        assert "Make the file" in client.get(f"{district.path}{address}.csv").text
    job_id = asked(client, district, f"{address}.csv")
    assert make(app, district, job_id)
    answer = client.get(f"{district.path}exports/{job_id}/file")
    day = clock.today("Asia/Shanghai")
    assert answer.headers["Content-Disposition"].endswith(f'-{day}.zip"')
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        [name] = archive.namelist()
        assert list(csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig"))))


def test_who_no_longer_sees_suspected_harm_loses_a_file_that_may_tell_of_it(
    app: Flask, district: Place
) -> None:
    person, client = officer(app, district)
    factory = Factory(app)

    def become(role: str) -> None:
        with factory.session(district.scope) as session:
            session.execute(update(DistrictStaff).where(DistrictStaff.id == person.id).values(roles=[role]))

    def status(job_id: int) -> int:
        return client.get(f"{district.path}exports/{job_id}/file").status_code

    assert Permission.VIEW_HARM_STATES not in permissions_of(["analyst"])
    told = asked(client, district, "alarms/alarms.xlsx")
    make(app, district, told)
    assert status(told) == 200
    become("analyst")
    assert status(told) == 404
    plain = asked(client, district, "alarms/alarms.xlsx")
    make(app, district, plain)
    assert status(plain) == 200
    become("officer")
    assert (status(told), status(plain)) == (200, 200)


def test_a_document_under_a_password_is_encrypted_too(tmp_path_factory: pytest.TempPathFactory) -> None:
    plain = io.BytesIO()
    Document().save(plain)
    whole = Whole(plain.getvalue)
    sealed = b"".join(
        pieces_of(
            whole, "docx", folder=tmp_path_factory.mktemp("made"), password="AAAA-BBBB", at=clock.now(),
            step=lambda: None,
        )
    )  # fmt: skip
    assert plain.getvalue()[:1000] not in sealed
    assert opened(sealed, "AAAA-BBBB") == plain.getvalue()


def test_every_kind_at_a_school_names_children_and_every_one_at_a_district_none(app: Flask) -> None:
    """So that no file of a school lies about without a password because somebody forgot to say so."""
    assert {one.code for one in KINDS.values() if one.names_children} == {
        one.code for one in KINDS.values() if one.place == "school"
    }
