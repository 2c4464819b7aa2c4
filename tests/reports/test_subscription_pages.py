"""One's own reports on their pages: asked for, changed, paused, seen; nobody else's, at no other place."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import event, select

from lxsaas.core import clock
from lxsaas.core.scope import acting_for_district, acting_for_school, aggregating
from lxsaas.extensions import db
from lxsaas.reports.models import OutboxMessage, ReportSubscription
from lxsaas.reports.owing import owe_due
from tests.factories import Factory, Person
from tests.reports.places import CHILD, NIGHT, Town, count, town
from tests.reports.test_owing import SIX, alarm_of

MORNING = datetime(2026, 6, 1, 4, tzinfo=UTC)
"""Noon of June 1, 2026, in Shanghai, a Monday."""


@pytest.fixture
def place(app: Flask, factory: Factory, monkeypatch: pytest.MonkeyPatch) -> Town:
    built = town(factory)
    monkeypatch.setattr(clock, "now", lambda: MORNING)
    # Not around the test: requests would share what one keeps for itself.
    with app.app_context():
        count(built.district, NIGHT)
    return built


@pytest.fixture
def officer(factory: Factory, place: Town) -> Person:
    return factory.officer(place.district, "analyst", email="analyst@example.org", language="en")


@pytest.fixture
def principal(factory: Factory, place: Town) -> Person:
    return factory.staff(place.schools[0], "principal", email="principal@example.org", language="en")


def signed_in(app: Flask, person: Person) -> FlaskClient:
    return person.sign_in(app.test_client())


def ask(client: FlaskClient, person: Person, report: str, **form: object) -> str:
    """Subscribes by the page and gives back the list's text."""
    answer = client.post(
        f"{person.place.path}reports/new/{report}", data={"send_at": "05:00", "language": ""} | form
    )
    assert answer.status_code == 302, text_of(answer.text)
    return text_of(client.get(f"{person.place.path}reports").text)


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def id_of(place: Town, factory: Factory) -> int:
    with factory.session(aggregating(place.district.id, ())) as session:
        return max(session.scalars(select(ReportSubscription.id)))


def test_an_officer_asks_for_a_week_and_is_told_when_it_comes(
    app: Flask, place: Town, officer: Person
) -> None:
    client = signed_in(app, officer)
    page = ask(client, officer, "week", unit=f"township:{place.township_id}", weekday="1")
    assert "Each Monday from 05:00" in page
    assert "Next: Mon, 8 Jun 2026, 05:00" in page


def test_forms_ask_for_what_their_report_needs_and_no_more(app: Flask, place: Town, officer: Person) -> None:
    client = signed_in(app, officer)
    timing = {"weekday", "day_of_month", "days_after", "send_at"}
    needed = {
        "night": {"send_at"}, "week": {"send_at", "weekday"}, "month": {"send_at", "day_of_month"},
        "term": {"send_at", "days_after"}, "alarms": set(),
    }  # fmt: skip
    for report, fields in needed.items():
        page = client.get(f"{officer.place.path}reports/new/{report}").text
        assert set(re.findall(r'name="(\w+)"', page)) & timing == fields, report
    assert client.get(f"{officer.place.path}reports/new/other").status_code == 404


@pytest.mark.parametrize(
    ("report", "form", "said"),
    [
        ("month", {"day_of_month": "32"}, "Give a whole number from 1 to 31."),
        ("month", {"day_of_month": "1", "send_at": "soon"}, "A time like 06:30 is needed."),
        ("week", {"weekday": "8"}, "Not a valid choice."),
        ("week", {"weekday": "1", "unit": "school:999999999"}, "Not a valid choice."),
    ],
)
def test_a_wrong_choice_is_told_at_its_field_and_nothing_is_saved(
    app: Flask, place: Town, officer: Person, report: str, form: dict[str, str], said: str
) -> None:
    client = signed_in(app, officer)
    given = {"send_at": "05:00", "language": "", "unit": f"district:{place.district.id}"} | form
    answer = client.post(f"{officer.place.path}reports/new/{report}", data=given)
    assert answer.status_code == 200
    assert said in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "You get no reports yet" in client.get(f"{officer.place.path}reports").text


def test_the_same_report_of_the_same_unit_is_asked_for_once(app: Flask, place: Town, officer: Person) -> None:
    client = signed_in(app, officer)
    unit = f"district:{place.district.id}"
    ask(client, officer, "night", unit=unit)
    answer = client.post(
        f"{officer.place.path}reports/new/night", data={"send_at": "07:00", "language": "", "unit": unit}
    )
    assert "You have subscribed to this report already." in answer.text


