"""Letters say the pages' figures to the last digit, in both bodies and languages, and name no child."""

import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook

from lxsaas.core.changes import note_change
from lxsaas.core.scope import Scope, aggregating
from lxsaas.extensions import session_for
from lxsaas.indicators import engine
from lxsaas.indicators.commands import figures_of_district, figures_of_school
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.figures import Figure
from lxsaas.reports.letter import Letter
from lxsaas.reports.models import ReportSubscription
from lxsaas.reports.reading import ReportData
from lxsaas.reports.writing import Read, report_data, write_letter
from tests.factories import Factory
from tests.reports.places import CHILD, NIGHT, Town, count, subscription, town

PERIODS = {"night": NIGHT, "week": date(2026, 5, 25), "month": date(2026, 5, 1)}


@pytest.fixture
def place(app: Flask, factory: Factory) -> Iterator[Town]:
    built = town(factory)
    with app.app_context():
        count(built.district, date(2026, 4, 30), NIGHT - timedelta(days=7), NIGHT)
        yield built


def letter_of(place: Town, one: ReportSubscription, period_on: date, language: str | None = "en") -> Letter:
    with session_for(scope_of(place, one)) as session:
        found = write_letter(session, one, period_on, 0, language=language, read=Read())
    assert found is not None
    return found


def data_of(place: Town, one: ReportSubscription, period_on: date) -> ReportData:
    with session_for(scope_of(place, one)) as session:
        found = report_data(session, one, period_on, Read())
    assert found is not None
    return found


def scope_of(place: Town, one: ReportSubscription) -> Scope:
    return aggregating(place.district.id, [one.unit_id] if one.school_staff_id else ())


def kinds(place: Town, report: str, **more: Any) -> list[ReportSubscription]:
    """Of the district, a township, a school as the district sees it, and a school's own."""
    district = place.district.id
    return [
        subscription(report, "district", district, district, **more),
        subscription(report, "township", place.township_id, district, **more),
        subscription(report, "school", place.schools[0].id, district, **more),
        subscription(
            report, "school", place.schools[1].id, district, **more | {"staff_id": None, "school_staff_id": 1}
        ),
    ]


def key(figure: Figure) -> tuple[str, int | None, int | None, str | None]:
    return figure.indicator.code, figure.numerator, figure.denominator, figure.hidden


@pytest.mark.parametrize("report", PERIODS)
def test_figures_are_those_that_the_command_shows(place: Town, report: str) -> None:
    district, township, school, own = kinds(place, report)
    slug = place.district.slug
    shown: dict[tuple[str, int], set[Any]] = {}
    for row in figures_of_district(slug, NIGHT):
        parts = row["indicator"], row["numerator"], row["denominator"], row.get("hidden")
        shown.setdefault((row["level"], row["unit"]), set()).add(parts)
    for one in (district, township, school):
        data = data_of(place, one, PERIODS[report])
        assert {key(figure) for figure in data.figures} in shown.values(), one.level
        assert data.as_of == NIGHT
    exact = figures_of_school(place.schools[1].slug, NIGHT)
    assert {key(figure)[:3] for figure in data_of(place, own, PERIODS[report]).figures} == {
        (row["indicator"], row["numerator"], row["denominator"]) for row in exact
    }


