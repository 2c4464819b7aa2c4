"""Children tapped onto a row: kept tap by tap, by who may see them, at the same time as others' taps."""

from sqlalchemy import select

from lxsaas.activities.models import ActivityParticipant
from lxsaas.core.audit import AuditEntry
from lxsaas.core.changes import ChangeLog
from tests.activities.conftest import TODAY, School


def activity(school: School, **more: object) -> str:
    """The address of an activity of today."""
    form = {"kind": "theme_class", "title": "安全出行", "held_on": str(TODAY)} | more
    return school.enter(school.as_(school.teacher), "activities", **form)


def on(school: School) -> set[int]:
    with school.factory.session(school.place.scope) as session:
        return set(session.scalars(select(ActivityParticipant.pupil_id)))


def tap(school: School, page: str, person: object, **form: object) -> int:
    client = school.as_(person)  # type: ignore[arg-type]
    return client.post(f"{page}/participants", data=form).status_code


def test_what_is_ticked_is_kept_and_what_is_unticked_goes(school: School) -> None:
    page = activity(school)
    first, second, _ = school.children
    shown = f"{first},{second}"
    assert tap(school, page, school.teacher, people=[first, second], shown=shown) == 302
    assert on(school) == {first, second}
    assert tap(school, page, school.teacher, was=shown, people=[second], shown=shown) == 302
    assert on(school) == {second}


def test_two_who_tap_at_the_same_time_do_not_undo_each_other(school: School) -> None:
    page = activity(school)
    first, second, third = school.children
    # Both opened the page while nobody stood on the list.
    tap(school, page, school.teacher, people=[first])
    tap(school, page, school.principal, people=[second])
    tap(school, page, school.teacher, was=f"{first}", people=[first, third])
    assert on(school) == {first, second, third}


def test_a_tap_by_script_answers_how_many_and_what_the_next_is_compared_with(school: School) -> None:
    page, client = activity(school), school.as_(school.teacher)
    first, second, _ = school.children
    form = {"people": [first, second], "shown": f"{first},{second}"}
    answer = client.post(f"{page}/participants", data=form, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert f'name="was" value="{first},{second}"' in answer.text


def test_a_search_keeps_what_was_ticked_before(school: School) -> None:
    page, client = activity(school), school.as_(school.principal)
    form = {"people": school.children[0], "then": "find", "q": "乙1"}
    answer = client.post(f"{page}/participants", data=form)
    assert answer.status_code == 200
    assert "乙1" in answer.text
    assert "甲2" not in answer.text.split("<form", 1)[1]
    assert on(school) == {school.children[0]}


def test_a_child_of_another_class_cannot_be_tapped_nor_is_its_name_told(school: School) -> None:
    page = activity(school)
    tap(school, page, school.principal, people=[school.others[0], school.children[0]])
    assert tap(school, page, school.teacher, people=[school.others[1]]) == 404
    shown = school.as_(school.teacher).get(page).text
    assert "甲0" in shown
    assert "乙0" not in shown
    assert "1 child of other classes" in shown or "另有 1" in shown
    assert on(school) == {school.others[0], school.children[0]}


def test_who_was_invited_stands_first_and_all_of_them_come_by_one_button(school: School) -> None:
    page, client = activity(school), school.as_(school.teacher)
    client.post(f"{page}/invited", data={"rule": "targets"})
    listed = client.get(f"{page}/participants").text
    assert "甲0" in listed
    assert "甲2" not in listed
    client.post(f"{page}/participants", data={"rule": "invited"})
    assert on(school) == set(school.children[:2])


def test_the_whole_class_and_the_birthdays_of_the_month_are_invited_at_once(school: School) -> None:
    born = TODAY.replace(year=2016, day=min(TODAY.day, 28))
    class_id = school.factory.school_class(school.place, school.teacher)
    child = school.factory.pupil(school.place, class_id, born_on=born)
    page, client = activity(school), school.as_(school.teacher)
    answer = client.post(f"{page}/invited", data={"rule": "birthdays"})
    assert f'value="{child}"' in client.get(f"{page}/participants").text
    assert answer.status_code == 200
    client.post(f"{page}/participants", data={"rule": "class", "class": class_id})
    assert on(school) == {child}
    assert client.post(f"{page}/invited", data={"rule": "nonsense"}).status_code == 400


def test_each_tap_is_logged_and_has_figures_counted_anew(school: School) -> None:
    page = activity(school)
    tap(school, page, school.teacher, people=[school.children[0]])
    with school.factory.session(school.place.scope) as session:
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "note_activity")).all()
        assert entry.detail == {"roster": "participants", "put": [school.children[0]], "taken": []}
        noted = session.scalars(select(ChangeLog.starts_on)).all()
        assert noted.count(TODAY) == 2


def test_nobody_is_tapped_onto_what_was_withdrawn(school: School) -> None:
    page, client = activity(school), school.as_(school.teacher)
    client.post(f"{page}/withdrawal", data={"version": "1", "reason": "fell out"})
    assert client.get(f"{page}/participants").status_code == 404
    assert tap(school, page, school.teacher, people=[school.children[0]]) == 404
    assert on(school) == set()


def test_nonsense_is_refused(school: School) -> None:
    page = activity(school)
    for value in ("x", "1-x", "9" * 30, "1-2"):
        assert tap(school, page, school.teacher, people=[value]) in (400, 404), value
    assert on(school) == set()


def test_a_list_of_many_takes_as_many_queries_as_one_of_few(school: School) -> None:
    page, client = activity(school), school.as_(school.principal)
    client.post(f"{page}/participants", data={"people": school.children})
    counted = []
    for _ in range(2):
        with school.factory.counting_queries() as queries:
            client.get(f"{page}/participants")
            client.get(page)
        counted.append(len(queries))
        class_id = school.factory.school_class(school.place, school.teacher)
        more = [school.factory.pupil(school.place, class_id) for _ in range(20)]
        client.post(f"{page}/participants", data={"people": more})
    assert counted[0] == counted[1]
