"""The filing, the summaries, both dashboards and `lxsaas indicators show` tell the same of the same day."""

import json
import re
from collections import Counter
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask

from lxsaas.archive.models import ChildProfile, TemporaryGuardian
from lxsaas.care.models import CareKind
from lxsaas.core.changes import note_change
from lxsaas.core.scope import operating
from lxsaas.filings.asking import set_filing_call
from lxsaas.filings.drafting import Sheet, Source, asked_of, read_sheet
from lxsaas.indicators import commands
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.figures import bounds_of
from lxsaas.pupils.models import Guardian, LeftBehindSpell, Pupil
from lxsaas.schools.actions import set_filing_day
from lxsaas.schools.models import District, Term
from lxsaas.summaries.district_figures import year_of_district
from tests.factories import Factory, Person
from tests.summaries.conftest import TODAY, YEAR, House, build_house

Summary = dict[str, dict[str, Any]]
DAY = date(YEAR + 1, 6, 30)
"""The newest counted day of the year, and the filing's cut-off day."""
TERM = f"{YEAR}-2"
COUNTED = (date(YEAR, 10, 31), date(YEAR + 1, 3, 31), date(YEAR + 1, 4, 30), DAY)
BY = ("register", "state_council_2016_3m")
SAID = {"grandparents": 4, "relatives": 2, "others": 1, "alone": 1}


@pytest.fixture(scope="module")
def village(app: Flask) -> House:
    """The house with nine children more, of every kind that is told of, counted once more."""
    house = build_house(app, Factory(app))
    class_id = house.factory.school_class(house.school, house.teacher, 6)
    for number, home in enumerate(Counter(SAID).elements()):
        add_child(house, class_id, number, home)
    old = add_child(house, class_id, 8, "grandparents", ("register",), born_on=date(YEAR - 15, 6, 30))
    with house.factory.session(house.school.scope) as session:
        session.execute(sa.update(Pupil).values(is_boarding=False, health="10").where(Pupil.id != old))
        session.execute(sa.update(Pupil).values(is_boarding=True, health="50").where(Pupil.id == old))
        note_change(session, school_id=house.school.id, starts_on=date(YEAR, 8, 1), ends_on=None)
    for child in house.children[:3]:
        add_profile(house, child, "parent" if child == house.children[0] else "grandparents")
    for day in COUNTED:
        house.count(day)
    return house


def add_child(
    house: House, class_id: int, number: int, home: str, counts_by: tuple[str, ...] = BY, **values: Any
) -> int:
    """A child, one in three with one parent away; the first has a temporary guardian, the second no file."""
    child = house.factory.pupil(house.school, class_id, **({"born_on": date(YEAR - 9, 5, 1)} | values))
    house.factory.left_behind(house.school, child, definitions=counts_by)
    with house.factory.session(house.school.scope) as session:
        if number % 3 == 2:
            session.execute(
                sa.update(LeftBehindSpell).values(kind="one").where(LeftBehindSpell.pupil_id == child)
            )
        if number == 0:
            session.add(TemporaryGuardian(
                school_id=house.school.id, pupil_id=child, name="姨", relation="97", phone_sealed=b"",
                starts_on=date(YEAR, 9, 1), recorded_by=house.teacher.id,
            ))  # fmt: skip
    if number == 1:
        with house.factory.session(house.school.scope) as session:
            session.add(Guardian(
                school_id=house.school.id, pupil_id=child, position=1, name="奶奶", relation="62",
                is_at_home=True,
            ))  # fmt: skip
    else:
        add_profile(house, child, home)
    for kind in (CareKind.TALK, CareKind.PARENT_CALL)[: number % 3]:
        house.factory.care(house.school, child, house.teacher, kind, date(YEAR + 1, 6, 3 + number))
    return child


def add_profile(house: House, child: int, home: str) -> None:
    with house.factory.session(house.school.scope) as session:
        session.add(ChildProfile(
            school_id=house.school.id, pupil_id=child, recorded_by=house.principal.id, no_history=True,
            lives_with=home, guardianship="good", is_registered=True,
        ))  # fmt: skip


def filing(house: House, definition: str) -> Sheet:
    """The table of the day as the district asks for it under a definition."""
    officer = house.factory.officer(house.district)
    with house.factory.session(operating()) as session:
        district = session.get_one(District, house.district.id)
        set_filing_day(session, district=district, term=TERM, due_on=DAY)
    with house.factory.session(house.district.scope) as session:
        term = session.scalars(sa.select(Term).where(Term.name == TERM)).one()
        set_filing_call(session, term, cut_off_on=DAY, definition=definition, by=officer.id)
    with house.factory.session(house.school.scope) as session:
        term = session.scalars(sa.select(Term).where(Term.name == TERM)).one()
        source = Source.draft(house.school.id, asked_of(session, house.district.id, term))
        return read_sheet(session, source)


def shown(house: House, place: str, slug: str, day: date) -> list[dict[str, Any]]:
    """What `lxsaas indicators show` says of a day."""
    arguments = ["show", place, slug, "--as-of", day.isoformat(), "--json"]
    result = CliRunner().invoke(commands.indicators, arguments, obj=lambda: house.app, catch_exceptions=False)
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


