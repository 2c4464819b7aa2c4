"""Help plans copied forward, must-visits opened and closed by what happens, work of two people at once."""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lxsaas.care.actions import record_care
from lxsaas.care.models import CareKind
from lxsaas.core import clock
from lxsaas.core.scope import operating
from lxsaas.pupils.models import Pupil
from lxsaas.registers.actions import add_row
from lxsaas.schools.models import Term
from lxsaas.support import queries
from lxsaas.support.actions import reopen_visited
from lxsaas.support.models import AttendanceEvent, HelpPlan, MustVisit
from tests.factories import Factory, Person, Place

TODAY = clock.today("Asia/Shanghai")


@pytest.fixture
def classroom(factory: Factory) -> tuple[Place, Person, int]:
    district = factory.district()
    with factory.session(operating()) as session:
        for name, first in (("past", -200), ("running", -30), ("coming", 120)):
            session.add(
                Term(
                    district_id=district.id,
                    name=name,
                    starts_on=TODAY + timedelta(days=first),
                    ends_on=TODAY + timedelta(days=first + 100),
                )
            )
    school = factory.school(district)
    teacher = factory.staff(school)
    return school, teacher, factory.pupil(school, factory.school_class(school, teacher))


def plan(pupil_id: int, **more: object) -> dict[str, object]:
    return {"pupil": pupil_id, "term": "past", "level": "priority", "lacks": ["care", "safety"],
            "goals": "reads aloud every evening"} | more  # fmt: skip


def test_a_new_plan_starts_from_the_last_one(
    factory: Factory, client: FlaskClient, classroom: tuple[Place, Person, int]
) -> None:
    school, teacher, pupil_id = classroom
    teacher.sign_in(client)
    assert client.post(f"{school.path}help-plans/entries", data=plan(pupil_id)).status_code == 302
    form = client.get(f"{school.path}help-plans/new?pupil={pupil_id}").text
    assert "reads aloud every evening" in form
    assert 'value="running"' in form
    assert form.count("checked") >= 2
    again = client.post(f"{school.path}help-plans/entries", data=plan(pupil_id))
    assert again.status_code == 422
    assert 'id="term-error"' in again.text
    unknown = client.post(f"{school.path}help-plans/entries", data=plan(pupil_id, term="never"))
    assert 'id="term-error"' in unknown.text


def test_a_plan_has_steps_and_reviews_on_its_page_and_its_teacher_sees_the_child(
    factory: Factory, app: Flask, client: FlaskClient, classroom: tuple[Place, Person, int]
) -> None:
    school, teacher, pupil_id = classroom
    helper = factory.staff(school, "teacher")
    teacher.sign_in(client)
    held = plan(pupil_id, term="running", teacher_id=helper.id)
    page = client.post(f"{school.path}help-plans/entries", data=held).location
    plan_id = page.rpartition("/")[2]
    step = {"parent": plan_id, "words": "borrow two books", "due_on": str(TODAY + timedelta(days=9))}
    assert client.post(f"{school.path}plan-steps/entries", data=step).location == page
    review = {"parent": plan_id, "reviewed_on": str(TODAY), "standing": "behind"}
    assert client.post(f"{school.path}plan-reviews/entries", data=review).location == page
    shown = client.get(page).text
    assert f"{school.path}plan-steps/" in shown
    assert f"{school.path}plan-reviews/" in shown
    assert helper.sign_in(app.test_client()).get(f"{school.path}pupils/{pupil_id}").status_code == 200
    with factory.session(school.scope) as session:
        kept = session.scalars(select(HelpPlan)).one()
        assert b"aloud" not in (kept.goals_sealed or b"")


def test_the_teacher_of_a_plan_sees_the_child_as_long_as_the_plan_names_them_and_its_term_is_not_long_over(
    factory: Factory, app: Flask, client: FlaskClient, classroom: tuple[Place, Person, int]
) -> None:
    school, teacher, pupil_id = classroom
    helper = factory.staff(school, "teacher")
    other, file = helper.sign_in(app.test_client()), f"{school.path}pupils/{pupil_id}"
    teacher.sign_in(client)
    entries = f"{school.path}help-plans/entries"
    client.post(entries, data=plan(pupil_id, teacher_id=helper.id))
    assert other.get(file).status_code == 404, "the term of this plan was over a hundred days ago"
    page = client.post(entries, data=plan(pupil_id, term="running", teacher_id=helper.id)).location
    assert other.get(file).status_code == 200
    client.post(f"{page}/edit", data=plan(pupil_id, term="running", version="1"))
    assert other.get(file).status_code == 404


