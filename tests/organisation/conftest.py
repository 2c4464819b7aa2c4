"""A school in its term with a principal, an archivist, two homeroom teachers and a counsellor."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lxsaas.core.clock import today
from lxsaas.core.scope import operating
from lxsaas.schools.models import Term
from tests.factories import Factory, Person, Place

TODAY = today("Asia/Shanghai")
MONDAY = TODAY - timedelta(days=TODAY.weekday())


@dataclass
class Staffroom:
    """People of one school, and the clients in which they are signed in."""

    app: Flask
    factory: Factory
    place: Place
    principal: Person
    teacher: Person
    colleague: Person
    counsellor: Person
    class_id: int
    other_class: int

    def client(self, person: Person) -> FlaskClient:
        client = self.app.test_client()
        client.set_cookie("language", "en")
        return person.sign_in(client)

    def post(self, person: Person, path: str, **form: object) -> str:
        """Sends a form as somebody and gives the address to which it leads."""
        answer = self.client(person).post(f"{self.place.path}{path}", data=form)
        assert answer.status_code == 302, (answer.status_code, answer.text)
        return str(answer.location)

    def page(self, person: Person, path: str) -> str:
        """A page as somebody sees it."""
        answer = self.client(person).get(path if path.startswith("/") else f"{self.place.path}{path}")
        assert answer.status_code == 200, answer.status_code
        return answer.text


@pytest.fixture
def staffroom(app: Flask, factory: Factory) -> Staffroom:
    district = factory.district()
    with factory.session(operating()) as session:
        for name, first in (("last", -200), ("this", -60)):
            starts_on = MONDAY + timedelta(days=first - first % 7)
            session.add(
                Term(
                    district_id=district.id, name=name, starts_on=starts_on,
                    ends_on=starts_on + timedelta(days=120),
                )
            )  # fmt: skip
    place = factory.school(district)
    teacher, colleague = factory.staff(place), factory.staff(place)
    classes = [factory.school_class(place, one, grade=grade) for one, grade in ((teacher, 3), (colleague, 4))]
    for class_id in classes:
        factory.pupil(place, class_id)
    return Staffroom(
        app, factory, place, factory.staff(place, "principal"), teacher, colleague,
        factory.staff(place, "counsellor"), *classes,
    )  # fmt: skip
