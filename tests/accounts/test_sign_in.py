"""Signing in: sessions on the server, limits, and guessing slowed down without locking a teacher out."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from lxsaas.accounts.models import Staff, StaffSession
from lxsaas.accounts.queries import ABSOLUTE, IDLE
from tests.factories import PASSWORD, Factory, Person, Place


@pytest.fixture
def school(factory: Factory) -> Place:
    return factory.school()


@pytest.fixture
def teacher(factory: Factory, school: Place) -> Person:
    return factory.staff(school)


def attempt(client: FlaskClient, person: Person, password: str, address: str = "127.0.0.1") -> TestResponse:
    form = {"username": person.username, "password": password}
    return client.post(
        f"{person.place.path}sign-in", data=form, environ_overrides={"REMOTE_ADDR": address}
    )  # fmt: skip


def test_a_teacher_signs_in_and_lands_on_what_is_owed_this_week(client: FlaskClient, teacher: Person) -> None:
    answer = attempt(client, teacher, PASSWORD)
    assert answer.headers["Location"] == f"{teacher.place.path}week"
    assert client.get(f"{teacher.place.path}week").status_code == 200


def said(answer: TestResponse, username: str) -> str:
    """A page without what differs at each request: the name typed, and the form's token."""
    token = re.compile(r'(name="csrf_token" value|name="csrf-token" content)="[^"]*"')
    return token.sub("", answer.text).replace(username, "")


def test_a_wrong_name_and_a_wrong_password_answer_alike(client: FlaskClient, teacher: Person) -> None:
    wrong = attempt(client, teacher, "not the password")
    unknown = attempt(client, Person(0, "nobody-here", teacher.place), "not the password")
    assert wrong.status_code == unknown.status_code == 401
    assert said(wrong, teacher.username) == said(unknown, "nobody-here")


def test_three_people_at_a_school_s_page(
    app: Flask, factory: Factory, school: Place, teacher: Person
) -> None:
    people = {
        "own": teacher,
        "next": factory.staff(factory.school()),
        "district": factory.officer(factory.district()),
    }
    answers = {
        name: person.sign_in(app.test_client()).get(f"{school.path}care").status_code
        for name, person in people.items()
    }
    assert answers == {"own": 200, "next": 302, "district": 302}


def test_a_cookie_carried_to_another_school_opens_nothing(
    app: Flask, factory: Factory, client: FlaskClient, teacher: Person
) -> None:
    teacher.sign_in(client)
    other = factory.school()
    cookie = client.get_cookie("lxsaas_s", path=teacher.place.path)
    assert cookie is not None
    thief = app.test_client()
    thief.set_cookie("lxsaas_s", cookie.value, path=other.path)
    assert thief.get(f"{other.path}care").status_code == 302


def test_signing_out_ends_the_session_on_the_server(app: Flask, client: FlaskClient, teacher: Person) -> None:
    teacher.sign_in(client)
    cookie = client.get_cookie("lxsaas_s", path=teacher.place.path)
    assert cookie is not None
    client.post(f"{teacher.place.path}sign-out")
    replay = app.test_client()
    replay.set_cookie("lxsaas_s", cookie.value, path=teacher.place.path)
    assert replay.get(f"{teacher.place.path}care").status_code == 302


@pytest.mark.parametrize(("column", "limit"), [("seen_at", IDLE), ("created_at", ABSOLUTE)])
def test_a_session_ends_when_unused_or_old(
    client: FlaskClient, factory: Factory, teacher: Person, column: str, limit: timedelta
) -> None:
    teacher.sign_in(client)
    page = f"{teacher.place.path}care"
    with factory.session(teacher.place.scope) as session:
        session.execute(
            update(StaffSession).values({column: datetime.now(UTC) - limit + timedelta(minutes=5)})
        )
    assert client.get(page).status_code == 200
    with factory.session(teacher.place.scope) as session:
        session.execute(update(StaffSession).values({column: datetime.now(UTC) - limit}))
    assert client.get(page).status_code == 302


def test_who_is_made_inactive_is_out_at_once(client: FlaskClient, factory: Factory, teacher: Person) -> None:
    teacher.sign_in(client)
    with factory.session(teacher.place.scope) as session:
        session.execute(update(Staff).values(is_active=False))
    assert client.get(f"{teacher.place.path}care").status_code == 302


def test_a_new_password_signs_out_every_other_browser(
    app: Flask, client: FlaskClient, teacher: Person
) -> None:
    elsewhere = teacher.sign_in(app.test_client())
    teacher.sign_in(client)
    form = {"current": PASSWORD, "password": "a quite different sentence"}
    assert client.post(f"{teacher.place.path}account/password", data=form).status_code == 302
    assert client.get(f"{teacher.place.path}care").status_code == 200
    assert elsewhere.get(f"{teacher.place.path}care").status_code == 302
    assert attempt(app.test_client(), teacher, PASSWORD).status_code == 401


def test_who_guesses_at_the_own_password_is_slowed_down_and_strangers_slow_down_nobody(
    app: Flask, client: FlaskClient, teacher: Person
) -> None:
    teacher.sign_in(client)
    page = f"{teacher.place.path}account/password"
    for number in range(10):
        attempt(app.test_client(), teacher, "a guess", f"10.0.2.{number}")
    form = {"current": PASSWORD, "password": "a quite different sentence"}
    assert client.post(page, data=form).status_code == 302
    for _ in range(10):
        assert 'id="current-error"' in client.post(page, data=form).text
    right = client.post(page, data={"current": form["password"], "password": PASSWORD})
    assert right.status_code == 200
    assert "15" in right.text.split('id="current-error"')[1][:200]


