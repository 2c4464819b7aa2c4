"""What is owed this week: the same facts as the indicators', one tap from the form, in as many queries."""

import gzip
import re
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from lxsaas.care.models import CareKind
from lxsaas.core import clock
from lxsaas.core.db import table_of
from lxsaas.pupils.models import LeftBehindSpell, Pupil
from tests.factories import Factory, Person, Place

TODAY = clock.today("Asia/Shanghai")
FIRST = TODAY.replace(day=1)


@pytest.fixture
def classroom(factory: Factory) -> tuple[Place, Person, int, int]:
    """A school, a homeroom teacher, the class and one care target."""
    school = factory.school()
    teacher = factory.staff(school)
    class_id = factory.school_class(school, teacher)
    pupil_id = factory.pupil(school, class_id)
    factory.left_behind(school, pupil_id)
    return school, teacher, class_id, pupil_id


def owed(page: str, pupil_id: int) -> set[str]:
    """The kinds of care that the page offers to record for a child."""
    wanted = f"care-records/new?pupil={pupil_id}&amp;kind="
    return {part.split("&")[0] for part in page.split(wanted)[1:]}


def test_what_was_done_this_month_is_not_owed(
    factory: Factory, client: FlaskClient, classroom: tuple[Place, Person, int, int]
) -> None:
    school, teacher, _, pupil_id = classroom
    teacher.sign_in(client)
    before = owed(client.get(f"{school.path}week").text, pupil_id)
    assert {"talk", "home_visit", "parent_call", "family_phone", "parent_letter"} <= before
    for kind in (CareKind.TALK, CareKind.HOME_VISIT, CareKind.PARENT_CALL):
        factory.care(school, pupil_id, teacher, kind, FIRST)
    after = owed(client.get(f"{school.path}week").text, pupil_id)
    assert not {"talk", "home_visit", "parent_call"} & after
    assert {"family_phone", "parent_letter"} <= after


def test_what_was_done_last_month_is_owed_again(
    factory: Factory, client: FlaskClient, classroom: tuple[Place, Person, int, int]
) -> None:
    school, teacher, _, pupil_id = classroom
    factory.care(school, pupil_id, teacher, CareKind.TALK, FIRST - timedelta(days=1))
    page = teacher.sign_in(client).get(f"{school.path}week").text
    assert "talk" in owed(page, pupil_id)


def test_a_birthday_is_owed_until_a_greeting_counts(
    factory: Factory, client: FlaskClient, classroom: tuple[Place, Person, int, int]
) -> None:
    """A greeting counts three days before and after, as the indicator has it; four days are too many."""
    school, teacher, class_id, _ = classroom
    cases = (
        (8, None, False), (7, None, True), (0, None, True), (-3, None, True), (-4, None, False),
        (2, 1, False), (3, 1, True), (0, 3, False), (-3, 6, False), (-3, 7, True), (-2, 0, False),
    )  # fmt: skip
    children = {}
    for in_days, greeted_ago, is_owed in cases:
        pupil_id = factory.pupil(school, class_id, born_on=years_before(TODAY + timedelta(days=in_days)))
        factory.left_behind(school, pupil_id)
        if greeted_ago is not None:
            day = TODAY - timedelta(days=greeted_ago)
            factory.care(school, pupil_id, teacher, CareKind.BIRTHDAY_GREETING, day)
        children[pupil_id] = (in_days, greeted_ago), is_owed
    page = teacher.sign_in(client).get(f"{school.path}week").text
    for pupil_id, (case, is_owed) in children.items():
        assert ("birthday_greeting" in owed(page, pupil_id)) is is_owed, case


def years_before(birthday: date) -> date:
    """Eight years before: of 29 February a leap year's too."""
    return date(birthday.year - 8, birthday.month, 1) + timedelta(days=birthday.day - 1)


def test_a_child_who_is_no_care_target_is_owed_nothing(
    factory: Factory, client: FlaskClient, classroom: tuple[Place, Person, int, int]
) -> None:
    school, teacher, class_id, _ = classroom
    other = factory.pupil(school, class_id)
    page = teacher.sign_in(client).get(f"{school.path}week").text
    assert f"pupil={other}&" not in page


def test_a_must_visit_stands_out_until_a_home_visit_closes_it(
    factory: Factory, client: FlaskClient, classroom: tuple[Place, Person, int, int]
) -> None:
    school, teacher, _, pupil_id = classroom
    teacher.sign_in(client)
    long_ago = str(TODAY - timedelta(days=20))
    raised = {"pupil": pupil_id, "reason": "mood", "raised_on": long_ago}
    assert client.post(f"{school.path}must-visits/entries", data=raised).status_code == 302
    again = client.post(f"{school.path}must-visits/entries", data=raised)
    assert again.status_code == 422
    assert 'id="reason-error"' in again.text
    only = f"{school.path}week?owed=must_visit"
    assert f"pupil={pupil_id}&" in client.get(only).text
    visit = {"pupils": pupil_id, "kind": int(CareKind.HOME_VISIT), "occurred_on": str(TODAY)}
    assert client.post(f"{school.path}care-records", data=visit).status_code == 302
    assert f"pupil={pupil_id}&" not in client.get(only).text


