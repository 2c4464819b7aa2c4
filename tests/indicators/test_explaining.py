"""A figure, the list behind it and its definition never disagree; whoever may not see the list does not."""

from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from sqlalchemy import select

from lxsaas.care.models import CareKind
from lxsaas.core.audit import AuditEntry
from lxsaas.extensions import session_for
from lxsaas.indicators import engine
from lxsaas.indicators.explaining import explain
from lxsaas.indicators.models import SchoolIndicator
from tests.factories import Factory, Place
from tests.indicators.random_districts import Dice, dice, sizes
from tests.indicators.test_exact import few_examples, offsets
from tests.indicators.worlds import build_district

NIGHT = date(2026, 5, 20)


@few_examples
@given(dice=dice, sizes=sizes, offset=offsets)
def test_each_list_has_as_many_as_its_figure_says(
    app: Flask, factory: Factory, dice: Dice, sizes: list[int], offset: int
) -> None:
    built = build_district(factory, dice.district(sizes))
    with app.app_context():
        engine.run_as_of(built.place.id, dice.season + timedelta(days=offset))
        for school in built.schools:
            with session_for(school.place.scope) as session:
                for row in session.scalars(select(SchoolIndicator)):
                    found = explain(
                        session, school_id=school.place.id, district_id=built.place.id,
                        code=row.indicator, as_of=row.as_of,
                    )  # fmt: skip
                    said = (row.indicator, found.numerator, found.denominator)
                    assert said == (row.indicator, row.numerator, row.denominator)


@pytest.fixture
def district(factory: Factory) -> Place:
    return factory.district()


@pytest.fixture
def school(app: Flask, factory: Factory, district: Place) -> Place:
    """Two care targets of whom one was talked with, after a night."""
    school = factory.school(district)
    teacher = factory.staff(school)
    class_id = factory.school_class(school, teacher)
    for number, name in enumerate(("见过的孩子", "没谈的孩子")):
        pupil = factory.pupil(school, class_id, name=name)
        factory.left_behind(school, pupil)
        if number == 0:
            factory.care(school, pupil, teacher, CareKind.TALK, NIGHT)
    with app.app_context():
        engine.run_as_of(school.district_id, NIGHT)
    return school


def test_the_principal_opens_a_figure_and_sees_who_is_missing(
    factory: Factory, client: FlaskClient, school: Place
) -> None:
    client = factory.staff(school, "principal", language="en").sign_in(client)
    assert f'href="{school.path}figures/talk_monthly"' in client.get(f"{school.path}figures").text
    page = client.get(f"{school.path}figures/talk_monthly").text
    assert "见过的孩子" in page
    missing = client.get(f"{school.path}figures/talk_monthly?show=missing").text
    assert "没谈的孩子" in missing
    assert "见过的孩子" not in missing
    table = client.get(f"{school.path}figures/talk_monthly.csv").get_data(as_text=True)
    assert "没谈的孩子" in table
    assert client.get(f"{school.path}figures/nothing").status_code == 404


def test_what_was_entered_since_the_night_is_said(
    factory: Factory, client: FlaskClient, school: Place
) -> None:
    client = factory.staff(school, "principal", language="en").sign_in(client)
    assert "the next night counts it" not in client.get(f"{school.path}figures/care_targets").text
    pupil = factory.pupil(school, factory.school_class(school))
    factory.left_behind(school, pupil)
    assert "Last night counted 2;" in client.get(f"{school.path}figures/care_targets").text


def test_three_people_see_what_their_duty_needs(
    app: Flask, factory: Factory, district: Place, school: Place
) -> None:
    """Own school's teacher, next school's principal, district's officer: none of them sees a list."""
    address = f"{school.path}figures/talk_monthly"
    own = factory.staff(school).sign_in(app.test_client())
    assert own.get(address).status_code == 403
    other = factory.staff(factory.school(), "principal").sign_in(app.test_client())
    assert "没谈的孩子" not in other.get(address).text
    officer = factory.officer(district).sign_in(app.test_client())
    assert "没谈的孩子" not in officer.get(address).text


def test_who_is_at_high_risk_opens_only_to_those_who_know_and_is_logged(
    app: Flask, factory: Factory, school: Place
) -> None:
    address = f"{school.path}figures/high_risk_followed"
    assert factory.staff(school, "archivist").sign_in(app.test_client()).get(address).status_code == 404
    principal = factory.staff(school, "principal")
    assert principal.sign_in(app.test_client()).get(address).status_code == 200
    with app.app_context(), session_for(school.scope) as session:
        seen = select(AuditEntry.staff_id).where(AuditEntry.action == "view_risk_list")
        assert session.scalars(seen).all() == [principal.id]
