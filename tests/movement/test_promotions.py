"""A school moves up and back again."""

from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from lxsaas.accounts.models import ClassTeacher
from lxsaas.movement import promotion, promotion_undo, queries, transfer_actions
from lxsaas.movement.models import ClassMembership, Promotion
from lxsaas.pupils.models import Pupil
from lxsaas.schools.models import SchoolClass
from tests.factories import Factory, Place
from tests.movement.conftest import TODAY, make_class

Pupils = list[tuple[int, int, date | None]]


Members = list[tuple[int, int, date, date | None]]


State = tuple[Pupils, Members, list[tuple[int, date | None]]]


def state(factory: Factory, school: Place) -> State:
    """Pupils, memberships and teachers as they stand."""
    with factory.session(school.scope) as session:
        pupils = [
            (row.id, row.class_id, row.left_on)
            for row in session.execute(select(Pupil.id, Pupil.class_id, Pupil.left_on).order_by(Pupil.id))
        ]
        member = ClassMembership
        memberships = [
            (one.pupil_id, one.class_id, one.starts_on, one.ends_on)
            for one in session.scalars(select(member).order_by(member.pupil_id, member.starts_on))
        ]
        teachers = [
            (one.class_id, one.ends_on)
            for one in session.scalars(select(ClassTeacher).order_by(ClassTeacher.id))
        ]
    return pupils, memberships, teachers


def codes(factory: Factory, school: Place) -> dict[int, str]:
    with factory.session(school.scope) as session:
        query = select(Pupil.id, SchoolClass.code).join(SchoolClass, SchoolClass.id == Pupil.class_id)
        return {row.id: row.code for row in session.execute(query.where(Pupil.left_on.is_(None)))}


def test_a_school_moves_up_repeaters_stay_and_the_last_grade_leaves(
    factory: Factory, app: Flask, client: FlaskClient, school: Place
) -> None:
    first_teacher, last_teacher = factory.staff(school), factory.staff(school)
    lower = make_class(factory, school, "0501", first_teacher)
    upper = make_class(factory, school, "0601", last_teacher)
    child, repeater, graduate = (factory.pupil(school, one) for one in (lower, lower, upper))
    principal = factory.staff(school, "principal").sign_in(client)
    preview = principal.get(f"{school.path}promotions").text
    assert "0601" in preview
    before = state(factory, school)
    form = {"stay": [repeater], "teacher": [lower]}
    assert principal.post(f"{school.path}promotions", data=form).status_code == 302
    assert codes(factory, school) == {child: "0601", repeater: "0501"}
    with factory.session(school.scope) as session:
        assert session.get_one(Pupil, (school.id, graduate)).left_on == TODAY
        past = dict(session.execute(queries.membership_on([child], TODAY - timedelta(days=1))).all())
        now = dict(session.execute(queries.membership_on([child], TODAY)).all())
        moved_id = session.scalars(select(Promotion.id)).one()
    assert (past, now) == ({child: "0501"}, {child: "0601"})
    pupils_page = f"{school.path}pupils/{child}"
    assert first_teacher.sign_in(app.test_client()).get(pupils_page).status_code == 200
    assert last_teacher.sign_in(app.test_client()).get(pupils_page).status_code == 404
    assert principal.post(f"{school.path}promotions/{moved_id}/undoing").status_code == 302
    assert state(factory, school) == before


def test_undoing_is_refused_when_pupils_were_moved_since_or_the_term_has_begun(
    factory: Factory, school: Place
) -> None:
    class_id, other = make_class(factory, school, "0101"), make_class(factory, school, "0102")
    principal = factory.staff(school, "principal")
    child, _ = factory.pupil(school, class_id), factory.pupil(school, other)
    with factory.session(school.scope) as session:
        made = promotion.move_up(session, school_id=school.id, on=TODAY, by=principal.id).id

    def undo(today: date) -> None:
        with factory.session(school.scope) as session:
            held = session.get_one(Promotion, (school.id, made))
            promotion_undo.undo(session, held, district_id=school.district_id, today=today, by=principal.id)

    with pytest.raises(Exception, match="undo_too_late"):
        undo(TODAY + timedelta(days=30))
    with factory.session(school.scope) as session:
        session.execute(update(Pupil).where(Pupil.id == child).values(class_id=class_id))
    with pytest.raises(Exception, match="undo_touched"):
        undo(TODAY)
    for day in (TODAY, TODAY + timedelta(days=20)):
        with pytest.raises(Exception, match="moved_already"), factory.session(school.scope) as session:
            promotion.move_up(session, school_id=school.id, on=day, by=principal.id)


