"""A school with a counted year: three children left behind, care, a meeting, an activity, a difficulty."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lxsaas.activities.models import Activity, ActivityParticipant
from lxsaas.care.models import CareKind
from lxsaas.core import clock
from lxsaas.core.scope import operating
from lxsaas.correspondence.models import CorrespondenceThread
from lxsaas.indicators.engine import run_as_of
from lxsaas.organisation.models import GroupMeeting
from lxsaas.schools.models import Term
from lxsaas.schools.years import year_of
from tests.factories import Factory, Person, Place

TODAY = clock.today("Asia/Shanghai")
YEAR = year_of(TODAY) - 1
"""The last school year that is over."""
TITLE = "缺少心理教师"


@dataclass
class House:
    """A school whose last year was counted, with the people around it."""

    app: Flask
    factory: Factory
    district: Place
    school: Place
    teacher: Person
    principal: Person
    archivist: Person
    children: list[int]
    clients: dict[str, FlaskClient] = field(default_factory=dict)

    def client(self, person: Person) -> FlaskClient:
        if person.username not in self.clients:
            self.clients[person.username] = person.sign_in(self.app.test_client())
        return self.clients[person.username]

    def address(self, rest: str = "") -> str:
        return f"{self.school.path}summaries{rest}"

    def begin(self, year: int = YEAR) -> str:
        """The address of a new summary of the year, in Chinese."""
        answer = self.client(self.principal).post(self.address(), data={"year": year})
        assert answer.status_code == 302
        return str(answer.location)

    def freeze(self, at: str, version: int = 1) -> int:
        sent = {"version": version, "accepts_missing": "y"}
        return self.client(self.principal).post(f"{at}/final", data=sent).status_code

    def word(self, at: str, person: Person | None = None) -> bytes:
        answer = self.client(person or self.principal).get(f"{at}/document.docx")
        assert answer.status_code == 200, answer.status_code
        return bytes(answer.data)

    def count(self, day: date | None = None) -> None:
        with self.app.app_context():
            run_as_of(self.district.id, day or date(YEAR + 1, 6, 30))


def add_terms(factory: Factory, district: Place) -> None:
    days = {
        "1": (date(YEAR, 9, 1), date(YEAR + 1, 1, 20)),
        "2": (date(YEAR + 1, 2, 20), date(YEAR + 1, 7, 5)),
    }
    with factory.session(operating()) as session:
        for name, (first, last) in days.items():
            session.add(Term(district_id=district.id, name=f"{YEAR}-{name}", starts_on=first, ends_on=last))


@pytest.fixture
def house(app: Flask, factory: Factory) -> House:
    return build_house(app, factory)


def build_house(app: Flask, factory: Factory) -> House:
    district = factory.district()
    add_terms(factory, district)
    school = factory.school(district, factory.township(district))
    teacher = factory.staff(school)
    classes = [factory.school_class(school, teacher, grade) for grade in (3, 4)]
    children = [factory.pupil(school, classes[number % 2]) for number in range(5)]
    for child in children[:3]:
        factory.left_behind(school, child)
    for child, month in ((0, 3), (1, 3), (0, 4)):
        factory.care(school, children[child], teacher, CareKind.TALK, date(YEAR + 1, month, 12))
    with factory.session(school.scope) as session:
        session.add(GroupMeeting(
            school_id=school.id, held_on=date(YEAR, 10, 8), agenda="学习", recorded_by=teacher.id,
        ))  # fmt: skip
        activity = Activity(
            school_id=school.id, kind="contest", title="读书比赛", held_on=date(YEAR + 1, 5, 4),
            recorded_by=teacher.id,
        )  # fmt: skip
        session.add(activity)
        session.flush()
        session.add(ActivityParticipant(school_id=school.id, activity_id=activity.id, pupil_id=children[0]))
    found = House(
        app, factory, district, school, teacher, factory.staff(school, "principal"),
        factory.staff(school, "archivist"), children,
    )  # fmt: skip
    with factory.session(school.scope) as session:
        session.add(
            CorrespondenceThread(
                district_id=district.id, unit_id=school.id, kind="difficulty", title=TITLE,
                raised_by=found.principal.id, last_side="school",
                opened_at=datetime(YEAR + 1, 5, 20, 8, tzinfo=UTC),
            )
        )  # fmt: skip
    for month_end in (
        date(YEAR, 10, 31),
        date(YEAR + 1, 3, 31),
        date(YEAR + 1, 4, 30),
        date(YEAR + 1, 6, 30),
    ):
        found.count(month_end)
    return found
