"""P3: the year's score follows from what was due and done, by a formula that the school can weigh."""

import io
from dataclasses import dataclass
from datetime import date, timedelta
from types import SimpleNamespace

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lxsaas.accounts.models import ClassTeacher, Staff
from lxsaas.care.models import CareKind
from lxsaas.core.clock import add_months, month_end, month_start, today
from lxsaas.core.scope import operating
from lxsaas.evaluation.definitions import LEAST_DUE, PARTS
from lxsaas.evaluation.queries import score_of
from lxsaas.evaluation.years import months_over, terms_over
from lxsaas.indicators.explaining import explain
from lxsaas.indicators.periods import TermDays
from lxsaas.schools.models import Term
from lxsaas.schools.years import year_of
from tests.factories import Factory, Person, Place

TODAY = today("Asia/Shanghai")
MONTH = add_months(month_start(TODAY), -1)
"""The first day of a month that is over."""
YEAR = year_of(MONTH)
CHILDREN = 6
MONTHLY = dict.fromkeys(PARTS, 0) | {"talk_monthly": 60, "home_visit_monthly": 40}


@dataclass
class World:
    app: Flask
    factory: Factory
    school: Place
    principal: Person
    teacher: Person
    colleague: Person
    children: list[int]
    class_id: int

    def client(self, person: Person) -> FlaskClient:
        client = self.app.test_client()
        client.set_cookie("language", "en")
        return person.sign_in(client)

    def weigh(self, **weights: int) -> None:
        form = MONTHLY | weights
        path = f"{self.school.path}evaluation/weights?year={YEAR}"
        assert self.client(self.principal).post(path, data=form).status_code == 302

    def points(self, person: Person) -> dict[str, list[object]]:
        """The rows of the export by teacher."""
        path = f"{self.school.path}evaluation.xlsx?year={YEAR}"
        book = openpyxl.load_workbook(io.BytesIO(self.client(person).get(path).data))
        rows = list(book.worksheets[0].iter_rows(values_only=True))
        top = next(number for number, row in enumerate(rows) if row[0] == "Rank")
        return {str(row[1]): list(row) for row in rows[top + 1 :]}

    def name(self, person: Person) -> str:
        with self.factory.session(self.school.scope) as session:
            return session.get_one(Staff, (self.school.id, person.id)).name


@pytest.fixture
def world(app: Flask, factory: Factory) -> World:
    district = factory.district()
    with factory.session(operating()) as session:
        starts_on = MONTH - timedelta(days=3)
        session.add(
            Term(district_id=district.id, name="t", starts_on=starts_on, ends_on=TODAY + timedelta(days=30))
        )
    school = factory.school(district)
    teacher, colleague = factory.staff(school), factory.staff(school)
    class_id = factory.school_class(school, teacher)
    children = [factory.pupil(school, class_id) for _ in range(CHILDREN)]
    for child in children:
        factory.left_behind(school, child)
    return World(
        app, factory, school, factory.staff(school, "principal"), teacher, colleague, children, class_id
    )


def talk(world: World, count: int, kind: CareKind = CareKind.TALK, on: date = MONTH) -> None:
    for child in world.children[:count]:
        world.factory.care(world.school, child, world.teacher, kind, on)


def test_the_score_is_weight_times_share_and_agrees_with_the_indicator(world: World) -> None:
    world.weigh()
    talk(world, 3)
    talk(world, 6, CareKind.HOME_VISIT)
    row = world.points(world.principal)[world.name(world.teacher)]
    assert row[:2] == [1, world.name(world.teacher)]
    # 60 x 3/6 + 40 x 6/6; of each part due, done and points.
    assert row[3:] == [70, 6, 3, 30, 6, 6, 40]
    with world.factory.session(world.school.scope) as session:
        found = explain(
            session, school_id=world.school.id, district_id=world.school.district_id, code="talk_monthly",
            as_of=month_end(MONTH),
        )  # fmt: skip
    assert (found.numerator, found.denominator) == (3, 6)


def test_ten_entries_for_a_child_score_no_more_than_one(world: World) -> None:
    world.weigh()
    talk(world, 3)
    before = world.points(world.principal)
    for _ in range(9):
        talk(world, 3)
    assert world.points(world.principal) == before


def test_the_running_month_does_not_count_yet(world: World) -> None:
    world.weigh()
    talk(world, 6, on=month_start(TODAY))
    row = world.points(world.principal)[world.name(world.teacher)]
    assert row[4:7] == [6, 0, 0]


def test_what_was_due_belongs_to_who_was_homeroom_teacher_then(world: World) -> None:
    world.weigh()
    talk(world, 6)
    with world.factory.session(world.school.scope) as session:
        session.scalars(select(ClassTeacher)).one().ends_on = month_start(TODAY)
        session.flush()
        session.add(
            ClassTeacher(
                school_id=world.school.id, class_id=world.class_id, staff_id=world.colleague.id,
                starts_on=month_start(TODAY),
            )
        )  # fmt: skip
    assert set(world.points(world.principal)) == {world.name(world.teacher)}


def test_each_point_opens_what_it_is_made_of(world: World) -> None:
    world.weigh()
    talk(world, 2)
    address = f"{world.school.path}evaluation/teachers/{world.teacher.id}/talk_monthly?year={YEAR}"
    for person in (world.principal, world.teacher):
        shown = world.client(person).get(address)
        assert shown.status_code == 200
        for child in world.children:
            assert f"/pupils/{child}/care-records" in shown.text
        missing = world.client(person).get(f"{address}&show=missing").text
        assert sum(f"/pupils/{child}/care-records" in missing for child in world.children) == 4


