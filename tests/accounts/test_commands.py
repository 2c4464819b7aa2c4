"""`lxsaas user` and the lists of places, as an operator calls them."""

import re

import click
import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lxsaas.accounts.models import ClassTeacher, Staff
from lxsaas.cli import lxsaas
from lxsaas.core.errors import LxsaasError
from lxsaas.schools.models import SchoolClass
from tests.accounts.test_sign_in import take_up
from tests.factories import Factory, Place


@pytest.fixture
def place(factory: Factory) -> Place:
    return factory.school()


def run(app: Flask, *arguments: str, typed: str = "") -> Result:
    """The command as `main` calls it, on the tests' own servers."""
    command = lxsaas.get_command(click.Context(lxsaas), arguments[0])
    assert command is not None
    return CliRunner().invoke(command, list(arguments[1:]), input=typed, obj=lambda: app)


def create(app: Flask, place: Place, *more: str, username: str = "alice", typed: str = "") -> Result:
    where = "--school" if place.path.startswith("/s/") else "--district"
    arguments = ("user", "create", where, place.slug, "--username", username, "--name", "王老师", *more)
    return run(app, *arguments, typed=typed)


def test_an_account_made_by_command_signs_in(app: Flask, client: FlaskClient, place: Place) -> None:
    made = create(
        app, place, "--role", "teacher", "--password-stdin", username=" Ａlice王 ", typed="a fine long one\n"
    )
    assert (made.exit_code, made.output) == (0, "User alice王 created.\n")
    form = {"username": "ALICE王", "password": "a fine long one"}
    assert client.post(f"{place.path}sign-in", data=form).status_code == 302


def test_an_officer_is_made_at_the_district(app: Flask, factory: Factory) -> None:
    district = factory.district()
    more = ("--role", "officer", "--role", "analyst", "--email", "o@example.test", "--password-stdin")
    made = create(app, district, *more, typed="a fine long one\n")
    assert made.exit_code == 0, made.exception
    assert "alice  officer,analyst" in run(app, "user", "list", "--district", district.slug).output


def test_a_homeroom_teacher_gets_the_classes_named(app: Flask, factory: Factory, place: Place) -> None:
    class_id = factory.school_class(place)
    listed = class_code(factory, place, class_id)
    made = create(app, place, "--role", "homeroom_teacher", "--class", listed, "--invite")
    assert made.exit_code == 0, made.exception
    with factory.session(place.scope) as session:
        assert session.scalars(select(ClassTeacher.class_id)).all() == [class_id]


def class_code(factory: Factory, place: Place, class_id: int) -> str:
    with factory.session(place.scope) as session:
        return session.scalars(select(SchoolClass.code).where(SchoolClass.id == class_id)).one()


@pytest.mark.parametrize("command", ["invite", "reset"])
def test_a_link_printed_by_command_sets_a_password(
    app: Flask, client: FlaskClient, factory: Factory, place: Place, command: str
) -> None:
    person = factory.staff(place)
    printed = run(app, "user", command, "--school", place.slug, "--username", person.username).output
    code = re.search(r"invitation#(\S+)", printed)
    assert code is not None
    assert take_up(client, place, code[1], person.username) == 302


@pytest.mark.parametrize(
    ("more", "typed", "code"),
    [
        (("--role", "officer", "--password-stdin"), "a fine long one\n", "role_unknown"),
        (
            ("--role", "teacher", "--email", "nobody", "--password-stdin"),
            "a fine long one\n",
            "email_invalid",
        ),
        (("--role", "teacher", "--password-stdin"), "short\n", "password_short"),
        (("--role", "teacher", "--password-stdin"), "alice in wonderland\n", "password_common"),
        (("--role", "teacher", "--class", "9999", "--invite"), "", "class_unknown"),
        (("--role", "teacher"), "", "password_source"),
        (("--role", "teacher", "--invite", "--password-stdin"), "a fine long one\n", "password_source"),
    ],
)
def test_a_command_that_is_refused_leaves_nothing(
    app: Flask, factory: Factory, place: Place, more: tuple[str, ...], typed: str, code: str
) -> None:
    refused = create(app, place, *more, typed=typed).exception
    assert isinstance(refused, LxsaasError)
    assert refused.code == code
    with factory.session(place.scope) as session:
        assert session.scalars(select(Staff)).all() == []


def test_places_and_names_that_are_not_there_or_taken_are_refused(
    app: Flask, factory: Factory, place: Place
) -> None:
    district = factory.district()
    taken = factory.staff(place)
    nowhere = Place(0, 0, "nowhere", place.scope, "/s/nowhere/")
    refusals = (
        create(app, nowhere, "--role", "teacher", "--invite"),
        create(app, place, "--role", "teacher", "--invite", username=taken.username.upper()),
        create(app, district, "--role", "officer", "--class", "0301", "--invite"),
        run(app, "user", "list"),
        run(app, "user", "reset", "--school", place.slug, "--username", "nobody"),
    )
    codes = [one.exception.code for one in refusals if isinstance(one.exception, LxsaasError)]
    assert codes == [
        "school_unknown", "username_taken", "classes_at_school", "place_required", "user_unknown",
    ]  # fmt: skip


def test_districts_and_schools_are_listed(app: Flask, place: Place, factory: Factory) -> None:
    district = factory.district()
    factory.school(district)
    assert district.slug in run(app, "district", "list").output
    listed = run(app, "school", "list", "--district", district.slug).output
    assert place.slug not in listed
    assert len(listed.splitlines()) == 1
