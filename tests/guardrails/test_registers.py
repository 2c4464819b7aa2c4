"""Every register there is, whatever its fields: entered as a person would, and attacked at each field.

A new register is covered the moment it is mounted.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

import lxsaas.app
from lxsaas.core import clock
from lxsaas.core.permissions import ROLES
from lxsaas.registers.forms import ChoicesField, ClassmateField, MoneyField, RegisterForm, StaffField
from lxsaas.registers.page_base import PageBase
from tests.factories import Factory, Person, Place

TODAY = clock.today("Asia/Shanghai")
SCRIPT = "<script>alert('CANARY')</script>"


@pytest.fixture(scope="module")
def school(app: Flask) -> tuple[Place, dict[str, Person], int]:
    factory = Factory(app)
    place = factory.school()
    people = {role: factory.staff(place, role) for role in ("principal", "homeroom_teacher", "counsellor")}
    class_id = factory.school_class(place, people["homeroom_teacher"])
    factory.pupil(place, class_id)
    return place, people, factory.pupil(place, class_id)


def registers(*, alone: bool = False) -> list[str]:
    """The registers mounted by the application; `alone`: those whose rows belong to no other row."""
    assert lxsaas.app.BLUEPRINTS
    return sorted(key for key, pages in PageBase.mounted.items() if not (alone and pages.register.parent))


def fields_of(pages: PageBase, app: Flask) -> list[Any]:
    with app.test_request_context():
        form: RegisterForm = pages.register.form(formdata=None, meta={"csrf": False})
        return [field for field in form if field.short_name not in ("client_key", "version", "elapsed_ms")]


def hostile(field: Any) -> Iterator[tuple[str, Any]]:
    """Values that no such field may take."""
    kind = field.type
    if kind in ("StringField", "TextAreaField"):
        yield "null byte", "a\0b"
        yield "too long", "x" * 1_000_000
    elif kind == "DateField":
        yield "no day", "2026-02-31"
        yield "words", "soon"
        yield "before time", "0001-01-01"
        yield "far away", "9999-12-31"
    elif isinstance(field, ChoicesField):
        yield "unknown", ["no such thing"]
    elif isinstance(field, StaffField | ClassmateField):
        yield "somebody else's", "999999999"
        yield "no number", "x"
        yield "too large a number", "9" * 30
    elif kind == "SelectField":
        yield "unknown", "no such thing"
    elif isinstance(field, MoneyField):
        yield "words", "a lot"
        yield "negative", "-1"
        yield "too much", "9" * 40
    elif kind == "IntegerField":
        yield "words", "many"
        yield "too much", "9" * 40


def person_for(pages: PageBase, people: dict[str, Person]) -> Person | None:
    """Somebody who may enter this."""
    fitting = (role for role in people if pages.register.record in ROLES[role])
    return next((people[role] for role in fitting), None)


def count(factory: Factory, place: Place, pages: PageBase) -> int:
    with factory.session(place.scope) as session:
        return session.scalar(select(func.count()).select_from(pages.register.model)) or 0


def address_of(place: Place, pages: PageBase) -> str:
    return f"{place.path}{pages.register.name}"


def test_there_are_registers() -> None:
    assert {"pairing", "help_plan", "must_visit"} <= set(registers())


@pytest.mark.parametrize("key", registers(alone=True))
def test_no_field_takes_what_cannot_be_and_nothing_is_half_saved(
    key: str, app: Flask, school: tuple[Place, dict[str, Person], int]
) -> None:
    place, people, pupil_id = school
    pages, factory = PageBase.mounted[key], Factory(app)
    person = person_for(pages, people)
    assert person is not None, "nobody may enter it"
    client: FlaskClient = person.sign_in(app.test_client())
    before = count(factory, place, pages)
    for field in fields_of(pages, app):
        for name, value in hostile(field):
            sent = {"pupil": pupil_id, field.short_name: value}
            answer = client.post(f"{address_of(place, pages)}/entries", data=sent)
            assert answer.status_code in (400, 422), (field.short_name, name, answer.status_code)
            if answer.status_code == 422:
                assert "lx-error" in answer.text, (field.short_name, name)
    assert count(factory, place, pages) == before


@pytest.mark.parametrize("key", registers(alone=True))
def test_a_form_keeps_what_was_typed_and_runs_none_of_it(
    key: str, app: Flask, school: tuple[Place, dict[str, Person], int]
) -> None:
    place, people, pupil_id = school
    pages = PageBase.mounted[key]
    person = person_for(pages, people)
    assert person is not None, "nobody may enter it"
    client = person.sign_in(app.test_client())
    texts = [one.short_name for one in fields_of(pages, app) if one.type in ("StringField", "TextAreaField")]
    days = [one.short_name for one in fields_of(pages, app) if one.type == "DateField"]
    # A day far ahead is refused everywhere, so that the form comes back.
    sent = {"pupil": pupil_id} | dict.fromkeys(texts, SCRIPT)
    sent |= {days[0]: str(TODAY + timedelta(days=9000))} if days else {}
    answer = client.post(f"{address_of(place, pages)}/entries", data=sent)
    assert SCRIPT not in answer.text
    if answer.status_code == 422:
        kept = "&lt;script&gt;alert(&#39;CANARY&#39;)&lt;/script&gt;"
        assert answer.text.count(kept) >= len(texts)


@pytest.mark.parametrize("key", registers())
def test_each_list_opens_searches_sorts_and_exports(
    key: str, app: Flask, school: tuple[Place, dict[str, Person], int]
) -> None:
    place, people, _ = school
    pages = PageBase.mounted[key]
    fitting = [role for role in people if pages.register.view in ROLES[role]]
    assert fitting, "nobody may see it"
    client = people[fitting[0]].sign_in(app.test_client())
    address = address_of(place, pages)
    for name in ("", *pages.register.columns):
        assert client.get(f"{address}?sort=-{name}").status_code == 200, name
    for one in pages.register.filters:
        assert client.get(f"{address}?show={one.code}").status_code == 200, one.code
    assert client.post(address, data={"q": "%_\\'"}).status_code == 200
    assert client.post(f"{address}.xlsx").data.startswith(b"PK")