def test_a_teacher_sees_the_own_score_and_nobody_elses(world: World) -> None:
    talk(world, 3)
    teacher = world.client(world.teacher)
    assert teacher.get(f"{world.school.path}evaluation/own?year={YEAR}").status_code == 200
    own = f"{world.school.path}evaluation/teachers/{world.teacher.id}"
    for path in ("evaluation", "evaluation.xlsx", "evaluation/weights"):
        assert teacher.get(f"{world.school.path}{path}").status_code == 403
    assert teacher.get(own).status_code == 403
    assert world.client(world.colleague).get(f"{own}/talk_monthly?year={YEAR}").status_code == 404
    archivist = world.factory.staff(world.school, "archivist")
    assert world.client(archivist).get(f"{world.school.path}evaluation").status_code == 403
    far = world.factory.staff(world.factory.school(), "principal")
    address = own.replace(world.school.path, far.place.path)
    assert world.client(far).get(f"{address}?year={YEAR}").status_code == 404
    assert world.client(far).get(f"{address}/talk_monthly?year={YEAR}").status_code == 404
    assert world.client(far).get(own).status_code == 302
    officer = world.factory.officer(world.factory.district())
    assert officer.sign_in(world.app.test_client()).get(own).status_code == 302


def test_a_teacher_finds_no_name_of_a_child_who_is_no_longer_in_reach(world: World) -> None:
    world.weigh()
    with world.factory.session(world.school.scope) as session:
        session.scalars(select(ClassTeacher)).one().ends_on = TODAY
    address = f"{world.school.path}evaluation/teachers/{world.teacher.id}/talk_monthly?year={YEAR}"
    shown = world.client(world.teacher).get(address).text
    assert "no longer with you" in shown
    assert "care-records" not in shown.split("<main", 1)[1]


def test_from_few_children_there_is_no_score(world: World) -> None:
    world.weigh()
    few = world.factory.staff(world.school)
    class_id = world.factory.school_class(world.school, few, grade=5)
    for _ in range(2):
        world.factory.left_behind(world.school, world.factory.pupil(world.school, class_id))
    rows = world.points(world.principal)
    assert rows[world.name(few)][0] is None
    assert rows[world.name(few)][3] is None
    assert (
        "too little data"
        in world.client(world.principal).get(f"{world.school.path}evaluation?year={YEAR}").text
    )


def sums(**amounts: tuple[int, int]) -> dict[str, SimpleNamespace]:
    return {code: SimpleNamespace(due=due, done=done) for code, (due, done) in amounts.items()}


def test_a_thin_part_is_left_out_and_its_weight_shared_by_the_others() -> None:
    weights = dict.fromkeys(PARTS, 0) | {"talk_monthly": 30, "must_visit_on_time": 10}
    thin = sums(talk_monthly=(10, 5), must_visit_on_time=(LEAST_DUE - 1, 0))
    score = score_of(1, "x", "", 3, thin, weights)
    assert score.points == 50
    enough = sums(talk_monthly=(10, 5), must_visit_on_time=(LEAST_DUE, 0))
    assert score_of(1, "x", "", 3, enough, weights).points == 37.5
    # Less than half of the weight counts: no score.
    reversed_weights = weights | {"must_visit_on_time": 31}
    assert score_of(1, "x", "", 3, thin, reversed_weights).points is None
    assert score_of(1, "x", "", 2, enough, weights).points is None
    assert score_of(1, "x", "", 3, {}, weights).points is None


@pytest.mark.parametrize("wrong", ["-1", "101", "", "x", "1.5"])
def test_a_weight_that_is_none_is_refused_at_its_part(wrong: str, world: World) -> None:
    path = f"{world.school.path}evaluation/weights?year={YEAR}"
    answer = world.client(world.principal).post(path, data=MONTHLY | {"talk_monthly": wrong})
    assert answer.status_code == 422
    assert 'id="talk_monthly-error"' in answer.text
    nothing = world.client(world.principal).post(path, data=dict.fromkeys(PARTS, 0))
    assert nothing.status_code == 422


def test_months_and_terms_of_a_year_count_when_they_are_over() -> None:
    terms = [
        TermDays("1", date(2025, 9, 1), date(2026, 1, 20), None),
        TermDays("2", date(2026, 2, 25), date(2026, 7, 5), None),
    ]
    found = months_over(2025, terms, date(2026, 7, 31))
    # February and July lie in a term for a few days only.
    assert [one.month for one in found] == [9, 10, 11, 12, 1, 3, 4, 5, 6]
    assert months_over(2025, terms, date(2025, 10, 1)) == [date(2025, 9, 30)]
    assert months_over(2025, terms, date(2025, 9, 30)) == []
    assert terms_over(2025, terms, date(2026, 7, 5)) == [date(2026, 1, 20)]
    assert terms_over(2025, terms, date(2026, 7, 6)) == [date(2026, 1, 20), date(2026, 7, 5)]


def test_a_ranking_of_many_teachers_takes_as_many_queries_as_one_of_few(world: World) -> None:
    client = world.client(world.principal)
    counted = []
    for more in (0, 6):
        for _ in range(more):
            teacher = world.factory.staff(world.school)
            class_id = world.factory.school_class(world.school, teacher)
            world.factory.left_behind(world.school, world.factory.pupil(world.school, class_id))
        with world.factory.counting_queries() as queries:
            assert client.get(f"{world.school.path}evaluation?year={YEAR}").status_code == 200
        counted.append(len(queries))
    assert counted[0] == counted[1]
