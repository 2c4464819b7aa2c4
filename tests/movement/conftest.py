"""Two schools and a child that goes from one to the other; a school before its next term."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from lxsaas.accounts.models import ClassTeacher
from lxsaas.care.models import CareKind
from lxsaas.core import clock
from lxsaas.core.crypto import school_cipher
from lxsaas.core.scope import operating
from lxsaas.movement.transfer_models import TransferPackage
from lxsaas.pupils.actions import renew_spells
from lxsaas.pupils.models import Guardian, ParentAbsence, Pupil
from lxsaas.schools.models import SchoolClass, Term
from tests.factories import Factory, Person, Place

TODAY = clock.today("Asia/Shanghai")


LONG_AGO = date(2024, 3, 1)


NUMBER = "990101201605010017"


@dataclass
class Move:
    """Two schools, a child at the former one, and somebody signed in at each."""

    former: Place
    receiving: Place
    pupil_id: int
    class_id: int
    sender: FlaskClient
    receiver: FlaskClient
    teacher: Person

    def offer(self, **more: str) -> tuple[int, str]:
        """Offers the child; the offer's id and the code."""
        data = {"to_school": self.receiving.slug, "agreed": "y"} | more
        page = self.sender.post(f"{self.former.path}pupils/{self.pupil_id}/transfer", data=data)
        assert page.status_code == 200, page.text
        code = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", page.text)
        listed = self.receiver.get(f"{self.receiving.path}transfers").text
        found = re.search(r"/transfers/(\d+)\"", listed)
        return int(found[1]) if found else 0, code[0] if code else ""


@pytest.fixture
def move(factory: Factory, app: Flask) -> Move:
    former, receiving = factory.school(), factory.school()
    teacher = factory.staff(former)
    pupil_id = factory.pupil(former, factory.school_class(former, teacher), name="欧阳转学")
    fill_file(factory, former, pupil_id)
    factory.care(former, pupil_id, teacher, CareKind.TALK, TODAY - timedelta(days=10))
    return Move(
        former, receiving, pupil_id, factory.school_class(receiving),
        factory.staff(former, "principal").sign_in(app.test_client()),
        factory.staff(receiving, "archivist").sign_in(app.test_client()), teacher,
    )  # fmt: skip


def fill_file(factory: Factory, school: Place, pupil_id: int) -> None:
    with factory.session(school.scope) as session:
        cipher, pupil = school_cipher(session, school.id), session.get_one(Pupil, (school.id, pupil_id))
        place = {"table": "pupil", "row_id": pupil_id}
        pupil.identity_sealed = cipher.seal(NUMBER, column="identity_sealed", **place)  # type: ignore[arg-type]
        pupil.identity_digest = cipher.digest(NUMBER)
        session.add(
            Guardian(school_id=school.id, pupil_id=pupil_id, position=1, name="欧阳爷爷", relation="61")
        )
        for parent in ("father", "mother"):
            session.add(
                ParentAbsence(
                    school_id=school.id, pupil_id=pupil_id, parent=parent, starts_on=LONG_AGO,
                    start_is_estimated=False, place="广东东莞", source="staff",
                )
            )  # fmt: skip
        session.flush()
        renew_spells(session, school_id=school.id, pupil_ids=[pupil_id])


def accept(move: Move, offer: int, code: str) -> int:
    """Receives the child; its id at the receiving school."""
    data = {"code": code, "class_id": move.class_id}
    answer = move.receiver.post(f"{move.receiving.path}transfers/{offer}/receipt", data=data)
    assert answer.status_code == 302, answer.text
    return int(answer.location.rpartition("/")[2])


def states(factory: Factory, move: Move) -> list[tuple[str, bool]]:
    with factory.session(move.former.scope) as session:
        rows = session.scalars(sa.select(TransferPackage).order_by(TransferPackage.id))
        return [(one.state, one.content is not None) for one in rows]


@pytest.fixture
def school(factory: Factory) -> Place:
    """A primary school with two grades, in a district whose next term begins in thirty days."""
    district = factory.district()
    with factory.session(operating()) as session:
        session.add(
            Term(
                district_id=district.id,
                name="next",
                starts_on=TODAY + timedelta(days=30),
                ends_on=TODAY + timedelta(days=130),
            )
        )
    return factory.school(district)


def make_class(factory: Factory, school: Place, code: str, teacher: Person | None = None) -> int:
    with factory.session(school.scope) as session:
        made = SchoolClass(school_id=school.id, code=code, grade=int(code[:2]), number=int(code[2:]))
        session.add(made)
        session.flush()
        if teacher:
            session.add(
                ClassTeacher(
                    school_id=school.id, class_id=made.id, staff_id=teacher.id, starts_on=date(2020, 9, 1)
                )
            )
        return made.id
