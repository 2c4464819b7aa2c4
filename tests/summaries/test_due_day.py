"""By when summaries are wanted: the district says it, schools see it, the late are reminded by mail."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from lxsaas.core.scope import aggregating
from lxsaas.filings.letter import write
from lxsaas.filings.models import FilingReminder
from lxsaas.summaries.calling import remind_by_calendar
from lxsaas.summaries.models import DistrictSummary, SummaryCall
from tests.factories import Factory, Place
from tests.summaries.conftest import TODAY, YEAR, add_terms


@pytest.fixture
def district(factory: Factory) -> Place:
    found = factory.district()
    add_terms(factory, found)
    return found


def sends(factory: Factory, school: Place, district: Place) -> None:
    with factory.session(school.scope) as session:
        session.add(
            DistrictSummary(
                district_id=district.id, unit_id=school.id, year=YEAR, number=1, counted_on=TODAY,
                missing_count=0, signed_name="王", content=b"x",
            )
        )  # fmt: skip


def remind(factory: Factory, district: Place, day: date, *schools: Place) -> int:
    with factory.session(aggregating(district.id, [one.id for one in schools])) as session:
        return remind_by_calendar(session, district.id, day)


def test_who_has_not_sent_by_the_due_day_is_late_and_reminded(
    app: Flask, factory: Factory, district: Place
) -> None:
    silent, done = factory.school(district), factory.school(district)
    sends(factory, done, district)
    officer = factory.officer(district).sign_in(app.test_client())
    schools = f"{district.path}summary/schools"
    past = {"due_on": (TODAY - timedelta(days=1)).isoformat()}
    refused = officer.post(f"{schools}/due-day?year={YEAR}", data=past)
    assert refused.status_code == 422
    assert past["due_on"] in refused.text
    due_on = TODAY + timedelta(days=7)
    asked = officer.post(f"{schools}/due-day?year={YEAR}", data={"due_on": due_on.isoformat()})
    assert asked.status_code == 302
    assert silent.slug not in officer.get(f"{schools}?year={YEAR}&state=late").text
    assert [remind(factory, district, TODAY, silent, done) for _ in range(2)] == [1, 0]
    assert remind(factory, district, due_on + timedelta(days=8), silent, done) == 1
    assert remind(factory, district, due_on + timedelta(days=9), silent, done) == 0
    with factory.session(district.scope) as session:
        session.execute(sa.update(SummaryCall).values(due_on=TODAY - timedelta(days=1)))
    late = officer.get(f"{schools}?year={YEAR}&state=late").text
    assert silent.slug in late
    assert done.slug not in late


def test_the_reminder_leads_to_the_summary_and_the_school_sees_the_day(
    app: Flask, factory: Factory, district: Place
) -> None:
    school = factory.school(district)
    with factory.session(district.scope) as session:
        session.add(SummaryCall(district_id=district.id, year=YEAR, due_on=TODAY + timedelta(days=1)))
    assert remind(factory, district, TODAY, school) == 1
    with factory.session(school.scope) as session:
        reminder_id = session.scalars(sa.select(FilingReminder.id)).one()
        letters = [write(session, reminder_id, language, "https://end.example") for language in (None, "en")]
    for letter in letters:
        assert letter is not None
        assert f"{YEAR}–{YEAR + 1}" in letter.subject
        assert f"/s/{school.slug}/summaries" in letter.text
        assert "https://end.example" in letter.html
    principal = factory.staff(school, "principal").sign_in(app.test_client())
    assert f"{(TODAY + timedelta(days=1)).day}日" in principal.get(f"{school.path}summaries").text


def test_only_an_officer_of_the_whole_district_sets_the_day(
    app: Flask, factory: Factory, district: Place
) -> None:
    school = factory.school(district)
    township = factory.township(district)
    limited = factory.officer(district, township_ids=[township]).sign_in(app.test_client())
    page = f"{district.path}summary/schools/due-day?year={YEAR}"
    assert limited.get(page).status_code == 403
    assert limited.post(page, data={"due_on": TODAY.isoformat()}).status_code == 403
    principal = factory.staff(school, "principal").sign_in(app.test_client())
    assert principal.get(page).status_code in (302, 403, 404)
    far = factory.officer(factory.district()).sign_in(app.test_client())
    assert far.get(page).status_code in (302, 403, 404)
