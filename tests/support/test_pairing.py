"""Pairing: several helpers at a time, none twice, nobody with too many, nobody left alone when one leaves."""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from lxsaas.accounts.models import Staff
from lxsaas.core import clock
from lxsaas.core.errors import RuleError
from lxsaas.duty_rules.actions import set_duty
from lxsaas.support import actions
from lxsaas.support.models import Pairing
from tests.factories import Factory, Person, Place

TODAY = clock.today("Asia/Shanghai")


@pytest.fixture
def classroom(factory: Factory) -> tuple[Place, Person, int, int]:
    school = factory.school()
    teacher = factory.staff(school)
    class_id = factory.school_class(school, teacher)
    return school, teacher, class_id, factory.pupil(school, class_id)


def pair(pupil_id: int, **more: object) -> dict[str, object]:
    return {"pupil": pupil_id, "kind": "teacher", "starts_on": str(TODAY)} | more


def pairings(factory: Factory, school: Place) -> list[tuple[int, int | None, bool]]:
    """(child, helper, whether it has ended) of every pairing in force or past."""
    with factory.session(school.scope) as session:
        query = select(Pairing).where(Pairing.withdrawn_at.is_(None)).order_by(Pairing.id)
        return [(one.pupil_id, one.staff_id, one.ends_on is not None) for one in session.scalars(query)]


def test_a_child_has_several_helpers_but_none_twice(
    factory: Factory, client: FlaskClient, classroom: tuple[Place, Person, int, int]
) -> None:
    school, teacher, class_id, pupil_id = classroom
    classmate = factory.pupil(school, class_id)
    address = f"{school.path}pairings/entries"
    teacher.sign_in(client)
    for more in ({"staff_id": teacher.id}, {"kind": "pupil", "helper_pupil_id": classmate},
                 {"kind": "caring_mother", "helper_name": "王婶"}):  # fmt: skip
        assert client.post(address, data=pair(pupil_id, **more)).status_code == 302, more
    twice = client.post(address, data=pair(pupil_id, staff_id=teacher.id))
    assert twice.status_code == 422
    assert 'id="staff_id-error"' in twice.text
    assert len(pairings(factory, school)) == 3


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({}, "staff_id"),
        ({"kind": "pupil"}, "helper_pupil_id"),
        ({"kind": "neighbour"}, "staff_id"),
        ({"kind": "neighbour", "helper_name": "李叔", "ends_on": "2020-01-01"}, "ends_on"),
        ({"kind": "neighbour", "helper_name": "李叔", "ends_on": str(TODAY)}, "end_reason"),
        ({"kind": "neighbour", "helper_name": "x" * 101}, "helper_name"),
        ({"kind": "uncle", "helper_name": "李叔"}, "kind"),
        ({"kind": "neighbour", "helper_name": "李叔", "starts_on": "2999-01-01"}, "starts_on"),
        ({"staff_id": "99999999999999999999"}, "staff_id"),
    ],
)
def test_what_makes_no_sense_is_told_at_its_field(
    wrong: dict[str, object],
    field: str,
    factory: Factory,
    client: FlaskClient,
    classroom: tuple[Place, Person, int, int],
) -> None:
    school, teacher, _, pupil_id = classroom
    answer = teacher.sign_in(client).post(f"{school.path}pairings/entries", data=pair(pupil_id, **wrong))
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert pairings(factory, school) == []


@pytest.mark.parametrize(
    ("kind", "ended"),
    [
        ("teacher", {"ends_on": str(TODAY), "end_reason": "other"}),
        ("volunteer", {"staff_id": "", "helper_name": "王婶"}),
    ],
    ids=["it ends", "somebody else is named"],
)
def test_a_helper_sees_the_child_as_long_as_the_pairing_holds(
    factory: Factory,
    app: Flask,
    client: FlaskClient,
    classroom: tuple[Place, Person, int, int],
    kind: str,
    ended: dict[str, str],
) -> None:
    school, teacher, _, pupil_id = classroom
    helper = factory.staff(school, "teacher")
    other = helper.sign_in(app.test_client())
    file = f"{school.path}pupils/{pupil_id}"
    assert other.get(file).status_code == 404
    teacher.sign_in(client)
    form = pair(pupil_id, kind=kind, staff_id=helper.id)
    page = client.post(f"{school.path}pairings/entries", data=form).location
    assert other.get(file).status_code == 200
    assert client.post(f"{page}/edit", data=form | ended | {"version": "1"}).status_code == 302
    assert other.get(file).status_code == 404


