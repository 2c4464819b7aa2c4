"""Children found by name, pinyin, class, and by an exact number through its keyed hash, within reach only."""

import pytest
from flask.testing import FlaskClient

from lxsaas.pupils.phones import is_phone, normal_phone, number_in
from tests.archive.people import CHILD_PHONE, FATHER_PHONE, IDENTITY, House


def found(house: House, client: FlaskClient, words: str) -> str:
    answer = client.post(f"{house.school.path}pupils", data={"q": words})
    assert answer.status_code == 200
    return answer.text.split("<tbody>")[1] if "<tbody>" in answer.text else ""


@pytest.mark.parametrize(
    "words",
    [IDENTITY, f" {IDENTITY.lower()} ", CHILD_PHONE, "138 0013 8000", "+86-139-1234-5678", FATHER_PHONE],
)
def test_an_exact_number_of_child_or_family_finds_the_child(
    house: House, teacher: FlaskClient, words: str
) -> None:
    assert "汤文博" in found(house, teacher, words)


@pytest.mark.parametrize("words", [CHILD_PHONE[:-1], "1380013800", IDENTITY[:-1], "13800138001", "%"])
def test_a_part_of_a_number_finds_nobody(house: House, teacher: FlaskClient, words: str) -> None:
    assert found(house, teacher, words) == ""


@pytest.mark.parametrize("words", ["文博", "twb", "tangwenbo"])
def test_names_and_pinyin_find_as_before_and_are_not_logged(
    house: House, teacher: FlaskClient, words: str
) -> None:
    assert "汤文博" in found(house, teacher, words)
    assert house.audited("find_by_number") == []


def test_a_hit_by_number_is_logged_without_the_number(house: House, teacher: FlaskClient) -> None:
    found(house, teacher, "13800000000")
    assert house.audited("find_by_number") == []
    found(house, teacher, FATHER_PHONE)
    [entry] = house.audited("find_by_number")
    assert entry.detail == {"pupils": [house.child]}
    assert entry.staff_id == house.teacher.id


def test_a_number_of_another_class_finds_nobody(house: House) -> None:
    other = house.factory.staff(house.school)
    house.factory.school_class(house.school, other)
    house.assign(other)
    client = house.client(other)
    assert "汤文博" in found(house, client, "文博")
    assert found(house, client, FATHER_PHONE) == ""


def test_a_subject_teacher_cannot_find_out_whose_number_it_is(house: House) -> None:
    person = house.factory.staff(house.school, "teacher")
    house.assign(person)
    client = house.client(person)
    assert found(house, client, FATHER_PHONE) == ""
    assert found(house, client, IDENTITY) == ""


def test_a_number_of_another_school_finds_nobody(house: House) -> None:
    elsewhere = house.factory.school()
    client = house.factory.staff(elsewhere, "principal").sign_in(house.app.test_client())
    answer = client.post(f"{elsewhere.path}pupils", data={"q": FATHER_PHONE})
    assert "汤文博" not in answer.text


def test_the_number_of_a_removed_member_finds_nobody(house: House, teacher: FlaskClient) -> None:
    teacher.post(f"{house.school.path}guardians/{house.father}/removal", data={"version": "1"})
    assert found(house, teacher, FATHER_PHONE) == ""


def test_a_temporary_guardian_s_and_a_keeper_s_number_find_the_child(
    house: House, teacher: FlaskClient
) -> None:
    form = {
        "pupil": house.child, "name": "邻居", "relation": "99", "phone": "0859-8823456",
        "starts_on": "2026-09-01",
    }  # fmt: skip
    answer = teacher.post(f"{house.school.path}temporary-guardians/entries", data=form)
    assert answer.status_code == 302, answer.text
    assert "汤文博" in found(house, teacher, "08598823456")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13912345678", "13912345678"),
        ("+8613912345678", "13912345678"),
        ("+86 859 8823456", "08598823456"),
        ("0086 10 88234567", "01088234567"),
        ("", None),
        (None, None),
        (" - ", None),
    ],
)
def test_the_normal_form_of_a_telephone(typed: str | None, kept: str | None) -> None:
    assert normal_phone(typed) == kept
    assert kept is None or is_phone(kept)


@pytest.mark.parametrize("words", ["汤文博", "twb", "123456", "1234567890123", "三年级2班", "", "12a4567"])
def test_words_are_no_numbers(words: str) -> None:
    assert number_in(words) is None
