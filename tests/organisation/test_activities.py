"""P4: each class, each week: planned, done with a tap, gaps in a calendar; one sees one's own classes."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from lxsaas.indicators.explaining import explain
from lxsaas.organisation.models import ClassActivity
from tests.organisation.conftest import MONDAY, TODAY, Staffroom

LAST_WEEK = MONDAY - timedelta(days=7)


def plan(room: Staffroom, **more: object) -> str:
    form = {"class_id": room.class_id, "week_on": str(TODAY), "planned": "Write to our parents"} | more
    return room.post(room.teacher, "class-activities/entries", **form)


def held(room: Staffroom) -> ClassActivity:
    with room.factory.session(room.place.scope) as session:
        found = session.scalars(select(ClassActivity)).one()
        session.expunge(found)
    return found


def test_a_week_is_planned_on_any_of_its_days_and_done_with_a_tap(staffroom: Staffroom) -> None:
    assert "nothing planned yet" in staffroom.page(staffroom.teacher, "week")
    activity = plan(staffroom)
    assert held(staffroom).week_on == MONDAY
    assert "Write to our parents" in staffroom.page(staffroom.teacher, "week")
    staffroom.client(staffroom.teacher).post(f"{activity}/completion", data={"from": "calendar"})
    done = held(staffroom)
    assert (done.held_on, done.done) == (min(TODAY, MONDAY + timedelta(days=4)), "Write to our parents")
    assert "Class activity of this week" not in staffroom.page(staffroom.teacher, "week")


def test_a_week_that_is_over_is_done_on_its_friday(staffroom: Staffroom) -> None:
    activity = plan(staffroom, week_on=str(LAST_WEEK))
    staffroom.client(staffroom.teacher).post(f"{activity}/completion")
    assert held(staffroom).held_on == LAST_WEEK + timedelta(days=4)


def test_tapped_again_it_stays_on_the_day_that_was_entered(staffroom: Staffroom) -> None:
    tuesday = LAST_WEEK + timedelta(days=1)
    activity = plan(staffroom, week_on=str(LAST_WEEK), held_on=str(tuesday))
    assert staffroom.client(staffroom.teacher).post(f"{activity}/completion").status_code == 302
    assert (held(staffroom).held_on, held(staffroom).version) == (tuesday, 1)


def test_the_calendar_and_the_indicator_see_the_same_gaps(staffroom: Staffroom) -> None:
    done = {"week_on": str(LAST_WEEK), "held_on": str(LAST_WEEK + timedelta(days=2))}
    plan(staffroom, **done)
    shown = staffroom.page(staffroom.principal, "class-activities/calendar")
    with staffroom.factory.session(staffroom.place.scope) as session:
        found = explain(
            session, school_id=staffroom.place.id, district_id=staffroom.place.district_id,
            code="weekly_activity", as_of=LAST_WEEK + timedelta(days=6),
        )  # fmt: skip
    counted = [one.item for one in found.due if one.is_counted and one.day == LAST_WEEK]
    assert counted == [staffroom.class_id]
    row = shown.split(f">{LAST_WEEK:%m-%d}", 1)[1].split("</tr>", 1)[0]
    assert row.count("lx-good") == 1
    assert row.count("lx-poor") == 1


def test_a_gap_in_the_calendar_opens_the_form_for_its_class_and_week(staffroom: Staffroom) -> None:
    path = f"class-activities/new?week={LAST_WEEK}&class={staffroom.class_id}"
    assert path.replace("&", "&amp;") in staffroom.page(staffroom.teacher, "class-activities/calendar")
    form = staffroom.page(staffroom.teacher, path)
    assert f'value="{LAST_WEEK}"' in form
    assert f'<option selected value="{staffroom.class_id}">' in form


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"held_on": str(TODAY + timedelta(days=1))}, "held_on"),
        ({"held_on": str(LAST_WEEK)}, "held_on"),
        ({"done": "something"}, "held_on"),
        ({"week_on": ""}, "week_on"),
        ({"planned": ""}, "planned"),
        ({"week_on": "2090-01-01"}, "week_on"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    wrong: dict[str, object], field: str, staffroom: Staffroom
) -> None:
    form = {"class_id": staffroom.class_id, "week_on": str(TODAY), "planned": "kept"} | wrong
    client = staffroom.client(staffroom.teacher)
    answer = client.post(f"{staffroom.place.path}class-activities/entries", data=form)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


def test_a_homeroom_teacher_sees_and_enters_own_classes_only(staffroom: Staffroom) -> None:
    activity = plan(staffroom)
    colleague = staffroom.client(staffroom.colleague)
    for address in (activity, f"{activity}/edit", f"{activity}/print"):
        assert colleague.get(address).status_code == 404
    assert colleague.post(f"{activity}/completion").status_code == 404
    form = {"class_id": staffroom.class_id, "week_on": str(TODAY), "planned": "x"}
    answer = colleague.post(f"{staffroom.place.path}class-activities/entries", data=form)
    assert answer.status_code == 422
    assert 'id="class_id-error"' in answer.text
    assert "Write to our parents" in staffroom.page(staffroom.principal, "class-activities")
    far = staffroom.factory.staff(staffroom.factory.school(), "principal")
    own_address = activity.replace(staffroom.place.path, far.place.path)
    assert far.sign_in(staffroom.app.test_client()).get(own_address).status_code == 404
    officer = staffroom.factory.officer(staffroom.factory.district())
    assert officer.sign_in(staffroom.app.test_client()).get(activity).status_code == 302


def test_a_calendar_of_many_classes_takes_as_many_queries_as_one_of_few(staffroom: Staffroom) -> None:
    client = staffroom.client(staffroom.principal)
    counted = []
    for more in (0, 10):
        for _ in range(more):
            staffroom.factory.school_class(staffroom.place, grade=6)
        with staffroom.factory.counting_queries() as queries:
            client.get(f"{staffroom.place.path}class-activities/calendar")
        counted.append(len(queries))
    assert counted[0] == counted[1]
