"""A school as the tests of the child's file need it: two classes, a family with numbers, people."""

import itertools
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lxsaas.archive.five_known import renew_five_known
from lxsaas.core.audit import AuditEntry
from lxsaas.core.clock import today
from lxsaas.core.crypto import school_cipher
from lxsaas.pupils.assignments import assign_pupil
from lxsaas.pupils.models import Guardian, Pupil
from lxsaas.pupils.register_families import next_ids
from tests.factories import Factory, Person, Place

TODAY = today("Asia/Shanghai")
CHILD_PHONE = "13800138000"
FATHER_PHONE = "13912345678"
IDENTITY = "990101201605012345"
_cases = itertools.count(1)


@dataclass
class House:
    """A school with a child whose father is away, and those who may or may not see it."""

    app: Flask
    factory: Factory
    school: Place
    class_id: int
    other_class: int
    child: int
    father: int
    other: int
    teacher: Person
    principal: Person

    @classmethod
    def build(cls, app: Flask, factory: Factory) -> "House":
        school = factory.school()
        teacher = factory.staff(school, language="en")
        class_id = factory.school_class(school, teacher)
        other_class = factory.school_class(school, factory.staff(school))
        child = factory.pupil(school, class_id, name="汤文博", pinyin="twb tangwenbo")
        other = factory.pupil(school, other_class, name="陈雨桐", pinyin="cyt chenyutong")
        principal = factory.staff(school, "principal", language="en")
        house = cls(app, factory, school, class_id, other_class, child, 0, other, teacher, principal)
        house.father = house.member(name="汤建国", relation="51", phone=FATHER_PHONE, workplace="东莞鞋厂")
        house.seal(Pupil, child, identity=IDENTITY, phone=CHILD_PHONE, address="平坝村二组")
        return house

    def client(self, person: Person) -> FlaskClient:
        return person.sign_in(self.app.test_client())

    def member(self, pupil_id: int = 0, **values: Any) -> int:
        """A member of the family as the register would list it."""
        with self.factory.session(self.school.scope) as session:
            [guardian_id] = next_ids(session, "guardian", 1)
            phone = values.pop("phone", None)
            position = 1 + len(session.scalars(select(Guardian.id)).all())
            session.add(
                Guardian(
                    school_id=self.school.id, id=guardian_id, pupil_id=pupil_id or self.child,
                    position=position, **values,
                )
            )  # fmt: skip
        if phone:
            self.seal(Guardian, guardian_id, phone=phone)
        return guardian_id

    def seal(self, model: Any, row_id: int, **texts: str) -> None:
        """Writes sealed fields with their keyed hashes."""
        with self.factory.session(self.school.scope) as session:
            row = session.get_one(model, (self.school.id, row_id))
            cipher = school_cipher(session, self.school.id)
            for name, text in texts.items():
                column = f"{name}_sealed"
                sealed = cipher.seal(text, table=model.__tablename__, column=column, row_id=row_id)
                setattr(row, column, sealed)
                if hasattr(model, f"{name}_digest"):
                    setattr(row, f"{name}_digest", cipher.digest(text))

    def assign(self, person: Person, subject: str = "help_plan", **days: Any) -> None:
        """Lets somebody see the child by a plan or a case."""
        with self.factory.session(self.school.scope) as session:
            assign_pupil(
                session, school_id=self.school.id, pupil_id=self.child, staff_id=person.id,
                subject=subject, subject_id=next(_cases), **({"starts_on": date(2020, 1, 1)} | days),
            )  # fmt: skip

    def audited(self, action: str) -> list[AuditEntry]:
        with self.factory.session(self.school.scope) as session:
            found = session.scalars(select(AuditEntry).where(AuditEntry.action == action)).all()
            session.expunge_all()
            return list(found)

    def rows(self, model: Any, *where: Any) -> list[Any]:
        with self.factory.session(self.school.scope) as session:
            found = session.scalars(select(model).where(*where).order_by(model.id)).all()
            session.expunge_all()
            return list(found)

    def renew(self) -> None:
        with self.factory.session(self.school.scope) as session:
            renew_five_known(session, self.school.id, [self.child], TODAY)