def test_a_new_password_makes_links_to_set_another_void(
    app: Flask, client: FlaskClient, factory: Factory, school: Place, teacher: Person
) -> None:
    factory.staff(school, "principal").sign_in(client)
    code = code_on(client.post(f"{school.path}staff/{teacher.id}/invitations").text)
    own = teacher.sign_in(app.test_client())
    form = {"current": PASSWORD, "password": "a quite different sentence"}
    assert own.post(f"{school.path}account/password", data=form).status_code == 302
    assert take_up(app.test_client(), school, code, teacher.username) == 200


@pytest.mark.parametrize("new", ["short", "1234567890", "aaaaaaaaaaaaa"])
def test_a_weak_password_is_refused_at_its_field(client: FlaskClient, teacher: Person, new: str) -> None:
    teacher.sign_in(client)
    form = {"current": PASSWORD, "password": new}
    answer = client.post(f"{teacher.place.path}account/password", data=form)
    assert answer.status_code == 200
    assert 'id="password-error"' in answer.text


def test_strangers_who_guess_lock_out_strangers_and_not_the_teacher(
    app: Flask, client: FlaskClient, teacher: Person
) -> None:
    teacher.sign_in(client)
    client.post(f"{teacher.place.path}sign-out")
    for number in range(10):
        assert attempt(app.test_client(), teacher, "a guess", f"10.0.0.{number}").status_code == 401
    assert attempt(app.test_client(), teacher, PASSWORD, "10.0.1.1").status_code == 429
    assert attempt(client, teacher, PASSWORD).status_code == 302


@pytest.mark.parametrize("wanted", ["//elsewhere.example/", "https://elsewhere.example/", "/s/other/care"])
def test_signing_in_leads_nowhere_else(client: FlaskClient, teacher: Person, wanted: str) -> None:
    form = {"username": teacher.username, "password": PASSWORD}
    answer = client.post(f"{teacher.place.path}sign-in", query_string={"next": wanted}, data=form)
    assert answer.headers["Location"] == f"{teacher.place.path}week"


def test_the_start_page_finds_a_school_and_lists_no_staff(
    client: FlaskClient, school: Place, teacher: Person
) -> None:
    found = client.get("/", query_string={"q": school.slug}).text
    assert school.path in found
    assert teacher.username not in found
    assert school.path not in client.get("/").text


def code_on(page: str) -> str:
    return page.split("invitation#")[1].split('"')[0]


def invited(client: FlaskClient, factory: Factory, school: Place, username: str = "newcomer") -> str:
    """The code that a principal gets for a new colleague."""
    factory.staff(school, "principal").sign_in(client)
    form = {"username": username, "name": "新同事", "roles": ["teacher"], "email": ""}
    return code_on(client.post(f"{school.path}staff/new", data=form).text)


def take_up(client: FlaskClient, school: Place, code: str, username: str = "newcomer") -> int:
    form = {"code": code, "username": username, "password": "a sentence of one's own"}
    return client.post(f"{school.path}invitation", data=form).status_code


def test_an_invitation_is_taken_up_once(
    app: Flask, client: FlaskClient, factory: Factory, school: Place, capfd: pytest.CaptureFixture[str]
) -> None:
    code = invited(client, factory, school)
    newcomer = app.test_client()
    assert take_up(newcomer, school, code.lower().replace("-", " ")) == 302
    assert newcomer.get(f"{school.path}account").status_code == 200
    assert take_up(app.test_client(), school, code) == 200
    out, err = capfd.readouterr()
    assert code not in out + err


def test_an_invitation_for_somebody_else_or_replaced_by_another_is_refused(
    app: Flask, client: FlaskClient, factory: Factory, school: Place
) -> None:
    code = invited(client, factory, school)
    assert take_up(app.test_client(), school, code, "somebody-else") == 200
    with factory.session(school.scope) as session:
        staff_id = session.scalars(select(Staff.id).where(Staff.username == "newcomer")).one()
    newer = code_on(client.post(f"{school.path}staff/{staff_id}/invitations").text)
    assert take_up(app.test_client(), school, code) == 200
    assert take_up(app.test_client(), factory.school(), newer) == 200
    assert take_up(app.test_client(), school, newer) == 302


def test_the_last_principal_cannot_be_removed(client: FlaskClient, factory: Factory, school: Place) -> None:
    principal = factory.staff(school, "principal")
    principal.sign_in(client)
    form = {"username": principal.username, "name": "校长", "roles": ["teacher"], "email": ""}
    answer = client.post(f"{school.path}staff/{principal.id}", data=form)
    assert 'id="roles-error"' in answer.text
    with factory.session(school.scope) as session:
        kept = session.scalar(
            select(func.count()).where(Staff.roles.contains(["principal"]), Staff.is_active)
        )
    assert kept == 1


def test_only_who_manages_the_staff_sees_it(
    app: Flask, factory: Factory, school: Place, teacher: Person
) -> None:
    for role, status in (("principal", 200), ("homeroom_teacher", 403), ("counsellor", 403)):
        client = factory.staff(school, role).sign_in(app.test_client())
        assert client.get(f"{school.path}staff").status_code == status
