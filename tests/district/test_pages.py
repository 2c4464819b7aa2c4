"""What the district sees: published figures without small cells, nothing of a child."""

import io
import re
from datetime import date

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from lxsaas.core.audit import DistrictAuditEntry
from lxsaas.core.scope import Login
from lxsaas.district.kept_pages import keep_nothing
from lxsaas.extensions import plain_engine, session_for
from lxsaas.indicators import engine
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.night import targets_of
from tests.district.conftest import CHILD, NIGHT
from tests.factories import Factory, Place
from tests.indicators.districts import Built, SchoolData, build


def test_sums_count_the_least_that_a_small_school_can_have(officer: FlaskClient, built: Built) -> None:
    page = officer.get(f"{built.place.path}overview").text
    assert "Care targets" in page
    assert ">10–11<" in page.replace(" ", "").replace("\n", "")
    assert "2 of 3 schools" in page


def test_a_small_school_shows_only_that_it_is_small(officer: FlaskClient, built: Built) -> None:
    page = officer.get(f"{built.place.path}schools/{built.schools[2].id}").text
    assert "&lt;3" in page
    assert "0/2" not in page


def test_the_table_searches_sorts_and_exports_what_is_chosen(officer: FlaskClient, built: Built) -> None:
    path = built.place.path
    slugs = [school.slug for school in built.schools]
    ordered = officer.get(f"{path}schools?sort=care_targets").text
    assert ordered.index(slugs[2]) < ordered.index(slugs[1]) < ordered.index(slugs[0])
    found = officer.get(f"{path}schools?q={slugs[1]}").text
    assert slugs[1] in found
    assert f"{slugs[0]}小学" not in found
    body = officer.get(f"{path}schools.xlsx?q={slugs[1]}").data
    sheet = openpyxl.load_workbook(io.BytesIO(body)).active
    assert sheet is not None
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert [row[0] for row in cells if row[0] and "小学" in str(row[0])] == [f"{slugs[1]}小学"]
    assert "<3" in officer.get(f"{path}schools.csv?q={slugs[2]}").get_data(as_text=True)


def test_before_the_first_night_it_says_so(factory: Factory, client: FlaskClient) -> None:
    district = factory.district()
    client.set_cookie("language", "en", path="/")
    page = factory.officer(district).sign_in(client).get(f"{district.path}overview")
    assert "No figures yet" in page.text


def test_another_district_s_school_does_not_exist(
    officer: FlaskClient, built: Built, factory: Factory
) -> None:
    assert officer.get(f"{built.place.path}schools/{factory.school().id}").status_code == 404


def test_three_people_at_the_overview(app: Flask, factory: Factory, built: Built) -> None:
    far: Place = factory.district()
    answers = {}
    for name, person in (
        ("own", factory.officer(built.place, "analyst")),
        ("next district", factory.officer(far)),
        ("school", factory.staff(built.schools[0], "principal")),
    ):
        client = person.sign_in(app.test_client())
        answers[name] = client.get(f"{built.place.path}overview").status_code
    assert answers == {"own": 200, "next district": 302, "school": 302}


@pytest.mark.parametrize("page", ["overview", "schools", "heat-map", "wall", "indicators/talk_monthly"])
def test_the_number_of_queries_does_not_grow_with_schools(
    app: Flask, factory: Factory, statements: list[str], page: str
) -> None:
    counts = []
    for schools in (2, 12):
        made = build(factory, [SchoolData(0, (CHILD,) * 3)] * schools)
        with app.app_context():
            engine.run_as_of(made.place.id, NIGHT)
        client = factory.officer(made.place).sign_in(app.test_client())
        client.get(f"{made.place.path}{page}")
        keep_nothing(app)
        statements.clear()
        assert client.get(f"{made.place.path}{page}").status_code == 200
        # Binding the scope at the beginning of a transaction asks for nothing.
        counts.append(sum("set_config" not in one for one in statements))
    assert counts[0] == counts[1] <= 8


