"""Whom activities reach (P23): the forgotten first, and what a child joined on its own page."""

import io
from datetime import timedelta

import openpyxl
from sqlalchemy import select

from lxsaas.indicators.engine import run_as_of
from lxsaas.indicators.models import SchoolIndicator
from tests.activities.conftest import TODAY, School


def hold(school: School, *pupils: int, days_ago: int = 0, **more: object) -> str:
    client = school.as_(school.principal)
    day = str(TODAY - timedelta(days=days_ago))
    page = school.enter(
        client, "activities", **({"kind": "festival", "title": "包粽子", "held_on": day} | more)
    )
    client.post(f"{page}/participants", data={"people": list(pupils)})
    return page


def listed(school: School, person: object, address: str = "activities/reach") -> list[str]:
    """The names in the list, in order."""
    page = school.as_(person).get(school.url(address)).text  # type: ignore[arg-type]
    rows = page.split("<tbody>")[-1].split('<th scope="row">')[1:]
    return [row.split("</a>")[0].rsplit(">", 1)[1] for row in rows]


def test_care_targets_stand_by_how_often_they_joined_the_forgotten_first(school: School) -> None:
    first, second, free = school.children
    hold(school, first, free, days_ago=2)
    hold(school, first)
    hold(school, school.others[0], days_ago=1)
    assert listed(school, school.principal) == ["甲1", "乙0", "甲0"]
    assert listed(school, school.teacher) == ["甲1", "甲0"]
    page = school.as_(school.teacher).get(school.url("activities/reach")).text
    assert "data-chart" in page
    assert second


def test_what_was_withdrawn_or_lies_ahead_reaches_nobody(school: School) -> None:
    page = hold(school, school.children[0])
    hold(school, school.children[1], days_ago=-3)
    client = school.as_(school.principal)
    client.post(f"{page}/withdrawal", data={"version": "1", "reason": "rain"})
    book = client.get(school.url("activities/reach.xlsx"))
    sheet = openpyxl.load_workbook(io.BytesIO(book.data)).worksheets[0]
    counts = {
        row[0].value: row[2].value for row in sheet.iter_rows() if row[0].value in ("甲0", "甲1", "乙0")
    }
    assert counts == {"甲0": 0, "甲1": 0, "乙0": 0}


def test_the_page_and_the_night_agree(school: School) -> None:
    hold(school, school.children[0])
    hold(school, school.children[1], kind="lecture")
    with school.app.app_context():
        run_as_of(school.place.district_id, TODAY)
    with school.factory.session(school.place.scope) as session:
        query = select(SchoolIndicator.indicator, SchoolIndicator.numerator, SchoolIndicator.denominator)
        figures = {row[0]: (row[1], row[2]) for row in session.execute(query)}
    assert figures["activity_reach"] == (2, 3)
    assert figures["safety_lecture"] == (1, 1)


def test_the_childs_page_says_what_it_joined_to_who_may_see_the_child(school: School) -> None:
    hold(school, school.children[0])
    address = school.url(f"pupils/{school.children[0]}/joined")
    assert "包粽子" in school.as_(school.teacher).get(address).text
    assert school.as_(school.colleague).get(address).status_code == 404
    timeline = school.as_(school.teacher).get(school.url(f"pupils/{school.children[0]}/timeline"))
    assert timeline.status_code == 404 or "包粽子" in timeline.text


def test_an_activity_costs_cents_and_is_found_by_its_title(school: School) -> None:
    page = hold(school, school.children[0], cost_cents="35.50", place="操场")
    client = school.as_(school.teacher)
    assert "35.50" in client.get(page).text
    assert "包粽子" in client.post(school.url("activities"), data={"q": "粽"}).text
    assert (
        "/activities/" + page.rsplit("/", 1)[-1]
        not in client.post(school.url("activities"), data={"q": "%"}).text
    )
