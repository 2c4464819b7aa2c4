"""A school with a few children, and what a worker does with the jobs that its people ask for."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lxsaas.accounts.realms import RealmKind
from lxsaas.config import Settings
from lxsaas.exports import answering, making
from lxsaas.exports.models import DistrictExportJob, ExportJob
from lxsaas.exports.tables import Job
from tests.factories import Factory, Person, Place

CHILD = "某某留守"
"""How every child of the school is called."""


@dataclass
class School:
    """A school of two classes with three children each; everybody signed in."""

    app: Flask
    factory: Factory
    place: Place
    classes: tuple[int, int]
    far: Place
    pupils: list[int]
    principal: Person
    teacher: Person
    clients: dict[str, FlaskClient]

    def ask(self, who: str, address: str = "pupils.xlsx", **fields: object) -> tuple[int, str]:
        """The job's id and the password on the page that answers."""
        answer = self.clients[who].post(f"{self.place.path}{address}", data=fields)
        assert answer.status_code == 200, answer.status_code
        assert answer.headers["Cache-Control"] == "private, no-store"
        found = re.search(r"exports/(\d+)/removal", answer.text)
        assert found
        password = re.search(r"<code>([A-Z0-9-]+)</code>", answer.text)
        return int(found[1]), password[1] if password else ""

    def make(self, job_id: int) -> bool:
        return make(self.app, self.place, job_id)

    def job(self, job_id: int) -> Job:
        return job_of(self.factory, self.place, job_id)

    def get(self, who: str, address: str) -> tuple[int, bytes]:
        answer = self.clients[who].get(f"{self.place.path}exports{address and '/'}{address}")
        return answer.status_code, answer.data


def make(app: Flask, place: Place, job_id: int) -> bool:
    """What a worker does when it is asked for a job."""
    kind: RealmKind = "school" if place.path.startswith("/s/") else "district"
    with app.app_context():
        return making.make(kind, place.id, job_id, own_dir(app))


def own_dir(app: Flask) -> Path:
    """Where this process writes; the run's data directory is shared with others."""
    settings: Settings = app.extensions["lxsaas.settings"]
    return settings.data_dir / f"made-by-{os.getpid()}"


def job_of(factory: Factory, place: Place, job_id: int) -> Job:
    table = ExportJob if place.path.startswith("/s/") else DistrictExportJob
    with factory.session(place.scope) as session:
        job = session.scalars(select(table).where(table.id == job_id)).one()
        session.expunge(job)
    return job


@pytest.fixture(scope="module")
def school(app: Flask) -> School:
    factory = Factory(app)
    place = factory.school()
    principal, teacher = factory.staff(place, "principal"), factory.staff(place)
    colleague = factory.staff(place)
    classes = factory.school_class(place, teacher), factory.school_class(place, colleague)
    pupils = [factory.pupil(place, classes[number % 2], name=f"{CHILD}{number}") for number in range(6)]
    far = factory.school()
    people = {
        "principal": principal, "teacher": teacher, "colleague": colleague,
        "next school's": factory.staff(far, "principal"), "officer": factory.officer(factory.district()),
    }  # fmt: skip
    clients = {}
    for name, person in people.items():
        clients[name] = person.sign_in(app.test_client())
        clients[name].set_cookie("language", "en", path="/")
    return School(app, factory, place, classes, far, pupils, principal, teacher, clients)


@pytest.fixture
def long_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists of three rows are long already."""
    monkeypatch.setattr(answering, "SMALL", 2)
