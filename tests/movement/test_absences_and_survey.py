"""Absences as dated facts, and the survey that confirms, closes and adds them; the spells follow."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lxsaas.core import clock
from lxsaas.core.scope import operating
from lxsaas.movement.models import SurveyAnswer
from lxsaas.pupils.models import LeftBehindSpell, ParentAbsence
from lxsaas.schools.models import Term
from tests.factories import Factory, Person, Place

TODAY = clock.today("Asia/Shanghai")
LONG_AGO = TODAY - timedelta(days=400)


@pytest.fixture
def classroom(factory: Factory) -> tuple[Place, Person, int, int]:
    district = factory.district()
    with factory.session(operating()) as session:
        days = {"starts_on": TODAY - timedelta(days=20), "ends_on": TODAY + timedelta(days=80)}
        session.add(Term(district_id=district.id, name="2026-1", **days))
    school = factory.school(district)
    teacher = factory.staff(school)
    class_id = factory.school_class(school, teacher)
    return school, teacher, class_id, factory.pupil(school, class_id)


def absence(pupil_id: int, **more: object) -> dict[str, object]:
    return {"pupil": pupil_id, "parent": "father", "starts_on": str(LONG_AGO), "source": "staff"} | more


def spells(factory: Factory, school: Place, definition: str = "register") -> list[tuple[str, bool]]:
    """(kind, whether it is open) of the school's spells under a definition."""
    with factory.session(school.scope) as session:
        query = select(LeftBehindSpell).where(LeftBehindSpell.definition == definition)
        found = session.scalars(query.order_by(LeftBehindSpell.starts_on))
        return [(one.kind, one.ends_on is None or one.ends_on > TODAY) for one in found]


def test_spells_follow_when_an_absence_is_entered_changed_and_withdrawn(
    factory: Factory, client: FlaskClient, classroom: tuple[Place, Person, int, int]
) -> None:
    school, teacher, _, pupil_id = classroom
    teacher.sign_in(client)
    page = client.post(f"{school.path}absences/entries", data=absence(pupil_id)).location
    assert spells(factory, school) == [("one", True)]
    client.post(f"{school.path}absences/entries", data=absence(pupil_id, parent="mother"))
    assert spells(factory, school)[-1] == ("both", True)
    back = absence(pupil_id, ends_on=str(TODAY), version="1")
    assert client.post(f"{page}/edit", data=back).status_code == 302
    assert spells(factory, school)[-1] == ("one", True)
    stale = client.post(f"{page}/edit", data=absence(pupil_id, version="1"))
    assert stale.status_code == 422
    client.post(f"{page}/withdrawal", data={"version": "2", "reason": "another child"})
    assert spells(factory, school) == [("one", True)]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"starts_on": "2001-01-01"}, "starts_on"),
        ({"starts_on": str(TODAY + timedelta(days=1))}, "starts_on"),
        ({"ends_on": str(LONG_AGO)}, "ends_on"),
        ({"ends_on": str(TODAY + timedelta(days=9))}, "ends_on"),
        ({"parent": "uncle"}, "parent"),
        ({"place": "x" * 101}, "place"),
    ],
)
def test_what_cannot_be_is_told_at_its_field(
    wrong: dict[str, object],
    field: str,
    factory: Factory,
    client: FlaskClient,
    classroom: tuple[Place, Person, int, int],
) -> None:
    school, teacher, _, pupil_id = classroom
    answer = teacher.sign_in(client).post(f"{school.path}absences/entries", data=absence(pupil_id, **wrong))
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


def test_days_of_one_parent_do_not_overlap(
    client: FlaskClient, classroom: tuple[Place, Person, int, int]
) -> None:
    school, teacher, _, pupil_id = classroom
    teacher.sign_in(client)
    client.post(f"{school.path}absences/entries", data=absence(pupil_id))
    twice = client.post(f"{school.path}absences/entries", data=absence(pupil_id, starts_on=str(TODAY)))
    assert twice.status_code == 422
    assert 'id="starts_on-error"' in twice.text


def opened_survey(factory: Factory, app: Flask, school: Place) -> int:
    principal = factory.staff(school, "principal").sign_in(app.test_client())
    assert principal.post(f"{school.path}surveys").status_code == 302
    assert principal.post(f"{school.path}surveys").status_code == 302
    page = principal.get(f"{school.path}surveys").text
    return int(page.split("/surveys/")[1].split("/")[0])