def test_the_district_s_pages_read_no_table_that_holds_a_school_s_rows(
    app: Flask, officer: FlaskClient, built: Built, statements: list[str]
) -> None:
    for page in ("overview", "schools", f"schools/{built.schools[0].id}", "schools.xlsx"):
        officer.get(f"{built.place.path}{page}")
    owner = plain_engine(app.extensions["lxsaas.settings"].login_url(Login.OWNER))
    with owner.connect() as connection:
        query = "select table_name from information_schema.columns where column_name = 'school_id'"
        held = set(connection.scalars(text(query)))
    read = {word for statement in statements for word in statement.replace(",", " ").split()}
    assert held
    assert read & held == set()


def test_a_target_holds_from_its_day_on(app: Flask, officer: FlaskClient, built: Built) -> None:
    """The officer asks for less of talks from April on; March keeps what held in March."""
    page = f"{built.place.path}targets"
    form = {code: str(one.target) for code, one in INDICATORS.items() if one.target is not None}
    answer = officer.post(page, data=form | {"since": "2024-04-01", "talk_monthly": "80"})
    assert answer.status_code == 302
    with app.app_context(), session_for(built.place.scope) as session:
        known = targets_of(session, built.place.id)
    assert known.of("talk_monthly", date(2024, 3, 31)) == 100
    assert known.of("talk_monthly", date(2024, 4, 1)) == 80
    assert set(known.history) == {"talk_monthly"}


def test_what_is_left_as_it_is_changes_on_no_day(app: Flask, officer: FlaskClient, built: Built) -> None:
    """A change that is planned for April stays when another target is set for April, from March's page."""
    page = f"{built.place.path}targets"

    def change(day: str, since: str, **typed: str) -> int:
        form = dict(re.findall(r'name="([a-z_-]+)"\s+value="([^"]*)"', officer.get(f"{page}?day={day}").text))
        assert officer.post(page, data=form | typed | {"since": since}).status_code == 302
        with app.app_context(), session_for(built.place.scope) as session:
            found = session.scalars(select(DistrictAuditEntry).filter_by(action="set_target")).all()
            return len(found)

    def of(code: str, day: date) -> int | None:
        with app.app_context(), session_for(built.place.scope) as session:
            return targets_of(session, built.place.id).of(code, day)

    march, april = date(2024, 3, 31), date(2024, 4, 1)
    assert change("2024-03-31", "2024-04-01", talk_monthly="80") == 1
    assert change("2024-03-31", "2024-04-01", home_visit_monthly="90") == 2
    assert (of("talk_monthly", march), of("talk_monthly", april)) == (100, 80)
    # On April's own page the plan stands, and is taken back.
    assert 'href="' + page + '?day=2024-04-01"' in officer.get(page).text
    assert change("2024-04-01", "2024-04-01", talk_monthly="100") == 3
    assert (of("talk_monthly", april), of("home_visit_monthly", april)) == (100, 90)


def test_a_wrong_target_is_told_at_its_field_and_nothing_is_saved(
    app: Flask, officer: FlaskClient, built: Built
) -> None:
    form = {"since": "2024-04-01", "talk_monthly": "101", "three_way_monthly": "85"}
    answer = officer.post(f"{built.place.path}targets", data=form)
    assert answer.status_code == 422
    assert 'id="talk_monthly-error"' in answer.text
    assert 'value="101"' in answer.text
    with app.app_context(), session_for(built.place.scope) as session:
        assert targets_of(session, built.place.id).history == {}


def test_an_indicator_shows_each_school_and_hides_what_is_small(officer: FlaskClient, built: Built) -> None:
    page = officer.get(f"{built.place.path}indicators/care_targets").text
    assert all(school.slug in page for school in built.schools)
    assert "&lt;3" in page
    assert officer.get(f"{built.place.path}indicators/nothing").status_code == 404