def test_who_helps_a_child_prolongs_the_own_sight_by_no_entry(
    factory: Factory, app: Flask, client: FlaskClient, classroom: tuple[Place, Person, int, int]
) -> None:
    school, teacher, class_id, pupil_id = classroom
    factory.left_behind(school, pupil_id)
    helper = factory.staff(school, "teacher")
    form = pair(pupil_id, staff_id=helper.id, ends_on=str(TODAY + timedelta(days=1)))
    page = teacher.sign_in(client).post(f"{school.path}pairings/entries", data=form).location
    other = helper.sign_in(app.test_client())
    assert f"{page}/edit" not in other.get(page).text
    for address in (f"{school.path}pairings/new?pupil={pupil_id}", f"{page}/edit"):
        assert other.get(address).status_code == 404, address
    plan = {"pupil": pupil_id, "term": "x", "level": "usual", "goals": "x", "teacher_id": helper.id}
    for register, sent in (("pairings", pair(pupil_id, kind="acting_parent", staff_id=helper.id)),
                           ("help-plans", plan)):  # fmt: skip
        assert other.post(f"{school.path}{register}/entries", data=sent).status_code == 404
    assert other.post(f"{page}/edit", data=form | {"ends_on": "", "version": "1"}).status_code == 404
    assert other.post(f"{page}/withdrawal", data={"version": "1", "reason": "x"}).status_code == 403
    tapped = {"pupils": [pupil_id], "staff_id": helper.id}
    assert other.post(f"{school.path}unpaired", data=tapped).status_code == 404
    check = {"parent": page.rpartition("/")[2], "checked_on": str(TODAY), "finding": "good"}
    assert other.post(f"{school.path}pairing-checks/entries", data=check).location == page
    assert f"{school.path}pairings/new" not in other.get(f"{school.path}week").text


def test_two_at_once_cannot_give_one_helper_too_many(
    app: Flask, factory: Factory, classroom: tuple[Place, Person, int, int]
) -> None:
    school, teacher, class_id, first = classroom
    second = factory.pupil(school, class_id)
    with factory.session(school.scope) as session:
        set_duty(session, school_id=school.id, duty="helper_limit", risk="any", season="term", amount=1,
                 by=teacher.id)  # fmt: skip
    refused: list[str] = []
    together = threading.Barrier(2)

    def try_to_pair(pupil_id: int) -> None:
        together.wait()
        try:
            with factory.session(school.scope) as session:
                actions.teachers_pair(session, school_id=school.id, pupil_ids=[pupil_id],
                                      staff_id=teacher.id, today=TODAY, by=teacher.id)  # fmt: skip
        except RuleError as error:
            refused.append(error.code)

    threads = [threading.Thread(target=try_to_pair, args=(one,)) for one in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["helper_full"]
    assert len(pairings(factory, school)) == 1


def test_a_leavers_children_go_to_another_in_one_step(
    factory: Factory, app: Flask, client: FlaskClient, classroom: tuple[Place, Person, int, int]
) -> None:
    school, teacher, class_id, first = classroom
    second = factory.pupil(school, class_id)
    leaver, heir = factory.staff(school, "teacher"), factory.staff(school, "teacher")
    for pupil_id in (first, second):
        factory.left_behind(school, pupil_id)
    principal = factory.staff(school, "principal").sign_in(client)
    form = {"pupils": [first, second], "staff_id": leaver.id}
    assert principal.post(f"{school.path}unpaired", data=form).status_code == 302
    until = TODAY + timedelta(days=40)
    with factory.session(school.scope) as session:
        session.execute(update(Staff).where(Staff.id == leaver.id).values(is_active=False))
        session.execute(update(Pairing).where(Pairing.pupil_id == second).values(ends_on=until))
    orphans = principal.get(f"{school.path}pairings?show=orphaned").text
    assert f'href="{school.path}pairings/' in orphans
    answer = principal.post(
        f"{school.path}helpers/{leaver.id}/handover", data={"to_staff": heir.id, "reason": "helper_left"}
    )
    assert answer.status_code == 302
    assert sorted(pairings(factory, school), key=str) == sorted(
        [
            (first, leaver.id, True),
            (second, leaver.id, True),
            (first, heir.id, False),
            (second, heir.id, True),
        ],
        key=str,
    )
    with factory.session(school.scope) as session:
        ends = session.scalars(
            select(Pairing.ends_on).where(Pairing.staff_id == heir.id).order_by(Pairing.id)
        )
        assert ends.all() == [None, until], "a pairing ends when it was to end, whoever helps"
    assert teacher.sign_in(app.test_client()).get(f"{school.path}helpers").status_code == 403


def test_children_without_a_helper_are_listed_until_they_have_one(
    factory: Factory, client: FlaskClient, classroom: tuple[Place, Person, int, int]
) -> None:
    school, teacher, _, pupil_id = classroom
    factory.left_behind(school, pupil_id)
    teacher.sign_in(client)
    box = f'value="{pupil_id}"'
    assert box in client.get(f"{school.path}unpaired").text
    client.post(f"{school.path}unpaired", data={"pupils": [pupil_id], "staff_id": teacher.id})
    assert box not in client.get(f"{school.path}unpaired").text


def test_a_pairing_whose_effect_was_not_looked_at_for_long_is_due(
    factory: Factory, client: FlaskClient, classroom: tuple[Place, Person, int, int]
) -> None:
    school, teacher, _, pupil_id = classroom
    teacher.sign_in(client)
    old = pair(pupil_id, staff_id=teacher.id, starts_on=str(TODAY - timedelta(weeks=10)))
    page = client.post(f"{school.path}pairings/entries", data=old).location
    due = f"{school.path}pairings?show=check"
    assert page in client.get(due).text
    check = {"parent": page.rpartition("/")[2], "checked_on": str(TODAY), "finding": "good"}
    assert client.post(f"{school.path}pairing-checks/entries", data=check).location == page
    assert page not in client.get(due).text
