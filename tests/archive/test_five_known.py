"""Which of the five things are known (P5): one rule for page and night, dated, and never from texts."""

import itertools
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from lxsaas.archive.five_known import KNOWN, missing, renew_five_known
from lxsaas.archive.models import ChildProfile, KnownSpell, TemporaryGuardian
from lxsaas.archive.queries import known_on, profiles_of, temporary_guardians_of
from lxsaas.core.changes import ChangeLog
from lxsaas.pupils.models import Guardian, Pupil
from lxsaas.pupils.queries import family_of
from tests.archive.people import TODAY, House

TOMORROW, YESTERDAY = TODAY + timedelta(days=1), TODAY - timedelta(days=1)


def set_pupil(house: House, **values: Any) -> None:
    with house.factory.session(house.school.scope) as session:
        pupil = session.get_one(Pupil, (house.school.id, house.child))
        for name, value in values.items():
            setattr(pupil, name, value)


def profile(house: House, **values: Any) -> None:
    given = {"no_history": False} | values
    with house.factory.session(house.school.scope) as session:
        row = ChildProfile(
            school_id=house.school.id, pupil_id=house.child, recorded_by=house.teacher.id, **given
        )
        session.add(row)


def temporary(house: House, starts_on: date, ends_on: date | None, **values: Any) -> None:
    with house.factory.session(house.school.scope) as session:
        session.add(
            TemporaryGuardian(
                school_id=house.school.id, pupil_id=house.child, recorded_by=house.teacher.id, name="邻居",
                relation="99", starts_on=starts_on, ends_on=ends_on, phone_sealed=b"x", **values,
            )
        )  # fmt: skip


def known(house: House, on: date = TODAY) -> dict[str, bool]:
    """What the night would count on a day."""
    with house.factory.session(house.school.scope) as session:
        spell = session.scalars(known_on(house.school.id, [house.child], on)).one_or_none()
        return {name: getattr(spell, name) for name in (*KNOWN, "is_complete")} if spell else {}


def on_page(house: House) -> dict[str, bool]:
    """What the page would say today."""
    with house.factory.session(house.school.scope) as session:
        pupil = session.get_one(Pupil, (house.school.id, house.child))
        gaps = missing(
            pupil,
            session.scalars(profiles_of(house.school.id, [pupil.id])).one_or_none(),
            session.scalars(family_of(house.school.id, pupil.id)).all(),
            session.scalars(temporary_guardians_of(house.school.id, [pupil.id], TODAY)).all(),
        )
        return {name: not gaps[name] for name in KNOWN}


def renew(house: House, on: date = TODAY) -> int:
    with house.factory.session(house.school.scope) as session:
        return renew_five_known(session, house.school.id, [house.child], on)


def test_a_new_file_lacks_things_and_the_page_says_which(house: House) -> None:
    renew(house)
    assert known(house) == dict.fromkeys((*KNOWN, "is_complete"), False)
    page = house.client(house.teacher).get(f"{house.school.path}pupils/{house.child}").text
    assert "Missing: household, boarding or day pupil" in page
    assert "telephone of the guardian at home" in page
    assert f"pupils/{house.child}/profile" in page


def test_a_file_is_complete_once_all_five_are_known(house: House) -> None:
    set_pupil(house, is_rural=True, is_boarding=False, health="10")
    profile(house, character_sealed=b"x", interests_sealed=b"x", no_history=True)
    house.member(name="奶奶", relation="62", is_at_home=True, phone="13700000001")
    assert renew(house) == 1
    assert known(house)["is_complete"]
    assert on_page(house) == dict.fromkeys(KNOWN, True)
    assert renew(house) == 0


CASES: list[dict[str, Any]] = [
    {"is_orphan": True},
    {"health": "30"},
    {"history_sealed": b"x"},
    {"no_history": True},
    {"at_home": {"relation": "62", "is_at_home": True, "phone": "13700000001"}},
    {"gone": {"relation": "52", "is_gone": True}},
    {"silent": {"relation": "52", "workplace": "厦门"}},
    {"jobless": {"relation": "58", "phone": "13700000002"}},
    {"removed": {"relation": "52", "removed_on": TODAY}},
    {"temporary": (YESTERDAY, None)},
    {"temporary": (YESTERDAY, TODAY)},
    {"temporary": (TOMORROW, None)},
]


