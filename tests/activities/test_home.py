"""The children's home (P22): opened, visited, closed; what counts; rooms, inventory and duty."""

from datetime import timedelta

from sqlalchemy import select

from lxsaas.activities.models import HomeItem, HomeOpening, HomeOpeningStaff, HomeVisitor
from lxsaas.indicators.engine import run_as_of
from lxsaas.indicators.models import SchoolIndicator
from tests.activities.conftest import TODAY, School

KEY = "6d1f0f5e-0000-4000-8000-000000000022"


def opening(school: School) -> HomeOpening:
    with school.factory.session(school.place.scope) as session:
        found = session.scalars(select(HomeOpening)).one()
        session.expunge(found)
    return found


def test_it_is_opened_by_two_visited_called_from_and_closed(school: School) -> None:
    client = school.as_(school.teacher)
    duty = {"staff_ids": [school.teacher.id, school.colleague.id], "client_key": KEY}
    for _ in range(2):
        assert client.post(school.url("home/opening"), data=duty).status_code == 302
    page = client.get(school.url("home")).text
    assert "甲0" in page
    row = opening(school)
    assert (row.opened_on, row.closes_at, row.calls) == (TODAY, None, 0)
    here = school.url(f"home-openings/{row.id}")
    taps = {"people": school.children[:2], "next": school.url("home")}
    assert client.post(f"{here}/visitors", data=taps).location == school.url("home")
    client.post(f"{here}/calls")
    client.post(f"{here}/calls")
    form = {"closes_at": "23:59", "calls": "2", "words": "看图画书"}
    assert client.post(f"{here}/closing", data=form).status_code == 302
    closed = opening(school)
    assert (f"{closed.closes_at:%H:%M}", closed.calls, closed.words) == ("23:59", 2, "看图画书")
    assert school.count(HomeVisitor) == 2
    assert school.count(HomeOpeningStaff) == 2
    assert client.post(f"{here}/calls").status_code == 302
    assert opening(school).calls == 2


def test_opened_and_closed_within_a_minute_it_still_ends_after_it_began(school: School) -> None:
    client = school.as_(school.teacher)
    client.post(school.url("home/opening"), data={"staff_ids": [school.teacher.id]})
    row = opening(school)
    answer = client.post(
        school.url(f"home-openings/{row.id}/closing"), data={"closes_at": f"{row.opens_at:%H:%M}"}
    )
    assert answer.status_code == 302
    closed = opening(school)
    assert closed.closes_at is not None
    assert closed.closes_at > closed.opens_at


def test_a_time_before_it_opened_is_told_at_its_field(school: School) -> None:
    client = school.as_(school.teacher)
    form = {"opened_on": str(TODAY), "opens_at": "16:30", "staff_ids": [school.teacher.id]}
    row = school.enter(client, "home-openings", **form).rsplit("/", 1)[-1]
    closing = {"closes_at": "09:15", "words": "看图画书"}
    refused = client.post(school.url(f"home-openings/{row}/closing"), data=closing)
    assert refused.status_code == 422
    assert 'id="closes_at-error"' in refused.text
    assert "看图画书" in refused.text
    assert opening(school).closes_at is None


def test_it_is_not_opened_twice_nor_by_nobody(school: School) -> None:
    client = school.as_(school.teacher)
    refused = client.post(school.url("home/opening"), data={})
    assert refused.status_code == 422
    assert "lx-error" in refused.text
    client.post(school.url("home/opening"), data={"staff_ids": [school.teacher.id], "client_key": KEY})
    again = school.as_(school.colleague).post(
        school.url("home/opening"), data={"staff_ids": [school.colleague.id]}
    )
    assert again.status_code == 422
    assert school.count(HomeOpening) == 1


def test_what_was_left_open_yesterday_is_asked_for(school: School) -> None:
    client = school.as_(school.teacher)
    form = {
        "opened_on": str(TODAY - timedelta(days=1)),
        "opens_at": "16:30",
        "staff_ids": [school.teacher.id],
    }
    page = school.enter(client, "home-openings", **form)
    assert f"{page.rsplit('/', 1)[-1]}/edit" in client.get(school.url("home")).text


def test_the_roster_says_who_is_on_duty_and_who_is_ticked(school: School) -> None:
    principal = school.as_(school.principal)
    form = {
        "weekday": TODAY.isoweekday(), "opens_at": "16:30", "closes_at": "18:00",
        "first_staff_id": school.teacher.id, "second_staff_id": school.colleague.id,
        "starts_on": "2026-09-01",
    }  # fmt: skip
    same = principal.post(school.url("home-duty/entries"), data=form | {"second_staff_id": school.teacher.id})
    assert same.status_code == 422
    assert 'id="second_staff_id-error"' in same.text
    school.enter(principal, "home-duty", **form)
    page = school.as_(school.teacher).get(school.url("home")).text
    for person in (school.teacher, school.colleague):
        box = page.split(f'value="{person.id}"', 1)[0].rsplit("<input", 1)[1]
        assert "checked" in box


def test_the_inventory_belongs_to_a_room_and_is_kept_by_the_principal(school: School) -> None:
    principal = school.as_(school.principal)
    room = school.enter(principal, "home-rooms", name="留守儿童之家")
    item = {
        "name": "电话机", "kind": "telephone", "quantity": "2", "condition": "broken",
        "checked_on": str(TODAY), "parent": room.rsplit("/", 1)[-1],
    }  # fmt: skip
    school.enter(principal, "home-items", **item)
    assert "电话机" in principal.get(room).text
    assert school.count(HomeItem) == 1
    teacher = school.as_(school.teacher)
    assert "show=faulty" in teacher.get(school.url("home")).text
    assert teacher.post(school.url("home-items/entries"), data=item).status_code == 403


def test_a_week_counts_with_two_openings_of_two_and_the_page_says_what_the_night_counts(
    school: School,
) -> None:
    client = school.as_(school.principal)
    monday = TODAY - timedelta(days=TODAY.weekday() + 7)
    pair = [school.teacher.id, school.colleague.id]
    for day, staff in ((0, pair), (2, pair), (3, pair[:1])):
        form = {
            "opened_on": str(monday + timedelta(days=day)), "opens_at": "16:30", "closes_at": "18:00",
            "staff_ids": staff, "calls": "3",
        }  # fmt: skip
        school.enter(client, "home-openings", **form)
    page = client.get(school.url("home/statistics")).text
    assert f"{monday:%m-%d}" in page
    assert '<td class="lx-num">2</td>' in page
    with school.app.app_context():
        run_as_of(school.place.district_id, monday + timedelta(days=6))
    with school.factory.session(school.place.scope) as session:
        query = select(SchoolIndicator.numerator).where(SchoolIndicator.indicator == "home_open_weekly")
        assert session.scalars(query).first() == 1


def test_who_was_on_duty_is_changed_with_its_past_kept(school: School) -> None:
    client = school.as_(school.teacher)
    form = {"opened_on": str(TODAY), "opens_at": "16:30", "closes_at": "18:00"}
    page = school.enter(client, "home-openings", **form, staff_ids=[school.teacher.id])
    changed = {**form, "staff_ids": [school.teacher.id, school.colleague.id], "version": "1"}
    assert client.post(f"{page}/edit", data=changed).status_code == 302
    assert school.count(HomeOpeningStaff) == 2
    assert "→" in client.get(page).text
