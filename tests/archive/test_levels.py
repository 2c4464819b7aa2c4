"""Who sees which part of a child's file (P8): by role, by class, by assignment."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import InvalidRequestError

from lxsaas.core.permissions import ROLES
from lxsaas.pupils.levels import PARTS, SEALED, Level, Part, hidden_columns, parts_for
from lxsaas.pupils.models import Guardian, Pupil
from lxsaas.pupils.reach import hiding
from tests.archive.people import CHILD_PHONE, FATHER_PHONE, IDENTITY, TODAY, House


def page(house: House, client: FlaskClient, path: str = "") -> tuple[int, str]:
    answer = client.get(f"{house.school.path}pupils/{house.child}{path}")
    return answer.status_code, answer.text


def opened(house: House, client: FlaskClient) -> tuple[int, str]:
    answer = client.post(f"{house.school.path}pupils/{house.child}/secrets")
    return answer.status_code, answer.text


@pytest.mark.parametrize("role", ["principal", "archivist"])
def test_principal_and_archive_keeper_see_every_child_s_whole_file(house: House, role: str) -> None:
    client = house.client(house.factory.staff(house.school, role))
    assert page(house, client)[0] == 200
    status, text = opened(house, client)
    assert status == 200
    for number in (IDENTITY, CHILD_PHONE, FATHER_PHONE):
        assert number in text


def test_the_homeroom_teacher_sees_the_own_class_and_no_other(house: House, teacher: FlaskClient) -> None:
    assert "东莞鞋厂" in page(house, teacher)[1]
    assert FATHER_PHONE not in page(house, teacher)[1]
    assert FATHER_PHONE in opened(house, teacher)[1]
    answer = teacher.get(f"{house.school.path}pupils/{house.other}")
    assert answer.status_code == 404


def test_each_sight_of_numbers_is_logged_and_names_no_number(house: House, teacher: FlaskClient) -> None:
    opened(house, teacher)
    [entry] = house.audited("open_secrets")
    assert (entry.subject_id, entry.staff_id, entry.detail) == (
        house.child, house.teacher.id, {"page": "file"},
    )  # fmt: skip


def test_each_look_at_a_child_s_page_is_logged(house: House, teacher: FlaskClient) -> None:
    page(house, teacher)
    teacher.get(f"{house.school.path}pupils/{house.other}")
    [entry] = house.audited("view_pupil")
    assert (entry.subject, entry.subject_id, entry.staff_id) == ("pupil", house.child, house.teacher.id)


@pytest.mark.parametrize("role", ["teacher", "counsellor"])
def test_somebody_without_class_or_assignment_sees_nobody(house: House, role: str) -> None:
    client = house.client(house.factory.staff(house.school, role))
    assert page(house, client)[0] == 404


def test_a_subject_teacher_sees_the_assigned_child_without_sealed_fields(house: House) -> None:
    person = house.factory.staff(house.school, "teacher", language="en")
    house.assign(person)
    client = house.client(person)
    status, text = page(house, client)
    assert status == 200
    assert "汤建国" in text
    for hidden in ("东莞鞋厂", "Identity number", "Telephone", "Five things known", "sealed"):
        assert hidden not in text, hidden
    assert opened(house, client)[0] == 403


def test_a_homeroom_teacher_s_permissions_do_not_reach_a_child_that_is_only_assigned(house: House) -> None:
    person = house.factory.staff(house.school, language="en")
    house.factory.school_class(house.school, person)
    house.assign(person)
    client = house.client(person)
    status, text = page(house, client)
    assert status == 200
    assert "Consent and rights" not in text
    assert "entrustments" not in text
    assert opened(house, client)[0] == 404
    for path in ("contact-card", "rights", "copy", "profile", "basics", "family/new", "entrustments"):
        assert page(house, client, f"/{path}")[0] == 404, path
    answer = client.get(f"{house.school.path}guardians/{house.father}")
    assert answer.status_code == 404


def test_the_counsellor_sees_health_and_work_of_the_own_cases(house: House) -> None:
    person = house.factory.staff(house.school, "counsellor", language="en")
    house.assign(person, "counselling_case")
    status, text = page(house, house.client(person))
    assert status == 200
    assert "东莞鞋厂" in text
    assert "Health" in text
    assert "Identity number" not in text


def test_an_assignment_that_ended_shows_the_child_no_more(house: House) -> None:
    person = house.factory.staff(house.school, "teacher")
    house.assign(person, ends_on=TODAY)
    assert page(house, house.client(person))[0] == 404
    later = house.factory.staff(house.school, "teacher")
    house.assign(later, starts_on=TODAY + timedelta(days=1))
    assert page(house, house.client(later))[0] == 404


def test_levels_below_the_file_hold_no_sealed_part() -> None:
    for level in (Level.COUNSELLED, Level.ASSIGNED):
        assert not PARTS[level] & SEALED
        assert Part.AID not in PARTS[level]
    for level in Level:
        assert not parts_for(level, may_open=False) & SEALED
    columns = (*Pupil.__table__.columns.keys(), *Guardian.__table__.columns.keys())
    hidden = hidden_columns(PARTS[Level.ASSIGNED])
    assert {one for one in columns if one.endswith(("_sealed", "_digest"))} <= set(hidden)


@pytest.mark.parametrize(
    ("model", "columns"),
    [(Pupil, ("identity_sealed", "health", "needs_aid")), (Guardian, ("workplace", "phone_sealed"))],
)
def test_what_a_level_hides_is_not_loaded(house: House, model: Any, columns: tuple[str, ...]) -> None:
    options = hiding(model, PARTS[Level.ASSIGNED])
    with house.factory.session(house.school.scope) as session:
        row = session.scalars(select(model).options(*options).limit(1)).one()
        assert row.name
        for column in columns:
            with pytest.raises(InvalidRequestError):
                getattr(row, column)


def test_roles_that_keep_files_are_those_that_see_secrets() -> None:
    for role, permissions in ROLES.items():
        assert ("edit_files" in permissions) <= ("view_secrets" in permissions), role


def test_a_colleague_s_notes_open_for_who_keeps_the_file_not_for_helpers(
    house: House, teacher: FlaskClient
) -> None:
    form = {
        "pupils": [house.child], "kind": 1, "occurred_on": TODAY.isoformat(), "note": "谈了想妈妈的事",
        "client_key": "7f6d2f39-8f3c-4a0e-9a51-0d7c2b8f3a11", "class_id": house.class_id,
    }  # fmt: skip
    assert teacher.post(f"{house.school.path}care-records", data=form).status_code == 302
    helper = house.factory.staff(house.school)
    house.factory.school_class(house.school, helper)
    house.assign(helper)
    records = f"{house.school.path}pupils/{house.child}/care-records"
    assert "谈了想妈妈的事" in teacher.get(records).text
    assert "谈了想妈妈的事" in house.client(house.principal).get(records).text
    page = house.client(helper).get(records)
    assert page.status_code == 200
    assert "谈了想妈妈的事" not in page.text