def test_the_district_and_the_school_set_how_often(factory: Factory, app: Flask, client: FlaskClient) -> None:
    district = factory.district()
    school = factory.school(district)
    teacher = factory.staff(school)
    pupil_id = factory.pupil(school, factory.school_class(school, teacher))
    factory.left_behind(school, pupil_id)
    teacher.sign_in(client)
    officer = factory.officer(district).sign_in(app.test_client())
    principal = factory.staff(school, "principal").sign_in(app.test_client())

    def numbers(page: str) -> dict[str, str]:
        return dict(re.findall(r'name="([a-z_]+-[a-z]+-[a-z]+)" value="(\d+)"', page))

    form = numbers(officer.get(f"{district.path}duties").text)
    nothing = {name: "0" for name in form if name.startswith(("talk", "three_way"))}
    assert officer.post(f"{district.path}duties", data=form | nothing).status_code == 302
    assert "talk" not in owed(client.get(f"{school.path}week").text, pupil_id)
    own = numbers(principal.get(f"{school.path}duties").text)
    assert own["talk-any-term"] == "0"
    twice = {name: "2" for name in own if name.startswith("talk")}
    assert principal.post(f"{school.path}duties", data=own | twice).status_code == 302
    factory.care(school, pupil_id, teacher, CareKind.TALK, TODAY)
    assert "talk" in owed(client.get(f"{school.path}week").text, pupil_id)
    wrong = principal.post(f"{school.path}duties", data=own | {"talk-any-term": "many"})
    assert wrong.status_code == 422
    assert 'id="talk-any-term-error"' in wrong.text
    assert 'value="many"' in wrong.text


def test_a_class_takes_as_many_queries_as_a_child_and_a_school_as_a_class(
    factory: Factory, app: Flask, client: FlaskClient, classroom: tuple[Place, Person, int, int]
) -> None:
    school, teacher, class_id, _ = classroom
    principal = factory.staff(school, "principal").sign_in(app.test_client())
    teacher.sign_in(client)

    def queries_of(browser: FlaskClient) -> int:
        with factory.counting_queries() as sent:
            answer = browser.get(f"{school.path}week")
        assert answer.status_code == 200
        return len(sent)

    one = queries_of(client), queries_of(principal)
    for number in range(12):
        pupil_id = factory.pupil(school, class_id if number % 2 else factory.school_class(school))
        factory.left_behind(school, pupil_id)
    assert (queries_of(client), queries_of(principal)) == one


def many_children(factory: Factory, school: Place, class_ids: list[int], each: int) -> None:
    """`each` care targets in every class, in two statements."""
    with factory.session(school.scope) as session:
        pupils = [
            {
                "school_id": school.id, "class_id": class_id, "name": f"测试学生{number}",
                "pinyin": "cs ceshi",
                "sex": "female", "born_on": FIRST.replace(year=FIRST.year - 9), "identity_type": "1",
                "enrolled_on": FIRST.replace(year=FIRST.year - 3), "register_left_behind": 2,
            }
            for class_id in class_ids
            for number in range(each)
        ]  # fmt: skip
        ids = session.scalars(insert(table_of(Pupil)).returning(table_of(Pupil).c.id), pupils).all()
        spells = [
            {
                "school_id": school.id, "pupil_id": pupil_id, "definition": "state_council_2016_3m",
                "definition_version": 1, "kind": "both",
                "starts_on": FIRST.replace(year=FIRST.year - 1),
            }
            for pupil_id in ids
        ]  # fmt: skip
        session.execute(insert(table_of(LeftBehindSpell)), spells)


def test_a_class_of_45_and_a_school_of_1200_are_small_pages(
    factory: Factory, app: Flask, client: FlaskClient
) -> None:
    school = factory.school()
    teacher = factory.staff(school)
    classes = [factory.school_class(school, teacher if number == 0 else None) for number in range(30)]
    many_children(factory, school, classes[:1], 45)
    many_children(factory, school, classes[1:], 40)
    own = teacher.sign_in(client).get(f"{school.path}week")
    whole = factory.staff(school, "principal").sign_in(app.test_client()).get(f"{school.path}week")
    assert own.text.count("测试学生") == 45
    assert "1205" in whole.text
    for page in (own, whole):
        assert len(gzip.compress(page.data)) < 60_000
