"""A school with two counsellors, a principal and a class, and a browser for each."""

import re
import uuid
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lxsaas.core.clock import today
from lxsaas.counselling.models import CounsellingCase, CounsellingSession
from tests.factories import Factory, Person, Place

TODAY = today("Asia/Shanghai")
SECRET = "爸爸喝酒以后打人"
"""What a child said: must be found nowhere but on the page of who may read it."""


@dataclass
class Room:
    """A counselling room: people, a child, and browsers in which the people are signed in."""

    app: Flask
    factory: Factory
    school: Place
    counsellor: Person
    colleague: Person
    principal: Person
    teacher: Person
    child: int
    class_id: int

    def browser(self, person: Person | None) -> FlaskClient:
        client = self.app.test_client()
        return person.sign_in(client) if person else client

    def get(self, person: Person | None, path: str) -> TestResponse:
        return self.browser(person).get(self.school.path + path)

    def post(self, person: Person | None, path: str, **form: object) -> TestResponse:
        return self.browser(person).post(self.school.path + path, data=form)

    def case_form(self, **values: object) -> dict[str, object]:
        return {
            "risk": 3, "opened_on": TODAY.isoformat(), "review_on": (TODAY + timedelta(7)).isoformat(),
            "reason": SECRET, "client_key": str(uuid.uuid4()),
        } | values  # fmt: skip

    def open_case(self, by: Person | None = None, child: int | None = None, **values: object) -> int:
        """Opens a case through the page and returns its id."""
        child = child or self.child
        path = f"counselling/cases/new?pupil={child}"
        answer = self.post(by or self.counsellor, path, **self.case_form(**values))
        assert answer.status_code == 302, answer.text
        with self.factory.session(self.school.scope) as session:
            query = select(func.max(CounsellingCase.id)).where(CounsellingCase.pupil_id == child)
            return session.scalar(query) or 0

    def session_form(self, **values: object) -> dict[str, object]:
        return {
            "held_on": TODAY.isoformat(), "minutes": 40, "account": SECRET, "client_key": str(uuid.uuid4())
        } | values  # fmt: skip

    def record(self, case_id: int, **values: object) -> int:
        """Records a talk through the page and returns its id."""
        form = self.session_form(**values)
        answer = self.post(self.counsellor, f"counselling/cases/{case_id}/sessions/new", **form)
        assert answer.status_code == 302, answer.text
        with self.factory.session(self.school.scope) as session:
            return session.scalar(select(func.max(CounsellingSession.id))) or 0

    def row(self, case_id: int) -> CounsellingCase:
        with self.factory.session(self.school.scope) as session:
            row = session.get_one(CounsellingCase, (self.school.id, case_id))
            session.expunge(row)
            return row

    def open_to(self, case_id: int, person: Person, last_day: date = TODAY) -> TestResponse:
        return self.post(
            self.counsellor, f"counselling/cases/{case_id}/readers",
            staff_id=person.id, last_day=last_day.isoformat(),
        )  # fmt: skip

    def poster_code(self) -> str:
        """A new code of the letterbox, as the poster shows it."""
        page = self.post(self.counsellor, "counselling/letterbox-code").text
        found = re.search(r"(\d{3}) (\d{3})</strong>", page)
        assert found, page
        return found[1] + found[2]

    def send_letter(self, code: str, text: str = SECRET, **values: object) -> TestResponse:
        form = {"code": code, "text": text, "client_key": str(uuid.uuid4())} | values
        return self.post(None, "letterbox", **form)


def own_code(answer: TestResponse) -> str:
    """The child's own code on the page that thanks for the letter."""
    found = re.search(r"(\d{4} \d{4} \d{4} \d{4})</strong>", answer.text)
    assert found, answer.text
    return found[1]


@pytest.fixture
def room(app: Flask, factory: Factory) -> Room:
    return furnished(app, factory)


def furnished(app: Flask, factory: Factory) -> Room:
    """A school of its own with its people."""
    school = factory.school()
    teacher = factory.staff(school)
    class_id = factory.school_class(school, teacher)
    return Room(
        app, factory, school,
        counsellor=factory.staff(school, "counsellor", language="en"),
        colleague=factory.staff(school, "counsellor", language="en"),
        principal=factory.staff(school, "principal", language="en"),
        teacher=teacher,
        child=factory.pupil(school, class_id, name="汤文博", pinyin="twb tangwenbo"),
        class_id=class_id,
    )  # fmt: skip
