"""The forms that mend a child's file: what they keep, refuse, remember; and two people at once."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from stdnum.iso7064 import mod_11_2

from lxsaas.archive.models import ChildProfile, KnownSpell
from lxsaas.core.changes import ChangeLog
from lxsaas.core.crypto import school_cipher
from lxsaas.pupils.models import OWN_POSITION, Guardian, LeftBehindSpell, ParentAbsence, Pupil
from lxsaas.registers.models import RowVersion
from tests.archive.people import FATHER_PHONE, IDENTITY, TODAY, House

PROFILE = {"lives_with": "grandparents", "character": "内向", "interests": "画画", "no_history": "y"}
MEMBER = {"name": "王秀英", "relation": "62", "phone": "139 1234 0000", "is_at_home": "1"}
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "formula": "=HYPERLINK(1)",
    "nul": "a\0b",
    "long": "长" * 1_000_000,
}


def url(house: House, path: str) -> str:
    return f"{house.school.path}{path}"


def opened(house: House, row: Any, name: str) -> str | None:
    with house.factory.session(house.school.scope) as session:
        cipher = school_cipher(session, house.school.id)
        column = f"{name}_sealed"
        return cipher.open(getattr(row, column), table=row.__tablename__, column=column, row_id=row.id)


def member(house: House, member_id: int) -> Any:
    return house.rows(Guardian, Guardian.id == member_id)[0]


def test_a_profile_is_sealed_kept_and_shown_to_who_may(house: House, teacher: FlaskClient) -> None:
    answer = teacher.post(url(house, f"pupils/{house.child}/profile"), data=PROFILE | {"version": "0"})
    assert answer.status_code == 302
    [row] = house.rows(ChildProfile)
    assert opened(house, row, "character") == "内向"
    assert "内向".encode() not in row.character_sealed
    page = teacher.get(url(house, f"pupils/{house.child}")).text
    assert "内向" not in page
    assert "内向" in teacher.post(url(house, f"pupils/{house.child}/secrets")).text
    assert house.rows(KnownSpell)[-1].character


def test_a_changed_profile_keeps_what_stood_there(house: House, teacher: FlaskClient) -> None:
    path = url(house, f"pupils/{house.child}/profile")
    teacher.post(path, data=PROFILE)
    teacher.post(path, data=PROFILE | {"character": "开朗", "version": "1"})
    [row] = house.rows(ChildProfile)
    assert (row.version, opened(house, row, "character")) == (2, "开朗")
    [version] = house.rows(RowVersion)
    with house.factory.session(house.school.scope) as session:
        cipher = school_cipher(session, house.school.id)
        kept = cipher.open(
            version.values_sealed, table="row_version", column="values_sealed", row_id=version.id
        )
    assert "内向" in (kept or "")


def test_two_who_fill_the_same_profile_do_not_overwrite_each_other(
    house: House, teacher: FlaskClient
) -> None:
    path = url(house, f"pupils/{house.child}/profile")
    teacher.post(path, data=PROFILE)
    answer = teacher.post(path, data=PROFILE | {"character": "另一个老师的话", "version": "0"})
    assert answer.status_code == 422
    assert "Somebody has changed this" in answer.text
    assert "另一个老师的话" in answer.text
    assert opened(house, house.rows(ChildProfile)[0], "character") == "内向"


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("field", ["character", "history"])
def test_hostile_texts_are_refused_or_shown_as_texts(
    house: House, teacher: FlaskClient, field: str, kind: str
) -> None:
    path = url(house, f"pupils/{house.child}/profile")
    answer = teacher.post(path, data=PROFILE | {field: HOSTILE[kind]})
    if kind in ("nul", "long"):
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text
        assert not house.rows(ChildProfile)
    else:
        assert answer.status_code == 302
        page = teacher.post(url(house, f"pupils/{house.child}/secrets")).text
        assert "<script>alert" not in page


def test_basics_that_the_register_left_open_are_filled(house: House, teacher: FlaskClient) -> None:
    path = url(house, f"pupils/{house.child}/basics")
    form = {"address": "三组", "phone": "", "is_rural": "1", "is_boarding": "0", "version": "1"}
    assert teacher.post(path, data=form).status_code == 302
    [pupil] = house.rows(Pupil, Pupil.id == house.child)
    assert (pupil.is_rural, pupil.is_boarding, pupil.phone_digest, pupil.version) == (True, False, None, 2)
    stale = teacher.post(path, data=form | {"address": "四组"})
    assert stale.status_code == 422
    assert "四组" in stale.text
    shown = teacher.get(path).text
    assert "三组" in shown
    assert '<option selected value="1">rural' in shown
    assert '<option selected value="0">day pupil' in shown


def test_who_counts_as_left_behind_follows_from_household_and_orphanhood(
    house: House, teacher: FlaskClient
) -> None:
    """Definitions ask for both: a correction takes effect at once, from the first day on."""
    path, since = url(house, f"pupils/{house.child}/basics"), date(2024, 9, 1)
    with house.factory.session(house.school.scope) as session:
        away = {"parent": "father", "starts_on": since, "start_is_estimated": False, "source": "staff"}
        session.add(ParentAbsence(school_id=house.school.id, pupil_id=house.child, **away))

    def spells() -> dict[str, date]:
        return {one.definition: one.starts_on for one in house.rows(LeftBehindSpell)}

    teacher.post(path, data={"is_orphan": "1", "version": "1"})
    assert spells()["state_council_2016"] == since
    teacher.post(path, data={"is_orphan": "1", "is_rural": "0", "version": "2"})
    assert "register" in spells()
    assert "state_council_2016" not in spells()
    assert [one.starts_on for one in house.rows(ChangeLog)][-1] == since


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("12345", "An identity number has 17 digits"),
        (IDENTITY, "does not fit the others"),
        ("99010120150501001X", "does not fit the others"),
    ],
)
def test_an_identity_number_that_is_none_is_refused_at_its_field(
    house: House, teacher: FlaskClient, number: str, sentence: str
) -> None:
    answer = teacher.post(
        url(house, f"pupils/{house.child}/basics"), data={"identity": number, "version": "1"}
    )
    assert answer.status_code == 422
    assert sentence in answer.text.split('id="identity-error"')[1][:400]
    assert f'value="{number}"' in answer.text


def test_another_pupil_s_identity_number_is_refused(house: House) -> None:
    begin = "99010120160501000"
    number = begin + mod_11_2.calc_check_digit(begin)
    house.seal(Pupil, house.other, identity=number)
    client = house.client(house.principal)
    answer = client.post(
        url(house, f"pupils/{house.child}/basics"), data={"identity": number, "version": "1"}
    )
    assert answer.status_code == 422
    assert "Another pupil of the school" in answer.text.split('id="identity-error"')[1][:400]


def test_a_member_of_the_family_is_added_with_a_number_in_one_form(
    house: House, teacher: FlaskClient
) -> None:
    path = url(house, f"pupils/{house.child}/family/new")
    assert teacher.post(path, data=MEMBER | {"is_checked": "y"}).status_code == 302
    added = house.rows(Guardian, Guardian.name == "王秀英")[0]
    assert (added.position, added.is_own, added.verified_on) == (OWN_POSITION, True, TODAY)
    assert opened(house, added, "phone") == "13912340000"
    for _ in range(2):
        assert teacher.post(path, data=MEMBER | {"name": "李四"}).status_code == 302
    [second] = house.rows(Guardian, Guardian.name == "李四")
    assert second.position == OWN_POSITION + 1


@pytest.mark.parametrize(
    "phone", ["123", "1391234000", "139123400001", "8234567", "零八零", "021-123", "<b>", "1" * 60]
)
def test_a_number_that_nobody_can_dial_is_refused_and_stays_typed(
    house: House, teacher: FlaskClient, phone: str
) -> None:
    answer = teacher.post(url(house, f"pupils/{house.child}/family/new"), data=MEMBER | {"phone": phone})
    assert answer.status_code == 422
    assert 'id="phone-error"' in answer.text
    assert phone.replace("<", "&lt;").replace(">", "&gt;") in answer.text
    assert not house.rows(Guardian, Guardian.name == "王秀英")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("+86 139-1234-0000", "13912340000"),
        ("０８５９－８８２３４５６", "08598823456"),
        ("008613912340000", "13912340000"),
        ("(0859) 8823456", "08598823456"),
    ],
)
def test_numbers_are_kept_in_one_form(house: House, teacher: FlaskClient, typed: str, kept: str) -> None:
    teacher.post(url(house, f"pupils/{house.child}/family/new"), data=MEMBER | {"phone": typed})
    assert opened(house, house.rows(Guardian, Guardian.name == "王秀英")[0], "phone") == kept


def test_what_is_missing_or_unknown_is_said_at_its_field(house: House, teacher: FlaskClient) -> None:
    path = url(house, f"pupils/{house.child}/family/new")
    answer = teacher.post(path, data={"relation": "77", "is_at_home": "9"})
    assert answer.status_code == 422
    for field in ("name", "relation"):
        assert f'id="{field}-error"' in answer.text


def test_checked_today_is_one_tap(house: House, teacher: FlaskClient) -> None:
    page = teacher.get(url(house, f"pupils/{house.child}")).text
    assert f"guardians/{house.father}/verification" in page
    path = url(house, f"guardians/{house.father}/verification")
    assert teacher.post(path, data={"version": "1"}).status_code == 302
    assert member(house, house.father).verified_on == TODAY
    assert f"guardians/{house.father}/verification" not in teacher.get(
        url(house, f"pupils/{house.child}")
    ).text  # fmt: skip


def test_a_stale_tap_or_form_changes_nothing_and_says_so(house: House, teacher: FlaskClient) -> None:
    path = url(house, f"guardians/{house.father}")
    form = {"name": "汤建国", "relation": "51", "phone": FATHER_PHONE, "workplace": "厦门", "version": "1"}
    assert teacher.post(path, data=form).status_code == 302
    late = house.client(house.principal)
    answer = late.post(path, data=form | {"workplace": "杭州"})
    assert answer.status_code == 422
    assert "Somebody has changed this" in answer.text
    assert member(house, house.father).workplace == "厦门"
    late.post(f"{path}/removal", data={"version": "1"})
    assert member(house, house.father).removed_on is None


def test_a_removed_member_is_gone_from_the_page_and_its_form(house: House, teacher: FlaskClient) -> None:
    path = url(house, f"guardians/{house.father}")
    assert teacher.post(f"{path}/removal", data={"version": "1"}).status_code == 302
    assert "汤建国" not in teacher.get(url(house, f"pupils/{house.child}")).text
    assert teacher.get(path).status_code == 404
    assert house.rows(RowVersion)[0].change == "withdrawn"


def test_forms_open_with_what_stands_and_that_is_logged(house: House, teacher: FlaskClient) -> None:
    page = teacher.get(url(house, f"guardians/{house.father}")).text
    assert FATHER_PHONE in page
    assert [one.detail for one in house.audited("open_secrets")] == [{"page": "guardian"}]


def test_members_of_other_classes_and_schools_do_not_exist(house: House, teacher: FlaskClient) -> None:
    stranger = house.member(house.other, name="外人", relation="51", phone="13600000001")
    for path in (f"guardians/{stranger}", "guardians/999999999"):
        assert teacher.get(url(house, path)).status_code == 404
        assert teacher.post(url(house, f"{path}/removal"), data={"version": "1"}).status_code == 404
    elsewhere = house.factory.school()
    client = house.factory.staff(elsewhere, "principal").sign_in(house.app.test_client())
    assert client.get(f"{elsewhere.path}guardians/{house.father}").status_code == 404


def test_an_entry_in_the_log_bears_names_of_fields_only(house: House, teacher: FlaskClient) -> None:
    form = {"name": "汤建国", "relation": "51", "phone": "13912349999", "version": "1"}
    teacher.post(url(house, f"guardians/{house.father}"), data=form)
    [entry] = house.audited("edit_guardian")
    assert sorted(entry.detail) == ["fields", "pupil_id"]
    assert set(entry.detail["fields"]) == {"phone", "workplace"}


def test_a_child_that_lives_alone_is_flagged(house: House, teacher: FlaskClient) -> None:
    teacher.post(url(house, f"pupils/{house.child}/profile"), data=PROFILE | {"lives_with": "alone"})
    assert "This child lives alone" in teacher.get(url(house, f"pupils/{house.child}")).text
    with house.factory.session(house.school.scope) as session:
        pupil = session.get_one(Pupil, (house.school.id, house.child))
        pupil.born_on = TODAY - timedelta(days=17 * 366)
    assert "This child lives alone" not in teacher.get(url(house, f"pupils/{house.child}")).text