@pytest.fixture(scope="module")
def summary(village: House) -> Summary:
    """The figures of the school's annual summary, by their codes."""
    house, at = village, village.begin()
    with house.factory.session(house.school.scope) as session:
        query = sa.text("select figures from annual_summary where id = :id")
        kept = session.scalar(query, {"id": int(at.rsplit("/", 1)[1])})
    return {one["code"]: one for one in kept}


def parts(summary: Summary, code: str) -> dict[str, int]:
    return dict(summary[code]["parts"])


def test_the_filing_and_the_summary_divide_the_same_children_alike(village: House, summary: Summary) -> None:
    """The summary tells of every age; the table ends below 16, and one child of the twelve is 16."""
    table = filing(village, "register")
    assert (summary["left_behind"]["value"], table.total["total"], table.adds_up) == (12, 11, False)
    kinds, homes = parts(summary, "left_behind_kinds"), parts(summary, "left_behind_guardians")
    boarding, grades = parts(summary, "left_behind_boarding"), parts(summary, "left_behind_grades")
    older = {"双亲留守": 0, "单亲留守": 1}
    assert kinds["双亲留守"] - older["双亲留守"] == table.total["both_away"]
    assert kinds["单亲留守"] - older["单亲留守"] == table.total["one_away"]
    assert (boarding["住校"] - 1, boarding["走读"]) == (table.total["boarders"], table.total["day_pupils"])
    assert grades.pop("6年级") - 1 == table.grades[6]["total"]
    assert grades == {f"{grade}年级": row["total"] for grade, row in table.grades.items() if grade != 6}
    told = [homes[one] for one in ("祖辈", "其他亲属", "其他人", "无人照护")]
    keepers = ("with_grandparents", "with_relatives", "with_others", "with_nobody")
    assert [told[0] - 1, *told[1:]] == [table.total[one] for one in keepers]
    # With a parent although both are said to be away: the table asks, the summary says what the file does.
    assert homes["父亲或母亲"] == len(table.faults["keeper"]) == 1


def test_the_filing_counts_the_care_targets_of_its_definition(village: House) -> None:
    table = filing(village, "state_council_2016_3m")
    own = {one["indicator"]: one for one in shown(village, "--school", village.school.slug, DAY)}
    assert table.total["total"] == own["care_targets"]["numerator"]


def test_the_summary_sums_what_every_other_place_shows(village: House, summary: Summary) -> None:
    """Of each indicator: the exact parts at the school, and at the district what is not hidden of them."""
    sums = sums_of([shown(village, "--school", village.school.slug, day) for day in COUNTED])
    told = {code: held if INDICATORS[code].is_rate else held[0] for code, held in sums.items()}
    assert {code: summary[code]["value"] for code in INDICATORS} == told
    with village.factory.session(village.district.scope) as session:
        year = year_of_district(session, village.district.id, YEAR, TODAY)
        assert year is not None
    for code, one in year.sums["district", village.district.id].items():
        assert one.left_out or one.least <= sums[code][0] <= one.most, code
        assert one.left_out or one.due == sums[code][1], code


def sums_of(days: list[list[dict[str, Any]]]) -> dict[str, list[int]]:
    """Of each indicator the sum of its months and terms, each as it was counted last, or the last day's."""
    newest = {(one["indicator"], one["starts_on"]): one for rows in days for one in rows}
    found: dict[str, list[int]] = {}
    for (code, first), one in newest.items():
        if INDICATORS[code].period != "day" or first == DAY.isoformat():
            held = found.setdefault(code, [0, 0])
            held[:] = [held[0] + one["numerator"], held[1] + (one["denominator"] or 0)]
    return found


def test_both_dashboards_show_the_figures_of_the_command(village: House) -> None:
    exact = {one["indicator"]: one for one in shown(village, "--school", village.school.slug, DAY)}
    own = page_of(village, village.principal, f"{village.school.path}figures")
    published = {
        (one["level"], one["indicator"]): one
        for one in shown(village, "--district", village.district.slug, DAY)
    }
    for code, one in exact.items():
        assert said(one) in own, code
        at_school = bounds(published["school", code])
        for level in ("school", "township", "district"):
            row = published[level, code]
            if at_school is None:
                # Hidden altogether; sums leave it out.
                assert level == "school" or row["denominator"] in (0, None), (level, code)
            else:
                assert row["denominator"] == one["denominator"], (level, code)
                least, most = bounds(row) or at_school
                assert least <= one["numerator"] <= most, (level, code)
    officer = village.factory.officer(village.district)
    page = page_of(village, officer, f"{village.district.path}schools/{village.school.id}")
    open_ones = [one for (level, _), one in published.items() if level == "school" and one["hidden"] is None]
    assert len(open_ones) > 10
    assert [one["indicator"] for one in open_ones if said(one) not in page] == []


def bounds(row: dict[str, Any]) -> tuple[int, int] | None:
    """The least and the most that a published numerator can be."""
    indicator = INDICATORS[row["indicator"]]
    return bounds_of(indicator, row["numerator"], row["denominator"], row["hidden"], row["slack"])


def page_of(house: House, person: Person, address: str) -> str:
    """A page without its blanks."""
    return re.sub(r"\s+", "", house.client(person).get(address).text)


def said(one: dict[str, Any]) -> str:
    """A figure as pages say it: its parts, or the number."""
    if one["denominator"] is None:
        return f">{one['numerator']}<"
    return f"{one['numerator']}/{one['denominator']}"
