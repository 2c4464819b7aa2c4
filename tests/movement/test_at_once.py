"""Two at the same moment: one child's survey, an import during an edit, one transfer, one moving up."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import sqlalchemy as sa
from flask import Flask

from lxsaas.core import clock
from lxsaas.core.errors import RuleError
from lxsaas.core.scope import operating
from lxsaas.movement import promotion
from lxsaas.movement.models import Promotion, SurveyAnswer
from lxsaas.movement.transfer_models import TransferPackage
from lxsaas.pupils.models import LeftBehindSpell, ParentAbsence, Pupil
from lxsaas.pupils.register import read_register
from lxsaas.pupils.register_actions import apply_register
from lxsaas.schools.models import School, Term
from tests.factories import Factory, Place
from tests.movement.conftest import Move
from tests.pupils.workbooks import Row, pupils, xlsx

TODAY = clock.today("Asia/Shanghai")


def at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Runs all of them, begun together, each in a thread of its own."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        barrier.wait(20)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_of_two_who_answer_for_one_child_the_second_is_told(factory: Factory, app: Flask) -> None:
    district = factory.district()
    with factory.session(operating()) as session:
        days = {"starts_on": TODAY - timedelta(days=5), "ends_on": TODAY + timedelta(days=80)}
        session.add(Term(district_id=district.id, name="2026-1", **days))
    school = factory.school(district)
    pupil_id = factory.pupil(school, factory.school_class(school))
    people = [factory.staff(school, "principal") for _ in range(2)]
    one, other = (person.sign_in(app.test_client()) for person in people)
    one.post(f"{school.path}surveys")
    survey_id = int(one.get(f"{school.path}surveys").text.split("/surveys/")[1].split("/")[0])
    page = f"{school.path}surveys/{survey_id}/pupils/{pupil_id}"
    left = {"action": "left", "parent": "father", "day": str(TODAY - timedelta(days=100))}
    answers = at_once(
        [lambda: one.post(page, data={"action": "confirm"}), lambda: other.post(page, data=left)]
    )
    assert sorted(answer.status_code for answer in answers) == [302, 422]
    [told] = [answer.text for answer in answers if answer.status_code == 422]
    with factory.session(school.scope) as session:
        [held] = session.scalars(sa.select(SurveyAnswer)).all()
        absences = session.scalar(sa.select(sa.func.count(ParentAbsence.id)))
        assert held.answered_by in (people[0].id, people[1].id)
        assert absences == (1 if held.answer == "changed" else 0)
    assert "教师" in told


def bring(factory: Factory, school: Place, rows: list[Row]) -> str:
    with factory.session(school.scope) as session:
        code = session.scalars(sa.select(School.register_code).where(School.id == school.id)).one()
        parsed = read_register(xlsx(rows), school_register_code=code, today=TODAY)
        apply_register(session, school_id=school.id, parsed=parsed, today=TODAY, by=None)
    return "applied"


def test_an_import_during_an_edit_loses_nothing_and_overlaps_nothing(factory: Factory, app: Flask) -> None:
    school = factory.school()
    with factory.session(school.scope) as session:
        code = session.scalars(sa.select(School.register_code).where(School.id == school.id)).one()
    rows = pupils(1, code=code)
    bring(factory, school, rows)
    editor = factory.staff(school, "principal").sign_in(app.test_client())
    for turn in range(6):
        with factory.session(school.scope) as session:
            held = session.scalars(sa.select(ParentAbsence).order_by(ParentAbsence.id)).first()
            assert held is not None
            pupil_id, absence_id, version = held.pupil_id, held.id, held.version
            parent = held.parent
        is_away = turn % 2 == 1
        rows[0]["是否留守儿童"] = "双亲留守儿童" if is_away else "非留守儿童"
        rows[0]["联系电话"] = f"1370000000{turn}"
        form = {
            "pupil": pupil_id, "parent": parent, "starts_on": "2024-01-01", "place": f"地点{turn}",
            "ends_on": "", "source": "staff", "version": version,
        }  # fmt: skip
        page = f"{school.path}absences/{absence_id}/edit"
        applied, edited = at_once(
            [lambda: bring(factory, school, rows), lambda form=form, page=page: editor.post(page, data=form)]  # type: ignore[misc]
        )
        assert applied == "applied"
        assert edited.status_code in (302, 422)
    with factory.session(school.scope) as session:
        pupil = session.scalars(sa.select(Pupil)).one()
        assert pupil.left_on is None
        spells = session.scalars(sa.select(LeftBehindSpell)).all()
        assert all(one.starts_on < (one.ends_on or date.max) for one in spells)


def test_two_who_receive_one_child_make_one(factory: Factory, move: Move) -> None:
    offer, code = move.offer()
    data = {"code": code, "class_id": move.class_id}
    page = f"{move.receiving.path}transfers/{offer}/receipt"
    second = factory.staff(move.receiving, "principal").sign_in(factory.app.test_client())
    answers = at_once([lambda: move.receiver.post(page, data=data), lambda: second.post(page, data=data)])
    assert sorted(answer.status_code for answer in answers) == [302, 422]
    with factory.session(move.receiving.scope) as session:
        assert session.scalar(sa.select(sa.func.count(Pupil.id))) == 1


def test_receiving_and_withdrawing_at_one_moment_is_one_or_the_other(factory: Factory, move: Move) -> None:
    offer, code = move.offer()
    data = {"code": code, "class_id": move.class_id}
    at_once(
        [
            lambda: move.receiver.post(f"{move.receiving.path}transfers/{offer}/receipt", data=data),
            lambda: move.sender.post(f"{move.former.path}transfers/{offer}/withdrawal"),
        ]
    )
    move.sender.get(f"{move.former.path}transfers")
    with factory.session(move.receiving.scope) as session:
        arrived = session.scalar(sa.select(sa.func.count(Pupil.id)))
    with factory.session(move.former.scope) as session:
        state = session.scalars(sa.select(TransferPackage.state)).one()
        name = session.scalars(sa.select(Pupil.name)).one()
    assert (state, arrived, name) in [("withdrawn", 0, "欧阳转学"), ("forgotten", 1, "")]


def test_a_school_is_moved_up_once(factory: Factory) -> None:
    school = factory.school()
    by = factory.staff(school, "principal").id
    factory.pupil(school, factory.school_class(school, grade=3))

    def move_up() -> str:
        try:
            with factory.session(school.scope) as session:
                promotion.move_up(session, school_id=school.id, on=TODAY, by=by)
        except RuleError as error:
            return error.code
        return "moved"

    assert sorted(at_once([move_up, move_up])) == ["moved", "moved_already"]
    with factory.session(school.scope) as session:
        assert session.scalar(sa.select(sa.func.count(Promotion.id))) == 1