def test_a_school_s_people_see_exactly_what_officers_see_hidden(place: Town) -> None:
    own = kinds(place, "week")[3]
    officers = subscription("week", "school", own.unit_id, own.district_id)
    assert "\nNumber of care targets: 2, " in letter_of(place, own, PERIODS["week"]).text
    assert "\nNumber of care targets: <3\n" in letter_of(place, officers, PERIODS["week"]).text


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("en", ["Number of care targets: 13–14", "Left-behind share: 42.2% (13–14/32)", "Talks: 75% (9/12)"]),
        ("zh_Hans_CN", ["关爱对象人数: 13–14", "留守儿童占比: 42.2% (13–14/32)", "谈心覆盖率: 75% (9/12)"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("report", PERIODS)
def test_both_bodies_say_the_figures(place: Town, report: str, language: str, lines: list[str]) -> None:
    """Of the smaller school, whose two children are too few to be shown, with the least that it can be."""
    letter = letter_of(place, kinds(place, report)[0], PERIODS[report], language)
    for line in lines:
        assert f"\n{line}" in letter.text
    html = text_of(letter.html)
    for said in ("75%", "9/12", "13–14"):
        assert said in html
    assert ("Talks" in html) == (language == "en")


def test_bars_need_neither_scripts_nor_images(place: Town) -> None:
    letter = letter_of(place, kinds(place, "month")[0], PERIODS["month"])
    assert "Talks: 75% (9/12) ████████░░" in letter.text
    assert re.search(r'<td class="lx-bar-missed" width="75%"', letter.html)
    assert not re.search(r"<(script|img|svg|link|iframe)\b", letter.html)
    assert "prefers-color-scheme: dark" in letter.html
    assert 'name="color-scheme" content="light dark"' in letter.html


@pytest.mark.parametrize("report", PERIODS)
def test_no_letter_and_no_workbook_names_a_child(place: Town, report: str) -> None:
    for one in kinds(place, report, with_workbook=True):
        for language in ("en", "zh_Hans_CN", None):
            letter = letter_of(place, one, PERIODS[report], language)
            (attached,) = letter.attachments
            cells = [cell.value for cell in all_cells(attached.content)]
            assert CHILD not in f"{letter.subject}{letter.text}{letter.html}{attached.name}{cells}"
            assert len(cells) > 100


def test_the_workbook_has_the_letter_s_figures(place: Town) -> None:
    one = kinds(place, "month", with_workbook=True)[0]
    data = data_of(place, one, PERIODS["month"])
    (attached,) = letter_of(place, one, PERIODS["month"]).attachments
    book = load_workbook(io.BytesIO(attached.content))
    rows = {str(row[0].value): [cell.value for cell in row] for row in book.worksheets[0].iter_rows()}
    for figure in data.figures:
        row = rows[figure.indicator.name]
        assert row[2] == (figure.sign or figure.numerator)
        assert row[3] == figure.denominator
        if figure.indicator.is_rate:
            assert row[1] == (
                figure.sign or (pytest.approx(figure.rate) if figure.rate is not None else None)
            )
    assert [sheet.title for sheet in book.worksheets] == ["1 Figures", "2 Townships", "3 Schools"]


def test_only_the_chosen_indicators_are_told(place: Town) -> None:
    one = kinds(place, "week", indicators=["talk_monthly", "drop_outs"])[0]
    letter = letter_of(place, one, PERIODS["week"])
    told = {code for code, one in INDICATORS.items() if f"\n{one.name}:" in letter.text}
    # Outside every term there is nobody who could drop out.
    assert told == {"talk_monthly"}
    assert "Home visits" not in letter.html
    assert "Schools that miss targets: 1" in letter.text


def test_the_change_of_a_week_is_against_the_week_before(app: Flask, factory: Factory) -> None:
    built = town(factory)
    with app.app_context():
        count(built.district, date(2026, 4, 30), NIGHT - timedelta(days=7))
        with factory.session(built.schools[0].scope) as session:
            session.connection().exec_driver_sql(
                "update left_behind_spell set ends_on = '2026-05-28' where id in"
                " (select id from left_behind_spell order by pupil_id limit 4)"
            )
            note_change(session, school_id=built.schools[0].id, starts_on=date(2026, 5, 28), ends_on=None)
        count(built.district, NIGHT)
        one = subscription("week", "school", built.schools[0].id, built.district.id)
        figures = {one.indicator.code: one for one in data_of(built, one, PERIODS["week"]).figures}
    targets = figures["care_targets"]
    assert (targets.numerator, targets.change) == (10, -2)


def test_a_school_and_its_district_see_the_same_change(app: Flask, factory: Factory) -> None:
    """On the second of a month against the month before, not against the day before yesterday."""
    built = town(factory)
    school = built.schools[0]
    with app.app_context():
        count(built.district, date(2026, 4, 30))
        with factory.session(school.scope) as session:
            session.connection().exec_driver_sql(
                "update left_behind_spell set ends_on = '2026-05-28' where id in"
                " (select id from left_behind_spell order by pupil_id limit 4)"
            )
            note_change(session, school_id=school.id, starts_on=date(2026, 5, 28), ends_on=None)
        second = NIGHT + timedelta(days=2)
        count(built.district, NIGHT, second)
        one = subscription("night", "school", school.id, built.district.id)
        own = subscription("night", "school", school.id, built.district.id, staff_id=None, school_staff_id=1)
        seen = [
            {figure.indicator.code: figure.change for figure in data_of(built, each, second).figures}
            for each in (one, own)
        ]
    assert seen[0]["care_targets"] == seen[1]["care_targets"] == -2
    assert seen[0]["talk_monthly"] == pytest.approx(seen[1]["talk_monthly"])


def test_a_period_without_a_night_says_so_in_both_bodies(place: Town) -> None:
    for one in kinds(place, "night"):
        letter = letter_of(place, one, NIGHT + timedelta(days=1))
        assert "(no figures yet)" in letter.subject
        assert "The night did not come" in letter.text
        assert "The night did not come" in letter.html
        assert not letter.attachments


def test_a_week_whose_last_nights_are_missing_says_to_which_day_it_is_counted(place: Town) -> None:
    one = kinds(place, "month")[0]
    letter = letter_of(place, one, date(2026, 4, 1))
    assert "(incomplete)" not in letter.subject
    count(place.district, date(2026, 6, 10))
    letter = letter_of(place, one, date(2026, 6, 1))
    assert "(incomplete)" in letter.subject
    assert "counted to June 10, 2026" in letter.text


def test_a_period_whose_last_night_came_late_is_whole(place: Town) -> None:
    """The machine stood still from the 29th on: the next night made up for the end of the month too."""
    later, end = date(2026, 7, 2), date(2026, 6, 30)
    run_id = engine.begin_run(place.district.id, later, since=date(2026, 6, 29))
    engine.work_off(place.district.id, run_id, announce=False)
    for report, period_on in (("night", end), ("month", date(2026, 6, 1))):
        for one in kinds(place, report):
            data = data_of(place, one, period_on)
            assert (data.as_of, data.is_late, data.is_incomplete) == (end, False, False)
            shown = {figure.indicator.code: figure for figure in data.figures}
            assert shown["care_targets"].bounds is not None
            assert data.counted["month"] == end
    # What was made up for is no day of the next week.
    week = kinds(place, "week")[0]
    assert data_of(place, week, date(2026, 6, 29)).as_of == later


def test_a_township_s_letter_leads_to_its_own_page(app: Flask, factory: Factory, place: Town) -> None:
    letter = letter_of(place, kinds(place, "week")[1], PERIODS["week"])
    address = f"{place.district.path}townships/{place.township_id}"
    assert address in letter.text
    assert f'{address}"' in letter.html
    assert factory.officer(place.district).sign_in(app.test_client()).get(address).status_code == 200


def test_a_night_that_lacks_a_school_says_so(place: Town) -> None:
    one = kinds(place, "night")[0]
    assert "incomplete" not in letter_of(place, one, NIGHT).text
    with session_for(aggregating(place.district.id, ())) as session:
        session.connection().exec_driver_sql(
            f"delete from district_indicator where level = 'school' and unit_id = {place.schools[1].id}"
        )
        found = write_letter(session, one, NIGHT, 0, language="en", read=Read())
    assert found is not None
    assert "(incomplete)" in found.subject
    assert "The night is incomplete" in found.text
    assert "The night is incomplete" in found.html


def test_a_unit_that_is_gone_has_no_letter(place: Town) -> None:
    one = subscription("week", "school", 10**9, place.district.id)
    with session_for(aggregating(place.district.id, ())) as session:
        assert write_letter(session, one, PERIODS["week"], 0, language=None, read=Read()) is None


@pytest.mark.parametrize("report", PERIODS)
@pytest.mark.parametrize("language", ["en", "zh_Hans_CN"])
def test_letters_are_whole_and_hold_together(place: Town, report: str, language: str) -> None:
    """Each opened element is closed, every link is absolute and inside, no line is beyond SMTP's limit."""
    for one in kinds(place, report):
        letter = letter_of(place, one, PERIODS[report], language)
        page = Elements()
        page.feed(letter.html)
        assert page.open == []
        assert page.links
        assert all(link.startswith("http") for link in page.links)
        assert "\n" not in letter.subject
        assert "None" not in letter.text
        assert f'lang="{"en" if language == "en" else "zh-CN"}"' in letter.html
        assert "\n\n\n" not in letter.text


class Elements(HTMLParser):
    """What is still open, and where links lead."""

    VOID = ("meta", "br", "img", "link", "hr", "input")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)
        self.links += [str(value) for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def text_of(html: str) -> str:
    return re.sub(r"<[^>]+>", " ", html)


def all_cells(content: bytes) -> list[Any]:
    book = load_workbook(io.BytesIO(content))
    return [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
