"""Invented districts, schools, people and records, written through the application's own logins."""

import itertools
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, insert
from sqlalchemy.orm import Session

from lxsaas.accounts.models import ClassTeacher, DistrictStaff, Staff
from lxsaas.care.models import CareKind, CareRecord
from lxsaas.core.scope import Scope, acting_for_district, acting_for_school, operating
from lxsaas.extensions import db, session_for
from lxsaas.pupils.models import LeftBehindSpell, Pupil
from lxsaas.schools.models import District, School, SchoolClass, Township

PASSWORD = "correct horse battery staple"
# The cheapest setting: what the hash costs is not what these tests are about.
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_HASH = CHEAP.hash(PASSWORD)
_numbers = itertools.count(1)
_surnames = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"


@dataclass(frozen=True)
class Place:
    """A district or a school with its address and scope."""

    id: int
    district_id: int
    slug: str
    scope: Scope
    path: str


@dataclass(frozen=True)
class Person:
    """An account at a place."""

    id: int
    username: str
    place: Place

    def sign_in(self, client: FlaskClient) -> FlaskClient:
        """The same client, signed in as this person through the page."""
        form = {"username": self.username, "password": PASSWORD}
        answer = client.post(f"{self.place.path}sign-in", data=form)
        assert answer.status_code == 302, answer.status_code
        return client


@dataclass
class Factory:
    """Each call makes something new with a name of its own and gives back what tests need of it."""

    app: Flask
    made: list[Place] = field(default_factory=list)

    @contextmanager
    def session(self, scope: Scope) -> Iterator[Session]:
        """A session in `scope` that commits at its end."""
        with self.app.app_context(), session_for(scope) as session:
            yield session
            session.commit()

    @contextmanager
    def counting_queries(self, login: str = "lx_school") -> Iterator[list[str]]:
        """The statements that the body sends on a login, the schools' by default."""
        sent: list[str] = []

        def note(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
            sent.append(statement)

        with self.app.app_context():
            engine = db.engines[login]
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            event.remove(engine, "before_cursor_execute", note)

    def district(self, **values: object) -> Place:
        slug = f"d{uuid.uuid4().hex[:12]}"
        with self.session(operating()) as session:
            district = District(**{"slug": slug, "name": f"{slug}县教育局"} | values)
            session.add(district)
            session.flush()
            place = Place(district.id, district.id, slug, acting_for_district(district.id), f"/d/{slug}/")
        return place

    def township(self, district: Place) -> int:
        with self.session(operating()) as session:
            township = Township(district_id=district.id, name=f"第{next(_numbers)}乡")
            session.add(township)
            session.flush()
            return township.id

    def school(self, district: Place | None = None, township_id: int | None = None) -> Place:
        district = district or self.district()
        slug = f"s{uuid.uuid4().hex[:12]}"
        code = f"{uuid.uuid4().int % 10**10:010d}"
        with self.session(operating()) as session:
            school = School(
                district_id=district.id, township_id=township_id, slug=slug, name=f"{slug}小学",
                pinyin=f"{slug} xiaoxue", register_code=code,
            )  # fmt: skip
            session.add(school)
            session.flush()
            scope = acting_for_school(school.id, district_id=district.id)
            place = Place(school.id, district.id, slug, scope, f"/s/{slug}/")
        return place

    def staff(self, school: Place, role: str = "homeroom_teacher", **values: object) -> Person:
        """A colleague at a school who signs in with PASSWORD."""
        username = f"u{next(_numbers)}"
        given = {
            "username": username,
            "name": f"教师{next(_numbers)}",
            "roles": [role],
            "password_hash": _HASH,
        }
        with self.session(school.scope) as session:
            staff = Staff(school_id=school.id, **(given | values))
            session.add(staff)
            session.flush()
            return Person(staff.id, staff.username, school)

    def officer(self, district: Place, role: str = "officer", **values: object) -> Person:
        username = f"o{next(_numbers)}"
        given = {
            "username": username,
            "name": f"干部{next(_numbers)}",
            "roles": [role],
            "password_hash": _HASH,
        }
        with self.session(district.scope) as session:
            staff = DistrictStaff(district_id=district.id, **(given | values))
            session.add(staff)
            session.flush()
            return Person(staff.id, staff.username, district)

    def school_class(self, school: Place, teacher: Person | None = None, grade: int = 3) -> int:
        """A class, taught since long ago by `teacher` where one is given."""
        with self.session(school.scope) as session:
            made = SchoolClass(
                school_id=school.id, code=f"{grade:02d}{next(_numbers)}", grade=grade, number=1
            )
            session.add(made)
            session.flush()
            if teacher:
                session.add(
                    ClassTeacher(
                        school_id=school.id, class_id=made.id, staff_id=teacher.id, starts_on=date(2020, 9, 1)
                    )
                )
            return made.id

    def pupil(self, school: Place, class_id: int, **values: object) -> int:
        """A pupil enrolled since long ago; not left behind unless `left_behind` is called."""
        number = next(_numbers)
        name = f"{_surnames[number % len(_surnames)]}童{number}"
        given: dict[str, object] = {
            "name": name, "pinyin": "tt tong", "sex": "male", "born_on": date(2016, 5, 1),
            "enrolled_on": date(2022, 9, 1), "identity_type": "1", "register_left_behind": 0,
        }  # fmt: skip
        with self.session(school.scope) as session:
            pupil = Pupil(school_id=school.id, class_id=class_id, **(given | values))
            session.add(pupil)
            session.flush()
            return pupil.id

    def left_behind(
        self,
        school: Place,
        pupil_id: int,
        starts_on: date = date(2023, 1, 1),
        ends_on: date | None = None,
        definitions: tuple[str, ...] = ("register", "state_council_2016_3m"),
    ) -> None:
        """A spell under each of the definitions, as if it had followed from an absence."""
        with self.session(school.scope) as session:
            for definition in definitions:
                session.add(
                    LeftBehindSpell(
                        school_id=school.id,
                        pupil_id=pupil_id,
                        definition=definition,
                        definition_version=1,
                        kind="both",
                        starts_on=starts_on,
                        ends_on=ends_on,
                    )  # fmt: skip
                )

    def care(self, school: Place, pupil_id: int, by: Person, kind: CareKind, occurred_on: date) -> None:
        with self.session(school.scope) as session:
            session.execute(
                insert(CareRecord).values(
                    school_id=school.id,
                    pupil_id=pupil_id,
                    recorded_by=by.id,
                    kind=kind,
                    occurred_on=occurred_on,
                )
            )
