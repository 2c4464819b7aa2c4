"""An import leaves alone what the school entered, and tells who was editing meanwhile."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from lxsaas.archive.models import KnownSpell
from lxsaas.core.crypto import school_cipher
from lxsaas.extensions import session_for
from lxsaas.pupils.models import OWN_POSITION, Guardian, ParentAbsence, Pupil
from lxsaas.pupils.register import read_register
from lxsaas.pupils.register_actions import Counts, apply_register
from lxsaas.schools.models import School
from tests.archive.people import TODAY, House
from tests.pupils.workbooks import Row, pupils, xlsx


@pytest.fixture
def rows(house: House) -> list[Row]:
    """Three children as the register lists them, imported."""
    with house.factory.session(house.school.scope) as session:
        code = session.scalars(select(School.register_code).where(School.id == house.school.id)).one()
    listed = pupils(3, code=code)
    bring(house, listed)
    return listed


def bring(house: House, rows: list[Row]) -> Counts:
    with house.app.app_context(), session_for(house.school.scope) as session:
        code = session.scalars(select(School.register_code).where(School.id == house.school.id)).one()
        parsed = read_register(xlsx(rows), school_register_code=code, today=TODAY)
        counts = apply_register(
            session, school_id=house.school.id, parsed=parsed, today=TODAY, by=house.principal.id
        )
        session.commit()
        return counts


def father_of(house: House, row: Row) -> Any:
    return house.rows(Guardian, Guardian.name == row["成员1姓名"])[0]


def phone_of(house: House, member: Any) -> str | None:
    with house.factory.session(house.school.scope) as session:
        cipher = school_cipher(session, house.school.id)
        return cipher.open(member.phone_sealed, table="guardian", column="phone_sealed", row_id=member.id)


def edit(house: House, member: Any, version: int, **values: Any) -> int:
    client = house.client(house.principal)
    form = {"name": member.name, "relation": member.relation, "version": str(version)} | values
    return client.post(f"{house.school.path}guardians/{member.id}", data=form).status_code


def test_an_import_fills_who_is_at_home_and_what_is_known(house: House, rows: list[Row]) -> None:
    away, home = father_of(house, rows[0]), father_of(house, rows[1])
    assert (away.is_at_home, home.is_at_home) == (False, True)
    assert away.phone_digest is not None
    spells = {one.pupil_id: one for one in house.rows(KnownSpell)}
    assert spells[away.pupil_id].basics
    assert not spells[away.pupil_id].character


def test_a_corrected_member_survives_the_next_import(house: House, rows: list[Row]) -> None:
    father = father_of(house, rows[0])
    assert edit(house, father, 1, phone="13711112222", workplace="厦门") == 302
    assert bring(house, rows).changed == 0
    rows[0]["成员1联系电话"], rows[0]["健康状况"] = "13600000000", "一般或较弱"
    assert bring(house, rows).changed == 1
    [after] = house.rows(Guardian, Guardian.id == father.id)
    assert (phone_of(house, after), after.workplace) == ("13711112222", "厦门")


def test_a_removed_member_is_not_brought_back_and_an_added_one_stays(house: House, rows: list[Row]) -> None:
    father = father_of(house, rows[0])
    client = house.client(house.principal)
    client.post(f"{house.school.path}guardians/{father.id}/removal", data={"version": "1"})
    form = {"name": "王秀英", "relation": "62", "phone": "13700000001"}
    client.post(f"{house.school.path}pupils/{father.pupil_id}/family/new", data=form)
    rows[0]["健康状况"] = "一般或较弱"
    assert bring(house, rows).changed == 1
    family = house.rows(Guardian, Guardian.pupil_id == father.pupil_id, Guardian.removed_on.is_(None))
    assert [one.name for one in family] == [rows[0]["成员2姓名"], "王秀英"]
    assert family[1].position == OWN_POSITION


def test_a_number_that_was_checked_stays_checked_until_it_changes(house: House, rows: list[Row]) -> None:
    father = father_of(house, rows[0])
    client = house.client(house.principal)
    client.post(f"{house.school.path}guardians/{father.id}/verification", data={"version": "1"})
    rows[0]["健康状况"] = "一般或较弱"
    bring(house, rows)
    assert father_of(house, rows[0]).verified_on == TODAY
    rows[0]["成员1联系电话"] = "13600000000"
    bring(house, rows)
    assert father_of(house, rows[0]).verified_on is None


def test_who_edits_while_an_import_runs_is_told(house: House, rows: list[Row]) -> None:
    father = father_of(house, rows[0])
    rows[0]["成员1工作单位"] = "制衣厂"
    bring(house, rows)
    after = father_of(house, rows[0])
    assert (after.id, after.workplace, after.version) == (father.id, "制衣厂", 2)
    assert edit(house, father, 1, workplace="厦门") == 422
    assert father_of(house, rows[0]).workplace == "制衣厂"


def test_a_blank_cell_does_not_empty_what_the_school_filled(house: House, rows: list[Row]) -> None:
    rows[1]["联系电话"] = ""
    bring(house, rows)
    [pupil] = house.rows(Pupil, Pupil.name == rows[1]["姓名"])
    form = {
        "address": "平坝村九组",
        "phone": "13755556666",
        "is_boarding": "1",
        "version": str(pupil.version),
    }
    client: FlaskClient = house.client(house.principal)
    assert client.post(f"{house.school.path}pupils/{pupil.id}/basics", data=form).status_code == 302
    rows[1]["健康状况"] = "一般或较弱"
    bring(house, rows)
    [after] = house.rows(Pupil, Pupil.id == pupil.id)
    with house.factory.session(house.school.scope) as session:
        cipher = school_cipher(session, house.school.id)
        phone = cipher.open(after.phone_sealed, table="pupil", column="phone_sealed", row_id=after.id)
    assert phone == "13755556666"
    assert after.phone_digest is not None
    assert after.health == "20"


def test_a_number_that_the_school_found_out_stays_where_the_register_has_none(
    house: House, rows: list[Row]
) -> None:
    number, rows[1]["身份证件号"] = rows[1]["身份证件号"], ""
    bring(house, rows)
    [pupil] = house.rows(Pupil, Pupil.name == rows[1]["姓名"])
    held = pupil.identity_digest
    assert held is not None
    rows[1]["健康状况"] = "一般或较弱"
    bring(house, rows)
    [after] = house.rows(Pupil, Pupil.id == pupil.id)
    assert (after.identity_digest, after.health) == (held, "20")
    with house.factory.session(house.school.scope) as session:
        cipher = school_cipher(session, house.school.id)
        place = {"table": "pupil", "column": "identity_sealed", "row_id": pupil.id}
        assert cipher.open(after.identity_sealed, **place) == number


def away(house: House, pupil_id: int) -> list[tuple[str, str | None]]:
    """Who is away now, and where."""
    open_now = house.rows(ParentAbsence, ParentAbsence.pupil_id == pupil_id, ParentAbsence.ends_on.is_(None))
    return sorted((one.parent, one.place) for one in open_now)


def test_what_the_school_knows_of_absences_stands_until_the_register_says_something_new(
    house: House, rows: list[Row]
) -> None:
    """The register counts from three months on: a mother who has just left it knows nothing of."""
    client = house.client(house.principal)
    [home] = house.rows(Pupil, Pupil.name == rows[1]["姓名"])
    left = {"pupil": home.id, "parent": "mother", "starts_on": TODAY.isoformat(), "source": "staff"}
    assert client.post(f"{house.school.path}absences/entries", data=left).status_code == 302
    rows[1]["健康状况"] = "一般或较弱"
    bring(house, rows)
    assert away(house, home.id) == [("mother", None)]
    # One parent is away, the sheet does not show which; the school knows.
    rows[1]["是否留守儿童"] = "1"
    bring(house, rows)
    assert away(house, home.id) == [("mother", None)]
    rows[1]["是否留守儿童"] = "0"
    bring(house, rows)
    assert away(house, home.id) == []