def answers(factory: Factory, school: Place) -> list[str]:
    with factory.session(school.scope) as session:
        return list(session.scalars(select(SurveyAnswer.answer).order_by(SurveyAnswer.id)))


def test_each_child_is_confirmed_changed_or_closed(
    factory: Factory, app: Flask, client: FlaskClient, classroom: tuple[Place, Person, int, int]
) -> None:
    school, teacher, class_id, first = classroom
    second = factory.pupil(school, class_id)
    survey_id = opened_survey(factory, app, school)
    teacher.sign_in(client)
    page = f"{school.path}surveys/{survey_id}/classes/{class_id}"
    address = f"{school.path}surveys/{survey_id}/pupils/"
    assert client.get(page).text.count('value="confirm"') == 2
    assert client.post(f"{address}{first}", data={"action": "confirm"}).status_code == 302
    left = {"action": "left", "parent": "mother", "day": str(LONG_AGO), "place": "广东"}
    assert client.post(f"{address}{second}", data=left).status_code == 302
    assert answers(factory, school) == ["confirmed", "changed"]
    assert spells(factory, school) == [("one", True)]
    told = client.post(f"{address}{second}", data={"action": "confirm"})
    assert told.status_code == 422
    with factory.session(school.scope) as session:
        seen = session.scalars(select(SurveyAnswer.version).where(SurveyAnswer.pupil_id == second)).one()
    back = {"action": "back", "parent": "mother", "day": str(TODAY), "seen": seen}
    assert client.post(f"{address}{second}", data=back).status_code == 302
    assert answers(factory, school) == ["confirmed", "closed"]
    with factory.session(school.scope) as session:
        assert session.scalars(select(ParentAbsence)).one().ends_on == TODAY


@pytest.mark.parametrize(
    "wrong",
    [
        {"action": "left", "parent": "father", "day": "soon"},
        {"action": "left", "parent": "father", "day": str(TODAY + timedelta(days=2))},
        {"action": "left", "parent": "father", "day": "1990-01-01"},
        {"action": "left", "parent": "father", "day": str(LONG_AGO), "place": "x" * 101},
        {"action": "back", "parent": "father", "day": str(TODAY)},
    ],
)
def test_an_answer_that_cannot_be_saves_nothing_and_keeps_what_was_typed(
    wrong: dict[str, str],
    factory: Factory,
    app: Flask,
    client: FlaskClient,
    classroom: tuple[Place, Person, int, int],
) -> None:
    school, teacher, _, pupil_id = classroom
    survey_id = opened_survey(factory, app, school)
    answer = teacher.sign_in(client).post(f"{school.path}surveys/{survey_id}/pupils/{pupil_id}", data=wrong)
    assert answer.status_code == 422
    assert "lx-error" in answer.text
    assert answers(factory, school) == []
    assert spells(factory, school) == []


def test_a_class_of_many_takes_as_many_queries_as_one_of_few(
    factory: Factory, app: Flask, client: FlaskClient, classroom: tuple[Place, Person, int, int]
) -> None:
    school, teacher, class_id, _ = classroom
    survey_id = opened_survey(factory, app, school)
    teacher.sign_in(client)
    counted = []
    for more in (1, 10):
        for _ in range(more):
            factory.pupil(school, class_id)
        with factory.counting_queries() as queries:
            client.get(f"{school.path}surveys/{survey_id}/classes/{class_id}")
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_another_teachers_class_does_not_exist(
    factory: Factory, app: Flask, client: FlaskClient, classroom: tuple[Place, Person, int, int]
) -> None:
    school, _, class_id, pupil_id = classroom
    survey_id = opened_survey(factory, app, school)
    other = factory.staff(school)
    factory.pupil(school, factory.school_class(school, other))
    other.sign_in(client)
    assert client.get(f"{school.path}surveys/{survey_id}/classes/{class_id}").status_code == 404
    answer = client.post(f"{school.path}surveys/{survey_id}/pupils/{pupil_id}", data={"action": "confirm"})
    assert answer.status_code == 404
    assert client.post(f"{school.path}surveys").status_code == 403
