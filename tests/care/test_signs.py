"""Birthdays to come, across leap days and the end of the year; what was given; how long forms take."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from lxsaas.care.birthdays import birthday_in, born_between, coming
from lxsaas.care.models import CareKind, FormTiming
from lxsaas.care.timing import LONGEST_MS, note_form_time
from lxsaas.pupils.models import Pupil
from tests.care.desk import TODAY, YESTERDAY, Desk


@pytest.mark.parametrize(
    ("born_on", "year", "day"),
    [
        (date(2016, 2, 29), 2026, date(2026, 2, 28)),
        (date(2016, 2, 29), 2028, date(2028, 2, 29)),
        (date(2016, 2, 28), 2028, date(2028, 2, 28)),
        (date(2016, 12, 31), 2026, date(2026, 12, 31)),
    ],
)
def test_who_was_born_on_the_leap_day_has_a_birthday_each_year(born_on: date, year: int, day: date) -> None:
    assert birthday_in(born_on, year) == day


def found(desk: Desk, born_on: date, today: date) -> list[tuple[date, int]]:
    """Day and age of the child born on a day, as the list of a day shows it."""
    with desk.factory.session(desk.school.scope) as session:
        session.get_one(Pupil, (desk.school.id, desk.child)).born_on = born_on
        session.flush()
        rows = coming(session, select(Pupil).where(Pupil.id == desk.child), today)
        return [(row.day, row.age) for row in rows]


def test_the_list_reaches_over_the_end_of_the_year_and_february(desk: Desk) -> None:
    for born_on, today, expected in (
        (date(2016, 1, 10), date(2026, 12, 20), [(date(2027, 1, 10), 11)]),
        (date(2016, 12, 31), date(2027, 1, 2), [(date(2026, 12, 31), 10)]),
        (date(2016, 2, 29), date(2027, 2, 1), [(date(2027, 2, 28), 11)]),
        (date(2016, 2, 29), date(2028, 2, 10), [(date(2028, 2, 29), 12)]),
        (date(2016, 3, 1), date(2027, 2, 25), [(date(2027, 3, 1), 11)]),
        (date(2016, 1, 20), date(2026, 12, 20), []),
        (date(2016, 12, 16), date(2026, 12, 20), []),
    ):  # fmt: skip
        assert found(desk, born_on, today) == expected, (born_on, today)


def test_every_day_of_the_year_is_found_once_within_the_month_before_it(desk: Desk) -> None:
    with desk.factory.session(desk.school.scope) as session:
        for today in (date(2027, 1, 15), date(2028, 2, 1), date(2026, 12, 25)):
            span = [today + timedelta(days=number) for number in range(31)]
            query = born_between(select(Pupil), span[0], span[-1]).where(Pupil.id == desk.child)
            for day in span:
                session.get_one(Pupil, (desk.school.id, desk.child)).born_on = day.replace(year=2016)
                session.flush()
                assert session.scalars(query).one_or_none(), (today, day)


def test_one_tap_leads_to_the_greeting_and_greeted_is_shown(desk: Desk) -> None:
    with desk.factory.session(desk.school.scope) as session:
        for pupil_id, day in ((desk.child, YESTERDAY), (desk.other, TODAY)):
            session.get_one(Pupil, (desk.school.id, pupil_id)).born_on = birthday_in(day, 2016)
    page = desk.get("birthdays").text
    assert f"pupil={desk.child}&amp;kind=birthday_greeting&amp;back=birthdays" in page
    assert "陈雨桐" not in page
    assert "陈雨桐" in desk.get("birthdays?who=all").text
    answer = desk.post(
        "care-records", pupils=[desk.child], kind=int(CareKind.BIRTHDAY_GREETING),
        occurred_on=TODAY.isoformat(), item=2, giver=2, back="birthdays",
    )  # fmt: skip
    assert answer.headers["Location"].partition("?")[0].endswith("/birthdays")
    page = desk.get("birthdays").text
    assert "greeted" in page
    assert "books" in page.split("Given since")[1]


def test_what_the_week_asks_for_leads_back_to_the_week(desk: Desk) -> None:
    form = desk.get(f"care-records/new?pupil={desk.child}&kind=talk&back=week").text
    assert f'href="{desk.school.path}week"' in form.split('class="lx-actions lx-sticky"')[1]
    answer = desk.post(
        "care-records",
        pupils=[desk.child],
        kind=int(CareKind.TALK),
        occurred_on=TODAY.isoformat(),
        back="week",
    )
    assert answer.headers["Location"].endswith("/week")


def test_gifts_are_summed_by_what_and_from_whom(desk: Desk) -> None:
    desk.record(CareKind.GIFT, item=2, giver=4, pupils=[desk.child, desk.other])
    desk.record(CareKind.GIFT, item=2, giver=4)
    desk.record(CareKind.GIFT)
    withdrawn = desk.record(CareKind.GIFT, item=6)
    desk.post(f"care-records/{withdrawn}/withdrawal", version=1, reason="重复")
    rows = [" ".join(row.split()) for row in desk.get("birthdays").text.split("<tbody>")[1].split("</tr>")]
    assert "books" in rows[0]
    assert [">3<" in rows[0], ">2<" in rows[0], "not said" in rows[1]] == [True, True, True]
    assert "money" not in "".join(rows)


def test_the_principal_sees_how_long_forms_take_and_of_nobody(desk: Desk) -> None:
    for seconds in (8, 10, 12, 14, 40):
        desk.record(elapsed_ms=str(seconds * 1000))
    desk.record(elapsed_ms=str(LONGEST_MS + 1))
    desk.record(elapsed_ms="")
    principal = desk.sign_in("principal")
    row = " ".join(desk.get("form-times", principal).text.split("<tbody>")[1].split("</tr>")[0].split())
    for words in ("Talk", ">5<", ">12 s<", ">29.6 s<"):
        assert words in row, words
    assert desk.get("form-times").status_code == 403
    held = {column.name for column in FormTiming.__table__.columns}
    assert held == {"school_id", "id", "form", "on_day", "elapsed_ms"}


def test_of_a_few_forms_only_the_median_is_shown(desk: Desk) -> None:
    desk.record(elapsed_ms="9000")
    with desk.factory.session(desk.school.scope) as session:
        note_form_time(session, desk.school.id, "letter_template", 61_000)
        note_form_time(session, desk.school.id, "talk", -5)
    rows = desk.get("form-times", desk.sign_in("principal")).text.split("<tbody>")[1].split("</tr>")
    assert "Text of a letter" in rows[0]
    assert ">–<" in rows[0]
    assert "Nothing" not in rows[1]
    assert len(desk.rows(FormTiming)) == 2
    answer = desk.get("form-times?month=2020-01", desk.sign_in("principal"))
    assert answer.status_code == 200
