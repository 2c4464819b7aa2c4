"""All figures of a district as a file, and its annual summary: published figures, within one's townships."""

import csv
import io
import zipfile
from datetime import date, timedelta

import openpyxl
import pytest
from docx import Document
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, update

from lxsaas.accounts.models import DistrictStaff
from lxsaas.core.audit import DistrictAuditEntry
from lxsaas.core.scope import Login
from lxsaas.district import all_figures
from lxsaas.exports import answering
from lxsaas.extensions import db
from lxsaas.indicators import engine
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.summaries import district_views
from tests.exports.conftest import job_of, make
from tests.exports.files import job_on
from tests.factories import Factory, Person
from tests.indicators.districts import EPOCH, Built, Child, SchoolData, build
from tests.indicators.test_figures import DEFINITION

pytestmark = pytest.mark.usefixtures("no_hints")
NIGHT = date(2024, 3, 20)
CHILD = Child(EPOCH, None, (("register", EPOCH, None), (DEFINITION, EPOCH, None)), ())
MONTHS = {"first": "2024-01", "last": "2024-03"}


@pytest.fixture(scope="module")
def built(app: Flask) -> Built:
    """Two townships; schools of five, four and two care targets, after a night."""
    made = build(
        Factory(app), [SchoolData(number, (CHILD,) * size) for number, size in ((0, 5), (0, 4), (1, 2))]
    )
    with app.app_context():
        engine.run_as_of(made.place.id, NIGHT)
    return made


def signed_in(app: Flask, person: Person) -> FlaskClient:
    client = person.sign_in(app.test_client())
    client.set_cookie("language", "en", path="/")
    return client


def ask(client: FlaskClient, built: Built, form: str = "xlsx", **fields: object) -> int:
    answer = client.post(f"{built.place.path}figures", data=MONTHS | {"form": form} | fields)
    assert answer.status_code == 200
    return job_on(answer.text)


def sheet_of(client: FlaskClient, built: Built, job_id: int) -> list[tuple[object, ...]]:
    answer = client.get(f"{built.place.path}exports/{job_id}/file")
    assert answer.status_code == 200
    return list(openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows(values_only=True))


def test_every_school_and_month_with_the_signs_that_pages_show(app: Flask, built: Built) -> None:
    factory = Factory(app)
    client = signed_in(app, factory.officer(built.place, "analyst"))
    job_id = ask(client, built)
    assert make(app, built.place, job_id)
    rows = sheet_of(client, built, job_id)
    top = next(number for number, row in enumerate(rows) if row[0] == "School")
    assert len(rows) - top - 1 == 3 * 3
    assert len(rows[top]) == 3 + 3 * len(INDICATORS)
    at = rows[top].index("Number of care targets (children)")
    march = {row[0]: row[at] for row in rows[top + 1 :] if row[2] == "2024-03"}
    assert sorted(map(str, march.values())) == ["4", "5", "<3"]
    text = "\n".join(str(row[0]) for row in rows[:top])
    assert "As of March 20, 2024" in text
    assert "hidden" in text
    job = job_of(factory, built.place, job_id)
    assert job.expires_at - job.made_at == timedelta(days=7)
    assert (job.rows_done, job.rows_total, job.downloads) == (9, 9, 1)
    with factory.session(built.place.scope) as session:
        of_job = DistrictAuditEntry.subject_id == job_id, DistrictAuditEntry.action.like("%export")
        found = list(session.scalars(select(DistrictAuditEntry.action).where(*of_job)))
    assert sorted(found) == ["create_export", "download_export", "request_export"]


