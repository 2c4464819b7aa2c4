"""A class's facts on one page: what was changed is saved, all or nothing, for one's own children alone."""

import re

import pytest
import sqlalchemy as sa

from lxsaas.archive.models import ChildProfile
from lxsaas.core.audit import AuditEntry
from lxsaas.pupils.models import Pupil
from lxsaas.registers.models import RowVersion
from tests.filings.conftest import Office


def stands(office: Office, pupil_id: int) -> tuple[object, ...]:
    with office.factory.session(office.school.scope) as session:
        of_profile = sa.select(ChildProfile).where(ChildProfile.pupil_id == pupil_id)
        profile, pupil = (
            session.scalars(of_profile).one(),
            session.get_one(Pupil, (office.school.id, pupil_id)),
        )
        return (
            profile.guardianship,
            profile.lives_with,
            profile.is_registered,
            pupil.is_boarding,
            pupil.health,
        )


def form_of(page: str) -> dict[str, str]:
    """What a browser would send of the page as it is."""
    found = dict(re.findall(r'name="(\d+-seen)" value="([^"]*)"', page))
    for name, body in re.findall(
        r'<select class="form-select[^"]*" name="(\d+-\w+)".*?>(.*?)</select>', page, re.S
    ):
        chosen = re.search(r'value="([^"]*)" selected', body)
        found[name] = chosen[1] if chosen else ""
    return found


@pytest.fixture
def class_page(office: Office) -> str:
    return f"{office.school.path}filings/facts"


def test_what_was_changed_is_saved_and_nothing_else(office: Office, class_page: str) -> None:
    first, second, third = (
        office.child(profile={"guardianship": None, "lives_with": None}),
        office.child(profile={"guardianship": None}, household_place=None),
        office.child(),
    )
    client = office.client(office.principal)
    assert "missing=guardianship" in client.get(office.draft_path).text, "the faults lead to it"
    missing = f"{class_page}?missing=guardianship&term={office.term_id}"
    page = client.get(missing).text
    assert (f"pupils/{first}" in page, f"pupils/{third}" in page) == (True, False)
    form = form_of(page) | {
        f"{first}-guardianship": "fair", f"{first}-lives_with": "relatives", f"{first}-is_boarding": "1",
        f"{second}-guardianship": "good", f"{second}-is_registered": "0",
    }  # fmt: skip
    assert client.post(missing, data=form).status_code == 302
    assert stands(office, first) == ("fair", "relatives", None, True, "10")
    assert stands(office, second) == ("good", "grandparents", False, False, "10")
    assert f"pupils/{first}" not in client.get(missing).text
    assert office.draft().adds_up
    with office.factory.session(office.school.scope) as session:
        assert session.scalar(sa.select(sa.func.count(RowVersion.id))) == 3, (
            "two profiles, a child; not the third"
        )
        actions = session.scalars(sa.select(AuditEntry.action)).all()
        assert actions.count("edit_child_profile") == 2
    again = client.get(f"{class_page}?class={office.class_of(3)}").text
    before = stands(office, first)
    assert client.post(f"{class_page}?class={office.class_of(3)}", data=form_of(again)).status_code == 302
    assert stands(office, first) == before


def test_a_refusal_saves_nothing_and_keeps_what_was_typed(office: Office, class_page: str) -> None:
    first, second = office.child(), office.child()
    client = office.client(office.principal)
    form = form_of(client.get(class_page).text) | {
        f"{first}-guardianship": "poor", f"{second}-lives_with": "parent",
    }  # fmt: skip
    refused = client.post(class_page, data=form)
    assert refused.status_code == 422
    assert "父母双方外出" in refused.text
    assert form_of(refused.text)[f"{first}-guardianship"] == "poor"
    assert stands(office, first)[0] == "good"
    office.change("child_profile", first, guardianship="fair", version=2)
    stale = client.post(class_page, data=form | {f"{second}-lives_with": "grandparents"})
    assert stale.status_code == 422
    assert stands(office, first)[0] == "fair", "not over what somebody else has just said"
    once_more = form_of(stale.text)
    assert once_more[f"{first}-guardianship"] == "poor"
    assert client.post(class_page, data=once_more).status_code == 302
    assert stands(office, first)[0] == "poor"
    unknown = form_of(client.get(class_page).text) | {f"{first}-health": "99"}
    assert client.post(class_page, data=unknown).status_code == 422


def test_a_homeroom_teacher_sets_the_own_class_alone(office: Office, class_page: str) -> None:
    teacher = office.factory.staff(office.school, "homeroom_teacher")
    office.classes[3] = office.factory.school_class(office.school, teacher, 3)
    own, other = office.child(grade=3), office.child(grade=4)
    client = office.client(teacher)
    page = client.get(class_page).text
    assert (f"pupils/{own}" in page, f"pupils/{other}" in page) == (True, False)
    assert f"pupils/{other}" not in client.get(f"{class_page}?class={office.class_of(4)}").text
    forged = {f"{other}-seen": "1|1|grandparents|good||0|10", f"{other}-guardianship": "poor"}
    client.post(class_page, data=forged)
    assert stands(office, other)[0] == "good"
    helper = office.client(office.factory.staff(office.school, "teacher"))
    assert helper.get(class_page).status_code == 403
    neighbour = office.factory.school(office.district)
    stranger = office.factory.staff(neighbour, "principal").sign_in(office.app.test_client())
    assert f"pupils/{own}" not in stranger.get(f"{neighbour.path}filings/facts").text
    officer = office.client(office.officer)
    assert officer.get(class_page).status_code in (302, 403)