@pytest.mark.parametrize("pair", list(itertools.combinations(range(len(CASES)), 2)))
def test_page_and_night_agree(house: House, pair: tuple[int, int]) -> None:
    given = CASES[pair[0]] | CASES[pair[1]]
    set_pupil(house, **{name: given[name] for name in ("is_orphan", "health") if name in given})
    texts = {name: given[name] for name in ("history_sealed", "no_history") if name in given}
    if texts:
        profile(house, **texts)
    for name in ("at_home", "gone", "silent", "jobless", "removed"):
        if name in given:
            house.member(name=name, **given[name])
    if "temporary" in given:
        temporary(house, *given["temporary"])
    renew(house)
    counted = known(house)
    assert {name: counted[name] for name in KNOWN} == on_page(house)


def test_past_days_stay_as_they_were_known(house: House) -> None:
    renew(house, TODAY - timedelta(days=10))
    profile(house, character_sealed=b"x")
    renew(house, TODAY - timedelta(days=4))
    assert not known(house, TODAY - timedelta(days=11))
    assert not known(house, TODAY - timedelta(days=5))["character"]
    assert known(house, TODAY - timedelta(days=4))["character"]
    assert known(house)["character"]


def test_twice_on_one_day_leaves_one_spell_and_notes_the_day(house: House) -> None:
    renew(house)
    profile(house, interests_sealed=b"x")
    renew(house)
    assert [one.interests for one in house.rows(KnownSpell)] == [True]
    assert {one.starts_on for one in house.rows(ChangeLog)} == {TODAY}


def test_contacts_that_rest_on_a_temporary_guardian_end_with_it(house: House) -> None:
    ends_on = TODAY + timedelta(days=20)
    temporary(house, YESTERDAY, ends_on)
    renew(house)
    assert known(house)["contacts"]
    assert known(house, ends_on - timedelta(days=1))["contacts"]
    assert not known(house, ends_on)["contacts"]
    house.member(name="奶奶", relation="62", is_at_home=True, phone="13700000001")
    renew(house)
    assert known(house, ends_on)["contacts"]


def test_the_night_s_login_counts_without_the_right_to_read_a_text(house: House) -> None:
    renew(house)
    with house.factory.session(house.school.scope) as session:
        for table, column in (
            ("known_spell", "is_complete"), ("entrustment", "ends_on"), ("parent_contact_week", "week_on"),
        ):  # fmt: skip
            allowed = text("select has_column_privilege('lx_aggregator', :table, :column, 'SELECT')")
            assert session.scalar(allowed, {"table": table, "column": column})
        for table in ("child_profile", "temporary_guardian", "consent", "correction_request"):
            refused = text("select has_any_column_privilege('lx_aggregator', :table, 'SELECT')")
            assert not session.scalar(refused, {"table": table})


def test_many_children_are_renewed_in_a_constant_number_of_statements(house: House) -> None:
    ids = [house.factory.pupil(house.school, house.class_id) for _ in range(12)]
    with house.factory.session(house.school.scope) as session:
        assert renew_five_known(session, house.school.id, ids, TODAY) == 12
        assert len(session.scalars(select(KnownSpell.id)).all()) == 12


def test_a_member_of_the_family_counts_once_its_number_is_there(house: House) -> None:
    set_pupil(house, is_orphan=False)
    mother = house.member(name="妈妈", relation="52", workplace="厦门", is_at_home=True)
    renew(house)
    assert not known(house)["contacts"]
    house.seal(Guardian, mother, phone="13700000009")
    renew(house)
    assert known(house)["contacts"]


def test_care_targets_whose_file_lacks_something_are_listed_with_what(house: House) -> None:
    client = house.client(house.teacher)
    path = f"{house.school.path}incomplete-files"
    assert "汤文博" not in client.get(path).text
    house.factory.left_behind(house.school, house.child)
    assert "Missing: Basic data, Character" in client.get(path).text
    set_pupil(house, is_rural=True, is_boarding=False, health="10")
    profile(house, character_sealed=b"x", interests_sealed=b"x", no_history=True)
    renew(house)
    assert "Missing: Contacts of parents and guardian" in client.get(path).text
    house.member(name="奶奶", relation="62", is_at_home=True, phone="13700000001")
    renew(house)
    assert "汤文博" not in client.get(path).text
