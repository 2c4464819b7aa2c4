"""A school with two classes: a teacher in each, a principal, children of whom some are care targets."""

import io
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select

from lxsaas.archive.models import Consent
from lxsaas.core import clock
from lxsaas.core.db import table_of
from lxsaas.core.scope import operating
from lxsaas.pupils.models import Guardian
from lxsaas.schools.actions import set_term
from lxsaas.schools.models import District
from tests.factories import Factory, Person, Place

TODAY = clock.today("Asia/Shanghai")


@dataclass
class School:
    """The people of the tests and what they do through the pages."""

    app: Flask
    factory: Factory
    place: Place
    teacher: Person
    colleague: Person
    principal: Person
    children: list[int]
    """Of the teacher's class; the first two are care targets."""
    others: list[int]
    """Of the colleague's class; the first is a care target."""

    def as_(self, person: Person) -> FlaskClient:
        return person.sign_in(self.app.test_client())

    def url(self, address: str) -> str:
        return f"{self.place.path}{address}"

    def enter(self, client: FlaskClient, register: str, **values: object) -> str:
        """The address of a row that was entered by the register's form."""
        answer = client.post(self.url(f"{register}/entries"), data=values)
        assert answer.status_code == 302, answer.text
        return str(answer.location)

    def count(self, model: Any) -> int:
        with self.factory.session(self.place.scope) as session:
            query = select(func.count()).select_from(table_of(model))
            return session.scalar(query) or 0

    def agree(self, pupil_id: int) -> None:
        """The family agrees to photos and works being shown."""
        with self.factory.session(self.place.scope) as session:
            session.add(
                Consent(
                    school_id=self.place.id, pupil_id=pupil_id, recorded_by=self.teacher.id, purpose="photos",
                    text_version=1, given_by="王秀英", relation="62", given_on=date(2024, 9, 1),
                )
            )  # fmt: skip

    def grandmother(self, pupil_id: int, name: str = "王秀英") -> int:
        with self.factory.session(self.place.scope) as session:
            member = Guardian(
                school_id=self.place.id, pupil_id=pupil_id, position=1, name=name, relation="62",
                is_guardian=True,
            )  # fmt: skip
            session.add(member)
            session.flush()
            return member.id


@pytest.fixture
def school(app: Flask, factory: Factory) -> School:
    place = factory.school()
    with factory.session(operating()) as session:
        district = session.get_one(District, place.district_id)
        first, last = date(TODAY.year, 1, 1), date(TODAY.year, 12, 31)
        set_term(session, district=district, name="学期", starts_on=first, ends_on=last)
    teacher, colleague = factory.staff(place), factory.staff(place)
    mine, theirs = factory.school_class(place, teacher), factory.school_class(place, colleague, grade=5)
    children = [factory.pupil(place, mine, name=f"甲{number}") for number in range(3)]
    others = [factory.pupil(place, theirs, name=f"乙{number}") for number in range(2)]
    for target in (*children[:2], others[0]):
        factory.left_behind(place, target)
    principal = factory.staff(place, "principal")
    return School(app, factory, place, teacher, colleague, principal, children, others)


def photo() -> io.BytesIO:
    """A small picture as a telephone would send it."""
    buffer = io.BytesIO()
    Image.new("RGB", (640, 480), "orange").save(buffer, "JPEG")
    buffer.seek(0)
    return buffer
