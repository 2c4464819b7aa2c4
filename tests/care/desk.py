"""A teacher's desk: a school with a class of a left-behind child and one other, and people to act as."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import Engine, event, func, select
from werkzeug.test import TestResponse

from lxsaas.care.models import CareKind, CareRecord
from lxsaas.core.clock import today
from lxsaas.pupils.assignments import assign_pupil
from tests.factories import Factory, Person, Place

TODAY = today("Asia/Shanghai")
YESTERDAY = TODAY - timedelta(days=1)


@dataclass
class Desk:
    """The teacher is signed in with `client`; `sign_in` gives others."""

    app: Flask
    factory: Factory
    school: Place
    teacher: Person
    client: FlaskClient
    class_id: int
    child: int
    other: int

    def sign_in(self, role: str, **values: object) -> FlaskClient:
        """Somebody else of the school, in English."""
        person = self.factory.staff(self.school, role, language="en", **values)
        return person.sign_in(self.app.test_client())

    def assign(self, person: Person) -> None:
        """Lets somebody who does not teach the class see the child, as a pairing does."""
        with self.factory.session(self.school.scope) as session:
            assign_pupil(
                session, school_id=self.school.id, pupil_id=self.child, staff_id=person.id,
                subject="pairing", subject_id=person.id, starts_on=date(2024, 9, 1),
            )  # fmt: skip

    def get(self, path: str, client: FlaskClient | None = None) -> TestResponse:
        return (client or self.client).get(self.school.path + path)

    def post(self, path: str, client: FlaskClient | None = None, /, **data: Any) -> TestResponse:
        answer = (client or self.client).post(self.school.path + path, data=data)
        # The test client puts a large body into a file and leaves it open.
        answer.request.environ["wsgi.input"].close()
        return answer

    def record(self, kind: CareKind = CareKind.TALK, on: date = TODAY, **values: Any) -> int:
        """A record of the child through the form; its id."""
        form = {"pupils": [self.child], "kind": int(kind), "occurred_on": on.isoformat(), **values}
        answer = self.client.post(f"{self.school.path}care-records", data=form)
        assert answer.status_code == 302, answer.text
        with self.factory.session(self.school.scope) as session:
            return session.scalars(select(func.max(CareRecord.id))).one() or 0

    def change(self, record_id: int, client: FlaskClient | None = None, **values: Any) -> TestResponse:
        """Sends the form of a change."""
        form = {"kind": int(CareKind.TALK), "occurred_on": TODAY.isoformat(), "version": 1, **values}
        return self.post(f"care-records/{record_id}/edit", client, **form)

    def rows(self, model: Any) -> list[Any]:
        with self.factory.session(self.school.scope) as session:
            found = list(session.scalars(select(model).order_by(*model.__table__.primary_key)))
            session.expunge_all()
            return found

    def statements_of(self, path: str) -> int:
        """How many statements a page takes."""
        with counted_statements() as seen:
            assert self.get(path).status_code == 200
        return len(seen)


def desk_of(app: Flask, factory: Factory) -> Desk:
    school = factory.school()
    teacher = factory.staff(school, language="en")
    class_id = factory.school_class(school, teacher)
    child = factory.pupil(school, class_id, name="汤文博", pinyin="twb tangwenbo")
    other = factory.pupil(school, class_id, name="陈雨桐", pinyin="cyt chenyutong")
    factory.left_behind(school, child)
    client = teacher.sign_in(app.test_client())
    return Desk(app, factory, school, teacher, client, class_id, child, other)


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


def photo(colour: str = "red", size: tuple[int, int] = (60, 40), **save: Any) -> tuple[io.BytesIO, str]:
    """A JPEG as an upload, with what `save` puts into it."""
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "JPEG", **save)
    buffer.seek(0)
    return buffer, f"{colour}.jpg"
