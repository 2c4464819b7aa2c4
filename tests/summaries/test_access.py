"""Who reaches a summary: the own principal and archive keeper, nobody of the next school or the district."""

import pytest

from tests.factories import Person
from tests.summaries.conftest import House


@pytest.fixture
def pages(house: House) -> list[str]:
    at = house.begin()
    return [
        house.address(),
        at,
        f"{at}/sections/care",
        f"{at}/document.docx",
        f"{house.school.path}document-templates/annual_summary",
    ]


def test_those_who_write_it_see_every_page(house: House, pages: list[str]) -> None:
    for person in (house.principal, house.archivist):
        assert [house.client(person).get(page).status_code for page in pages] == [200] * len(pages)


def test_a_teacher_may_not_and_the_archivist_does_not_sign(house: House, pages: list[str]) -> None:
    assert {house.client(house.teacher).get(page).status_code for page in pages} == {403}
    sent = {"version": "1", "accepts_missing": "y"}
    assert house.client(house.archivist).post(f"{pages[1]}/final", data=sent).status_code == 403


def test_the_next_school_finds_nothing(house: House, pages: list[str]) -> None:
    next_door = house.factory.school(house.district)
    stranger: Person = house.factory.staff(next_door, "principal")
    client = house.client(stranger)
    own = [page.replace(house.school.path, next_door.path) for page in pages[1:4]]
    assert [client.get(page).status_code for page in own] == [404] * 3
    assert client.post(f"{own[0]}/final").status_code == 404
    assert {client.get(page).status_code for page in pages} == {302}, "not signed in there"


def test_the_district_reaches_no_school_s_summary(house: House, pages: list[str]) -> None:
    client = house.client(house.factory.officer(house.district))
    assert {client.get(page).status_code for page in pages} == {302}
