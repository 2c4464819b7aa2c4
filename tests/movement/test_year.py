"""Moving up and back again, files handed over, who entered and who left; every past day stays answerable."""

from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from lxsaas.accounts.models import ClassTeacher
from lxsaas.core import clock
from lxsaas.core.scope import operating
from lxsaas.movement import promotion, promotion_undo, queries, transfer_actions
from lxsaas.movement.changes import changes_between
from lxsaas.movement.models import ClassMembership, Handover, Promotion
from lxsaas.pupils.actions import renew_spells
from lxsaas.pupils.models import LeftBehindSpell, ParentAbsence, Pupil
from lxsaas.schools.models import SchoolClass, Term
from tests.factories import Factory, Person, Place
from tests.guardrails.test_routes import text_of

TODAY = clock.today("Asia/Shanghai")


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


def test_a_class_with_a_new_homeroom_teacher_stands_out_until_its_files_are_listed(
    factory: Factory, client: FlaskClient, school: Place
) -> None:
    before, now = factory.staff(school), factory.staff(school)
    class_id = make_class(factory, school, "0301", before)
    with factory.session(school.scope) as session:
        session.execute(update(ClassTeacher).where(ClassTeacher.class_id == class_id).values(ends_on=TODAY))
        session.add(ClassTeacher(school_id=school.id, class_id=class_id, staff_id=now.id, starts_on=TODAY))
        assert session.scalars(queries.classes_to_hand_over(TODAY, TODAY)).all() == [class_id]
    factory.staff(school, "principal").sign_in(client)
    address = f"{school.path}classes/{class_id}/handovers/new"
    form = client.get(address).text
    for one in (before, now):
        assert f'selected value="{one.id}"' in form
    client.post(address, data={"from_staff": before.id, "to_staff": now.id})
    for earlier in (timedelta(0), timedelta(days=30)):
        with factory.session(school.scope) as session:
            session.execute(update(Handover).values(made_at=Handover.made_at - earlier))
            assert session.scalars(queries.classes_to_hand_over(TODAY, TODAY)).all() == []


def test_a_class_is_handed_over_with_a_list_that_both_sign(
    factory: Factory, app: Flask, client: FlaskClient, school: Place
) -> None:
    giver, receiver, stranger = (factory.staff(school) for _ in range(3))
    class_id = make_class(factory, school, "0301", giver)
    factory.pupil(school, class_id, name="移交的学生")
    principal = factory.staff(school, "principal").sign_in(client)
    same = principal.post(
        f"{school.path}classes/{class_id}/handovers/new", data={"from_staff": giver.id, "to_staff": giver.id}
    )
    assert same.status_code == 422
    page = principal.post(
        f"{school.path}classes/{class_id}/handovers/new",
        data={"from_staff": giver.id, "to_staff": receiver.id},
    ).location
    assert "移交的学生" in principal.get(page).text
    browsers = {one.id: one.sign_in(app.test_client()) for one in (giver, receiver, stranger)}
    assert browsers[stranger.id].get(page).status_code == 404
    sign = f"{page}/signature"
    browsers[receiver.id].post(sign)
    assert "signed on" not in browsers[giver.id].get(page, headers={"Accept-Language": "en"}).text
    browsers[giver.id].post(sign)
    browsers[giver.id].post(sign)
    browsers[receiver.id].post(sign)
    signed = browsers[giver.id].get(page, headers={"Accept-Language": "en"}).text
    assert signed.count("signed on") == 2


def test_somebody_else_can_be_named_where_a_colleague_left_before_signing(
    factory: Factory, app: Flask, client: FlaskClient, school: Place
) -> None:
    gone, giver, receiver, other = (factory.staff(school) for _ in range(4))
    class_id = make_class(factory, school, "0301", giver)
    principal = factory.staff(school, "principal", language="en").sign_in(client)
    form = f"{school.path}classes/{class_id}/handovers/new"
    page = principal.post(form, data={"from_staff": gone.id, "to_staff": receiver.id}).location
    assert form in principal.get(page).text
    assert principal.post(form, data={"from_staff": giver.id, "to_staff": receiver.id}).location == page
    giver.sign_in(app.test_client()).post(f"{page}/signature")
    refused = principal.post(form, data={"from_staff": gone.id, "to_staff": other.id})
    assert refused.status_code == 422
    assert 'id="from_staff-error"' in refused.text
    assert principal.post(form, data={"from_staff": giver.id, "to_staff": other.id}).location == page
    other.sign_in(app.test_client()).post(f"{page}/signature")
    assert principal.get(page).text.count("signed on") == 2
    assert form not in principal.get(page).text


def test_one_kind_of_left_behind_may_follow_another_without_a_break(factory: Factory, school: Place) -> None:
    """The day on which a child entered or left is not that on which the second parent went or came."""
    class_id = make_class(factory, school, "0301")
    came, went = factory.pupil(school, class_id), factory.pupil(school, class_id)
    first, day = TODAY - timedelta(days=300), timedelta(days=1)
    with factory.session(school.scope) as session:
        for pupil_id, parent, starts, ends in (
            (came, "father", first - 60 * day, None), (came, "mother", first + 60 * day, None),
            (went, "father", first - 900 * day, first + 40 * day),
            (went, "mother", first - 900 * day, first + 90 * day),
        ):  # fmt: skip
            session.add(
                ParentAbsence(
                    school_id=school.id, pupil_id=pupil_id, parent=parent, starts_on=starts, ends_on=ends,
                    start_is_estimated=False, source="staff",
                )
            )  # fmt: skip
        session.flush()
        renew_spells(session, school_id=school.id, pupil_ids=[came, went])
        found = changes_between(session, select(Pupil), "register", first, TODAY)
        entered, left = ([(one.pupil.id, one.on) for one in listed] for listed in (found.entered, found.left))
    assert entered == [(came, clock.add_months(first - 60 * day, 3))]
    assert left == [(went, first + 90 * day)]