def test_it_is_changed_paused_resumed_deleted_and_asked_for_again(
    app: Flask, factory: Factory, place: Town, officer: Person
) -> None:
    client = signed_in(app, officer)
    unit = f"district:{place.district.id}"
    ask(client, officer, "month", unit=unit, day_of_month="31")
    address = f"{officer.place.path}reports/{id_of(place, factory)}"
    assert 'value="31"' in client.get(address).text
    changed = {
        "send_at": "08:15", "unit": unit, "day_of_month": "5", "indicators": ["talk_monthly"], "language": "",
    }  # fmt: skip
    client.post(address, data=changed)
    page = text_of(client.get(f"{officer.place.path}reports").text)
    assert "On day 5 of the month from 08:15 · 1 indicator" in page
    client.post(f"{address}/pause")
    assert "Paused" in text_of(client.get(f"{officer.place.path}reports").text)
    client.post(f"{address}/pause/end")
    assert "Next: Fri, 5 Jun 2026, 08:15" in text_of(client.get(f"{officer.place.path}reports").text)
    client.post(f"{address}/deletion")
    assert "You get no reports yet" in client.get(f"{officer.place.path}reports").text
    assert client.get(address).status_code == 404
    assert "On day 2" in ask(client, officer, "month", unit=unit, day_of_month="2")


def test_a_principal_gets_the_own_school_s_exact_figures_alone(
    app: Flask, factory: Factory, place: Town, principal: Person
) -> None:
    client = signed_in(app, principal)
    form = client.get(f"{principal.place.path}reports/new/week").text
    assert 'name="unit"' not in form
    assert client.get(f"{principal.place.path}reports/new/alarms").status_code == 404
    ask(client, principal, "week", weekday="1", unit=f"district:{place.district.id}", with_workbook="y")
    with factory.session(aggregating(place.district.id, ())) as session:
        one = session.scalars(select(ReportSubscription)).one()
        assert (one.level, one.unit_id, one.school_staff_id) == ("school", principal.place.id, principal.id)
    address = f"{principal.place.path}reports/{id_of(place, factory)}/letter"
    page, figures = client.get(address).text, client.get(f"{principal.place.path}figures").text
    assert "Talks: 75% (9/12)" in page
    assert "9 of 12" in text_of(figures)
    workbook = client.get(f"{address}.xlsx").data
    cells = [str(cell.value) for row in load_workbook(io.BytesIO(workbook)).worksheets[0] for cell in row]
    assert "Talks" in cells
    assert CHILD not in page + client.get(f"{address}.html").text + str(cells)


def test_the_preview_is_in_the_subscription_s_language_and_runs_nothing(
    app: Flask, factory: Factory, place: Town, officer: Person
) -> None:
    client = signed_in(app, officer)
    ask(client, officer, "night", unit=f"district:{place.district.id}", language="zh_Hans_CN")
    address = f"{officer.place.path}reports/{id_of(place, factory)}/letter"
    assert "谈心覆盖率: 75% (9/12)" in client.get(address).text
    letter = client.get(f"{address}.html")
    assert 'lang="zh-CN"' in letter.text
    policy = letter.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert client.get(f"{address}.xlsx").status_code == 404


def test_the_preview_of_alarms_is_the_newest_in_reach(
    app: Flask, factory: Factory, place: Town, officer: Person
) -> None:
    """Of a mandatory report an analyst is not told."""
    client = signed_in(app, officer)
    ask(client, officer, "alarms", unit=f"township:{place.township_id}")
    address = f"{officer.place.path}reports/{id_of(place, factory)}/letter"
    with factory.session(aggregating(place.district.id, ())) as session:
        alarm_of(session, place.district, place.schools[0], "mandatory_report")
    assert "There is nothing yet" in client.get(address).text
    with factory.session(aggregating(place.district.id, ())) as session:
        alarm_of(session, place.district, place.schools[0], "silent")
    assert "15 days of term" in client.get(address).text


