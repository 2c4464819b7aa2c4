"""Who may see and do what of the life around the child: own school, next school, district; by role."""

import pytest

from tests.activities.conftest import TODAY, School

PAGES = (
    "home", "home/statistics", "activities", "activities/reach", "corner", "parents-school", "family-events",
    "parents-sessions", "love-corner",
)  # fmt: skip
KEPT = {
    "home-rooms": {"name": "活动室"},
    "parents-school-members": {
        "side": "committee", "position": "head", "name": "李桂芳", "starts_on": str(TODAY),
    },
    "parents-school-teachers": {"kind": "own_staff", "name": "周老师", "starts_on": str(TODAY)},
    "parents-school-money": {"kind": "budget", "on_day": str(TODAY), "amount_cents": "1", "words": "x"},
    "parents-school-material": {"kind": "video", "title": "x", "copies": "1", "got_on": str(TODAY)},
}  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_every_colleague_of_the_school_opens_it_and_nobody_else(school: School, page: str) -> None:
    for role in ("teacher", "archivist", "counsellor"):
        colleague = school.factory.staff(school.place, role)
        assert school.as_(colleague).get(school.url(page)).status_code == 200, role
    next_school = school.factory.staff(school.factory.school())
    officer = school.factory.officer(school.factory.district())
    for stranger in (next_school, officer):
        answer = school.as_(stranger).get(school.url(page))
        assert answer.status_code == 302
        assert "sign-in" in answer.location


@pytest.mark.parametrize("register", KEPT)
def test_what_stands_behind_it_is_kept_by_principal_and_archivist(school: School, register: str) -> None:
    archivist = school.factory.staff(school.place, "archivist")
    for person, status in ((school.teacher, 403), (school.principal, 302), (archivist, 302)):
        answer = school.as_(person).post(school.url(f"{register}/entries"), data=KEPT[register])
        assert answer.status_code == status


def test_a_telephone_of_the_committee_is_read_by_few(school: School) -> None:
    principal = school.as_(school.principal)
    member = KEPT["parents-school-members"] | {"phone": "13800000000"}
    page = school.enter(principal, "parents-school-members", **member)
    assert "13800000000" in principal.get(page).text
    plain = school.as_(school.factory.staff(school.place, "teacher")).get(page).text
    assert "李桂芳" in plain
    assert "13800000000" not in plain


def test_an_archivist_sees_the_list_and_taps_nobody(school: School) -> None:
    page = school.enter(
        school.as_(school.teacher), "activities", kind="festival", title="重阳", held_on=str(TODAY)
    )
    archivist = school.as_(school.factory.staff(school.place, "archivist"))
    assert archivist.get(page).status_code == 200
    assert archivist.get(f"{page}/participants").status_code == 403
    assert archivist.post(school.url("home/opening"), data={"staff_ids": []}).status_code == 403