def test_who_entered_and_who_left_is_told_with_the_reason(
    factory: Factory, client: FlaskClient, school: Place
) -> None:
    teacher = factory.staff(school)
    class_id = make_class(factory, school, "0301", teacher)
    came, went, stays = (factory.pupil(school, class_id, name=name) for name in ("新来", "回来", "一直"))
    with factory.session(school.scope) as session:
        for pupil_id, starts, ends in (
            (came, -110, None),
            (went, -900, -10),
            (stays, -900, None),
        ):
            for parent in ("father", "mother"):
                session.add(
                    ParentAbsence(
                        school_id=school.id, pupil_id=pupil_id, parent=parent, start_is_estimated=False,
                        starts_on=TODAY + timedelta(days=starts), source="staff",
                        ends_on=TODAY + timedelta(days=ends) if ends else None,
                    )
                )  # fmt: skip
        session.flush()
        renew_spells(session, school_id=school.id, pupil_ids=[came, went, stays])
        found = changes_between(
            session, select(Pupil), "state_council_2016_3m", TODAY - timedelta(days=30), TODAY
        )
        assert [(one.pupil.id, one.reason) for one in found.entered] == [
            (came, "a parent has been away long enough")
        ]
        assert [(one.pupil.id, one.reason) for one in found.left] == [(went, "a parent has come back")]
    page = teacher.sign_in(client).get(f"{school.path}left-behind-changes").text
    assert "新来" in page
    assert "一直" not in page
    assert client.post(f"{school.path}left-behind-changes.xlsx").data.startswith(b"PK")


absences = st.lists(
    st.tuples(st.sampled_from(["father", "mother"]), st.integers(0, 2000), st.integers(1, 900) | st.none()),
    max_size=6,
)
moves = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 400)), max_size=5)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(absences=absences, moves=moves)
def test_spells_and_classes_never_overlap_and_each_day_has_one_answer(
    absences: list[tuple[str, int, int | None]],
    moves: list[tuple[int, int]],
    factory: Factory,
    school: Place,
) -> None:
    classes = [factory.school_class(school) for _ in range(3)]
    pupil_id = factory.pupil(school, classes[0], enrolled_on=date(2022, 9, 1))
    ends: dict[str, date] = {}
    day = date(2022, 9, 1)
    with factory.session(school.scope) as session:
        for parent, offset, length in sorted(absences, key=lambda one: one[1]):
            starts_on = date(2018, 1, 1) + timedelta(days=offset)
            if starts_on < ends.get(parent, date.min):
                continue
            ends_on = starts_on + timedelta(days=length) if length else None
            ends[parent] = ends_on or date.max
            session.add(
                ParentAbsence(
                    school_id=school.id, pupil_id=pupil_id, parent=parent, starts_on=starts_on,
                    ends_on=ends_on, start_is_estimated=False, source="staff",
                )
            )  # fmt: skip
        session.flush()
        renew_spells(session, school_id=school.id, pupil_ids=[pupil_id])
        expected = {day: classes[0]}
        for index, later in moves:
            day += timedelta(days=later)
            session.execute(text("select set_config('lx.moved_on', :day, true)"), {"day": str(day)})
            session.execute(update(Pupil).where(Pupil.id == pupil_id).values(class_id=classes[index]))
            expected[day] = classes[index]
        held = {
            row.pupil_id: row.code
            for on in expected
            for row in session.execute(queries.membership_on([pupil_id], on))
        }
        assert held
        for on, class_id in expected.items():
            code = session.get_one(SchoolClass, (school.id, class_id)).code
            assert session.execute(queries.membership_on([pupil_id], on)).all() == [(pupil_id, code)]
        spells = session.scalars(select(LeftBehindSpell).where(LeftBehindSpell.pupil_id == pupil_id)).all()
        for one in spells:
            for other in spells:
                if one is not other and one.definition == other.definition:
                    assert one.ends_on is not None or other.ends_on is not None
                    assert (one.ends_on or date.max) <= other.starts_on or (
                        other.ends_on or date.max
                    ) <= one.starts_on


def test_many_changes_take_as_many_queries_as_few_and_show_ones_own_classes_alone(
    factory: Factory, client: FlaskClient, school: Place
) -> None:
    teacher = factory.staff(school)
    own, other = make_class(factory, school, "0301", teacher), make_class(factory, school, "0302")
    stranger = factory.pupil(school, other, name="别班的孩子")
    factory.left_behind(school, stranger, starts_on=TODAY - timedelta(days=3))
    teacher.sign_in(client)
    counted = []
    for more in (1, 10):
        for _ in range(more):
            factory.left_behind(school, factory.pupil(school, own), starts_on=TODAY - timedelta(days=3))
        with factory.counting_queries() as sent:
            page = client.get(f"{school.path}left-behind-changes").text
        counted.append(len(sent))
    assert counted[0] == counted[1]
    assert "别班的孩子" not in page
    export = text_of(client.post(f"{school.path}left-behind-changes.xlsx").data)
    assert "0301" in export
    assert "别班的孩子" not in export
