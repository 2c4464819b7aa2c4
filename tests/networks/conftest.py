"""A school whose teacher has opened a mandatory report, with the people around it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from lxsaas.core import clock
from lxsaas.core.scope import Scope
from lxsaas.networks.report_actions import add_step, open_report
from lxsaas.networks.report_models import DistrictMandatoryReport, MandatoryReport
from lxsaas.pupils.models import Pupil
from tests.factories import Factory, Person, Place

WORDS = "手臂有多处淤青，孩子说是夜里被人打的。"


@dataclass
class Harm:
    """A report at a school, opened by `teacher` an hour after it was known."""

    app: Flask
    factory: Factory
    district: Place
    school: Place
    teacher: Person
    principal: Person
    officer: Person
    pupil_id: int
    report_id: int = 0
    clients: dict[str, FlaskClient] = field(default_factory=dict)

    def open(self, known_at: datetime | None = None) -> int:
        with self.factory.session(self.school.scope) as session:
            pupil = session.get_one(Pupil, (self.school.id, self.pupil_id))
            report = open_report(
                session, pupil, harm="violence", words=WORDS, by=self.teacher.id,
                known_at=known_at or clock.now() - timedelta(hours=1),
            )  # fmt: skip
            return report.id

    def step(self, kind: str, **more: object) -> None:
        with self.factory.session(self.school.scope) as session:
            report = session.get_one(MandatoryReport, (self.school.id, self.report_id))
            given = {"done_at": clock.now(), "recipient": "镇派出所", "words": "已电话报告。"} | more
            add_step(
                session, report, kind=kind, done_by=self.principal.id, by=self.principal.id,
                **given,  # type: ignore[arg-type]
            )  # fmt: skip

    def tell_all(self) -> None:
        for kind in ("police", "civil_affairs", "education"):
            self.step(kind)

    def seen_by(self, scope: Scope) -> list[DistrictMandatoryReport]:
        with self.factory.session(scope) as session:
            rows = session.scalars(sa.select(DistrictMandatoryReport)).all()
            session.expunge_all()
            return list(rows)

    def state(self) -> DistrictMandatoryReport:
        [row] = self.seen_by(self.district.scope)
        return row

    def client(self, person: Person) -> FlaskClient:
        if person.username not in self.clients:
            self.clients[person.username] = person.sign_in(self.app.test_client())
        return self.clients[person.username]

    def logged(self, action: str) -> int:
        with self.factory.session(self.school.scope) as session:
            return count(session, "audit_entry", action)


def count(session: Session, table: str, action: str) -> int:
    query = sa.text(f"select count(*) from {table} where action = :action")
    return int(session.scalar(query, {"action": action}) or 0)


@pytest.fixture
def harm(app: Flask, factory: Factory) -> Harm:
    district = factory.district()
    school = factory.school(district)
    teacher = factory.staff(school)
    pupil_id = factory.pupil(school, factory.school_class(school, teacher))
    found = Harm(
        app, factory, district, school, teacher, factory.staff(school, "principal"),
        factory.officer(district), pupil_id,
    )  # fmt: skip
    found.report_id = found.open()
    return found