def move_and_undo(factory: Factory, school: Place, teachers_move: list[int]) -> None:
    """Moves up with these classes' teachers and undoes it; everything must be exactly as before."""
    by = factory.staff(school, "principal").id
    before = state(factory, school)
    with factory.session(school.scope) as session:
        made = promotion.move_up(
            session, school_id=school.id, on=TODAY, teachers_move=teachers_move, by=by
        ).id
    assert state(factory, school) != before
    undo_today(factory, school, made, by)
    after = state(factory, school)
    assert after[:2] == before[:2]
    assert sorted(after[2], key=str) == sorted(before[2], key=str)


def undo_today(factory: Factory, school: Place, made: int, by: int) -> None:
    with factory.session(school.scope) as session:
        held = session.get_one(Promotion, (school.id, made))
        promotion_undo.undo(session, held, district_id=school.district_id, today=TODAY, by=by)


def test_children_and_teachers_who_came_today_are_put_back_too(factory: Factory, school: Place) -> None:
    teacher, other = factory.staff(school), factory.staff(school)
    lower, empty = make_class(factory, school, "0101"), make_class(factory, school, "0201", other)
    with factory.session(school.scope) as session:
        session.add(ClassTeacher(school_id=school.id, class_id=lower, staff_id=teacher.id, starts_on=TODAY))
    factory.pupil(school, lower, enrolled_on=TODAY)
    factory.pupil(school, lower)
    move_and_undo(factory, school, [lower])
    with factory.session(school.scope) as session:
        member = ClassMembership
        classes = session.scalars(select(member.class_id).where(member.ends_on.is_(None))).all()
    assert classes == [lower, lower]
    assert empty not in classes


def test_undoing_names_who_has_left_since_and_stops_at_new_teachers(
    factory: Factory, client: FlaskClient, school: Place
) -> None:
    teacher, other = factory.staff(school), factory.staff(school)
    lower, _ = make_class(factory, school, "0101", teacher), make_class(factory, school, "0102")
    gone = factory.pupil(school, lower, name="已转走")
    by = factory.staff(school, "principal")
    with factory.session(school.scope) as session:
        made = promotion.move_up(session, school_id=school.id, on=TODAY, teachers_move=[lower], by=by.id).id
        session.execute(update(Pupil).where(Pupil.id == gone).values(left_on=TODAY))
    by.sign_in(client)
    told = client.post(f"{school.path}promotions/{made}/undoing")
    assert told.status_code == 422
    assert "已转走" in told.text
    with factory.session(school.scope) as session:
        session.execute(update(Pupil).where(Pupil.id == gone).values(left_on=None))
        session.add(ClassTeacher(school_id=school.id, class_id=lower, staff_id=other.id, starts_on=TODAY))
    with pytest.raises(Exception, match="undo_teachers"):
        undo_today(factory, school, made, by.id)


def test_who_went_to_another_school_since_stays_away_when_a_moving_up_is_undone(
    factory: Factory, school: Place
) -> None:
    lower, last = make_class(factory, school, "0501"), make_class(factory, school, "0601")
    stays, moved, graduate = (factory.pupil(school, one) for one in (lower, lower, last))
    by = factory.staff(school, "principal").id

    def transfer(pupil_id: int) -> None:
        with factory.session(school.scope) as session:
            package, _ = transfer_actions.offer_pupil(
                session, session.get_one(Pupil, (school.id, pupil_id)), to_school_id=None, to_name="省城小学",
                from_name="本校", chapters=(), today=TODAY, by=by,
            )  # fmt: skip
            transfer_actions.confirm_outside(session, package, by=by)
            transfer_actions.forget_received(session, school_id=school.id, today=TODAY)

    with factory.session(school.scope) as session:
        made = promotion.move_up(session, school_id=school.id, on=TODAY, by=by).id
    for gone in (moved, graduate):
        transfer(gone)
    undo_today(factory, school, made, by)
    assert codes(factory, school) == {stays: "0501"}