def test_the_same_in_a_zip_of_csv(app: Flask, built: Built) -> None:
    client = signed_in(app, Factory(app).officer(built.place))
    job_id = ask(client, built, "csv")
    make(app, built.place, job_id)
    answer = client.get(f"{built.place.path}exports/{job_id}/file")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        [name] = archive.namelist()
        rows = list(csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
    assert sum(row[-1:] != [] and len(row) > 3 for row in rows) == 1 + 9


def test_the_table_of_many_schools_is_a_job_with_the_schools_that_were_chosen(
    app: Flask, built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "SMALL", 1)
    client = signed_in(app, Factory(app).officer(built.place))
    address = f"{built.place.path}schools.xlsx?township={built.townships[0]}&only=care_targets"
    assert "A long list: 2 rows" in client.get(address).text
    page = client.post(address).text
    job_id = job_on(page)
    assert make(app, built.place, job_id)
    heading, *rows = sheet_of(client, built, job_id)[-3:]
    assert (heading[0], heading[1]) == ("Name", "Township")
    assert len({row[1] for row in rows}) == 1


def test_an_officer_of_a_township_takes_out_its_schools_and_loses_the_file_with_it(
    app: Flask, built: Built
) -> None:
    factory = Factory(app)
    townships = built.townships
    person = factory.officer(built.place, township_ids=townships)
    client = signed_in(app, person)
    limit(factory, built, person, townships[:1])
    job_id = ask(client, built)
    make(app, built.place, job_id)
    rows = sheet_of(client, built, job_id)
    assert {row[1] for row in rows if row[2] == "2024-03"} == {rows[-1][1]}
    limit(factory, built, person, townships[1:])
    assert client.get(f"{built.place.path}exports/{job_id}/file").status_code == 404
    limit(factory, built, person, townships)
    assert client.get(f"{built.place.path}exports/{job_id}/file").status_code == 200
    stranger = signed_in(app, factory.officer(built.place))
    assert stranger.get(f"{built.place.path}exports/{job_id}").status_code == 404
    assert stranger.get(f"{built.place.path}exports/{job_id}/file").status_code == 404


def limit(factory: Factory, built: Built, person: Person, township_ids: list[int]) -> None:
    with factory.session(built.place.scope) as session:
        whom = DistrictStaff.id == person.id
        session.execute(update(DistrictStaff).where(whom).values(township_ids=township_ids))


def test_the_statements_are_as_many_for_one_school_as_for_three(
    app: Flask, built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty schools are read by one statement, not one school by one."""
    sent: list[str] = []

    def note(*given: object) -> None:
        sent.append(str(given[2]))

    with app.app_context():
        used = db.engines[Login.DISTRICT.value]
        used.echo = False
        event.listen(used, "before_cursor_execute", note)
        with Factory(app).session(built.place.scope) as session:
            schools = all_figures.schools_in_reach(session, None)
            counts = []
            for some in (schools[:1], schools):
                sent.clear()
                list(all_figures.rows_of(session, some, [NIGHT.replace(day=1)], NIGHT))
                counts.append(len([one for one in sent if "set_config" not in one]))
        event.remove(used, "before_cursor_execute", note)
    assert counts == [1, 1]


def test_a_wrong_range_is_told_at_its_field(app: Flask, built: Built) -> None:
    client = signed_in(app, Factory(app).officer(built.place))
    wrong = {"first": "2024-03", "last": "2024-01", "form": "xlsx"}
    answer = client.post(f"{built.place.path}figures", data=wrong)
    assert answer.status_code == 422
    assert "The last month lies before the first." in answer.text


def test_the_annual_summary_of_a_large_district_is_a_job(
    app: Flask, built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(district_views, "AT_ONCE", 2)
    client = signed_in(app, Factory(app).officer(built.place))
    address = f"{built.place.path}summary/document.docx?year=2023"
    assert "Make the file" in client.get(address).text
    page = client.post(address).text
    job_id = job_on(page)
    assert make(app, built.place, job_id)
    answer = client.get(f"{built.place.path}exports/{job_id}/file")
    assert answer.headers["Content-Disposition"].endswith('.docx"')
    assert len(Document(io.BytesIO(answer.data)).tables[1].rows) == 1 + 3