def test_three_people_at_another_s_subscription(
    app: Flask, factory: Factory, place: Town, officer: Person, principal: Person
) -> None:
    """A colleague, the next school's principal and the district's officer find nothing there."""
    own, district = signed_in(app, principal), signed_in(app, officer)
    ask(own, principal, "week", weekday="1")
    number = id_of(place, factory)
    others = [
        (
            factory.staff(place.schools[0], "principal", language="en"),
            f"{place.schools[0].path}reports/{number}",
        ),
        (
            factory.staff(place.schools[1], "principal", language="en"),
            f"{place.schools[1].path}reports/{number}",
        ),
        (officer, f"{place.district.path}reports/{number}"),
    ]
    for person, address in others:
        client = district if person is officer else signed_in(app, person)
        assert client.get(address).status_code == 404
        assert client.get(f"{address}/letter").status_code == 404
        assert client.get(f"{address}/letter.html").status_code == 404
        assert client.post(f"{address}/pause").status_code == 404
        assert client.post(f"{address}/deletion").status_code == 404
        assert "You get no reports yet" in client.get(f"{person.place.path}reports").text
    teacher = signed_in(app, factory.staff(place.schools[0]))
    assert teacher.get(f"{place.schools[0].path}reports").status_code == 403
    assert "Each Monday" in own.get(f"{principal.place.path}reports").text


def test_the_history_tells_one_s_own_mails_at_both_places(
    app: Flask, factory: Factory, place: Town, officer: Person, principal: Person
) -> None:
    district, school = signed_in(app, officer), signed_in(app, principal)
    ask(district, officer, "night", unit=f"district:{place.district.id}")
    ask(school, principal, "week", weekday="2")
    tomorrow = datetime(2026, 6, 2, 4, tzinfo=UTC)
    with factory.session(aggregating(place.district.id, [one.id for one in place.schools])) as session:
        owe_due(session, place.district.id, tomorrow, deadline=SIX)
    page = text_of(district.get(f"{officer.place.path}reports").text)
    assert "What went when" in page
    assert "Jun 1, 2026 Tue, 2 Jun 2026, 05:00 in the queue" in page
    assert "Weekly report" not in page.partition("What went when")[2]
    page = text_of(school.get(f"{principal.place.path}reports").text).partition("What went when")[2]
    assert "May 25, 2026 – May 31, 2026" in page
    assert "Nightly digest" not in page


def test_a_school_s_login_reaches_its_own_people_s_rows_only(
    app: Flask, factory: Factory, place: Town, officer: Person, principal: Person
) -> None:
    ask(signed_in(app, officer), officer, "night", unit=f"school:{place.schools[0].id}")
    ask(signed_in(app, principal), principal, "week", weekday="1")
    district_id = place.district.id
    count_of = {}
    for name, scope in {
        "own": acting_for_school(place.schools[0].id, district_id=district_id),
        "next": acting_for_school(place.schools[1].id, district_id=district_id),
        "district": acting_for_district(district_id),
    }.items():
        with factory.session(scope) as session:
            rows = session.scalars(select(ReportSubscription)).all()
            count_of[name] = len(rows)
            assert session.scalars(select(OutboxMessage)).all() == []
    assert count_of == {"own": 1, "next": 0, "district": 2}


def test_an_officer_of_some_townships_may_choose_these_alone(
    app: Flask, factory: Factory, place: Town
) -> None:
    other = factory.township(place.district)
    person = factory.officer(
        place.district, email="o@example.org", language="en", township_ids=[place.township_id]
    )
    client = signed_in(app, person)
    form = client.get(f"{person.place.path}reports/new/week").text
    assert f"township:{place.township_id}" in form
    assert f"school:{place.schools[0].id}" in form
    assert "district:" not in form
    assert f"township:{other}" not in form
    ask(client, person, "week", weekday="1", unit=f"township:{place.township_id}")
    with factory.session(place.district.scope) as session:
        account = session.connection().exec_driver_sql(
            f"update district_staff set township_ids = '{{{other}}}' where id = {person.id}"
        )
        assert account.rowcount == 1
    page = client.get(f"{person.place.path}reports").text
    assert "Not sent: beyond your townships" in page
    assert client.get(f"{person.place.path}reports/{id_of(place, factory)}/letter").status_code == 404


def test_the_number_of_queries_does_not_grow_with_subscriptions(
    app: Flask, place: Town, officer: Person
) -> None:
    client = signed_in(app, officer)
    counts = []
    for level, unit in (("district", place.district.id), *(("school", one.id) for one in place.schools)):
        ask(client, officer, "night", unit=f"{level}:{unit}")
        with statements(app) as sent:
            client.get(f"{officer.place.path}reports")
        counts.append(len(sent))
    assert counts[0] == counts[-1]


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """What the body sends on the district's login."""
    sent: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    with app.app_context():
        engine = db.engines["lx_district"]
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)