def test_absences_are_told_of_who_is_enrolled_today(
    factory: Factory, classroom: tuple[Place, Person, int]
) -> None:
    school, teacher, came_later = classroom
    with factory.session(school.scope) as session:
        pupil = session.get_one(Pupil, (school.id, came_later))
        left = factory.pupil(school, pupil.class_id)
        pupil.enrolled_on = TODAY - timedelta(days=5)
        session.get_one(Pupil, (school.id, left)).left_on = TODAY - timedelta(days=2)
        for pupil_id in (came_later, left):
            values = {"pupil_id": pupil_id, "kind": "absent", "is_excused": False, "words": None}
            day = {"occurred_on": TODAY - timedelta(days=3)}
            add_row(session, AttendanceEvent, school_id=school.id, values=values | day, by=teacher.id)
        query = queries.unexcused_absences(TODAY - timedelta(days=20), TODAY)
        assert [row[0] for row in session.execute(query)] == [came_later]


def visits(factory: Factory, school: Place) -> list[MustVisit]:
    with factory.session(school.scope) as session:
        found = list(session.scalars(select(MustVisit).order_by(MustVisit.id)))
        session.expunge_all()
    return found


def test_coming_late_often_opens_a_must_visit_by_itself_once(
    factory: Factory, client: FlaskClient, classroom: tuple[Place, Person, int]
) -> None:
    school, teacher, pupil_id = classroom
    teacher.sign_in(client)
    for back in range(5):
        late = {"pupil": pupil_id, "kind": "late", "occurred_on": str(TODAY - timedelta(days=back))}
        assert client.post(f"{school.path}attendance/entries", data=late).status_code == 302
        assert len(visits(factory, school)) == (1 if back >= 2 else 0), back
    only = visits(factory, school)[0]
    assert (only.reason, only.origin, only.due_on) == ("lateness", "attendance", TODAY + timedelta(days=7))


def test_two_visits_at_once_close_it_once_and_a_withdrawn_one_opens_it_again(
    factory: Factory, client: FlaskClient, app: Flask, classroom: tuple[Place, Person, int]
) -> None:
    school, teacher, pupil_id = classroom
    teacher.sign_in(client)
    raised = {"pupil": pupil_id, "reason": "quarrel", "raised_on": str(TODAY)}
    client.post(f"{school.path}must-visits/entries", data=raised)
    together = threading.Barrier(2)
    made: list[int] = []

    def visit() -> None:
        together.wait()
        with factory.session(school.scope) as session:
            pupil = session.scalars(select(Pupil).where(Pupil.id == pupil_id)).one()
            made.extend(record_care(session, pupils=[pupil], kind=CareKind.HOME_VISIT, occurred_on=TODAY,
                                    by=teacher.id))  # fmt: skip

    threads = [threading.Thread(target=visit) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 2
    closed = visits(factory, school)[0]
    assert closed.closed_on == TODAY
    assert closed.care_record_id in made
    with factory.session(school.scope) as session:
        reopen_visited(session, school.id, int(closed.care_record_id or 0))
    assert visits(factory, school)[0].closed_on == TODAY


def test_a_visit_is_not_withdrawn_while_what_it_had_closed_was_raised_again(
    factory: Factory, client: FlaskClient, classroom: tuple[Place, Person, int]
) -> None:
    school, teacher, pupil_id = classroom
    teacher.sign_in(client)
    entries = f"{school.path}must-visits/entries"
    factory.care(school, pupil_id, teacher, CareKind.HOME_VISIT, TODAY - timedelta(days=3))
    first = {"pupil": pupil_id, "reason": "mood", "raised_on": str(TODAY - timedelta(days=5))}
    client.post(entries, data=first)
    again = client.post(entries, data=first | {"raised_on": str(TODAY)}).location
    withdrawal = f"{school.path}care-records/{visits(factory, school)[0].care_record_id}/withdrawal"
    refused = client.post(withdrawal, data={"version": "1", "reason": "没去成"}, follow_redirects=True)
    assert refused.status_code == 200
    assert [one.closed_on is None for one in visits(factory, school)] == [False, True]
    client.post(f"{again}/withdrawal", data={"version": "1", "reason": "重复"})
    client.post(withdrawal, data={"version": "1", "reason": "没去成"})
    assert [one.closed_on is None for one in visits(factory, school)] == [True, True]
