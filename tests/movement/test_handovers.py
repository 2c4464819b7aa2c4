"""Files of a class handed to the next homeroom teacher."""

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from lxsaas.accounts.models import ClassTeacher
from lxsaas.movement import queries
from lxsaas.movement.models import Handover
from tests.factories import Factory, Place
from tests.movement.conftest import TODAY, make_class


def test_a_class_with_a_new_homeroom_teacher_stands_out_until_its_files_are_listed(
    factory: Factory, client: FlaskClient, school: Place
) -> None:
    before, now = factory.staff(school), factory.staff(school)
    class_id = make_class(factory, school, "0301", before)
    with factory.session(school.scope) as session:
        session.execute(update(ClassTeacher).where(ClassTeacher.class_id == class_id).values(ends_on=TODAY))
        session.add(ClassTeacher(school_id=school.id, class_id=class_id, staff_id=now.id, starts_on=TODAY))
        assert session.scalars(queries.classes_to_hand_over(TODAY, TODAY)).all() == [class_id]
    factory.staff(school, "principal").sign_in(client)
    address = f"{school.path}classes/{class_id}/handovers/new"
    form = client.get(address).text
    for one in (before, now):
        assert f'selected value="{one.id}"' in form
    client.post(address, data={"from_staff": before.id, "to_staff": now.id})
    for earlier in (timedelta(0), timedelta(days=30)):
        with factory.session(school.scope) as session:
            session.execute(update(Handover).values(made_at=Handover.made_at - earlier))
            assert session.scalars(queries.classes_to_hand_over(TODAY, TODAY)).all() == []


def test_a_class_is_handed_over_with_a_list_that_both_sign(
    factory: Factory, app: Flask, client: FlaskClient, school: Place
) -> None:
    giver, receiver, stranger = (factory.staff(school) for _ in range(3))
    class_id = make_class(factory, school, "0301", giver)
    factory.pupil(school, class_id, name="移交的学生")
    principal = factory.staff(school, "principal").sign_in(client)
    same = principal.post(
        f"{school.path}classes/{class_id}/handovers/new", data={"from_staff": giver.id, "to_staff": giver.id}
    )
    assert same.status_code == 422
    page = principal.post(
        f"{school.path}classes/{class_id}/handovers/new",
        data={"from_staff": giver.id, "to_staff": receiver.id},
    ).location
    assert "移交的学生" in principal.get(page).text
    browsers = {one.id: one.sign_in(app.test_client()) for one in (giver, receiver, stranger)}
    assert browsers[stranger.id].get(page).status_code == 404
    sign = f"{page}/signature"
    browsers[receiver.id].post(sign)
    assert "signed on" not in browsers[giver.id].get(page, headers={"Accept-Language": "en"}).text
    browsers[giver.id].post(sign)
    browsers[giver.id].post(sign)
    browsers[receiver.id].post(sign)
    signed = browsers[giver.id].get(page, headers={"Accept-Language": "en"}).text
    assert signed.count("signed on") == 2


def test_somebody_else_can_be_named_where_a_colleague_left_before_signing(
    factory: Factory, app: Flask, client: FlaskClient, school: Place
) -> None:
    gone, giver, receiver, other = (factory.staff(school) for _ in range(4))
    class_id = make_class(factory, school, "0301", giver)
    principal = factory.staff(school, "principal", language="en").sign_in(client)
    form = f"{school.path}classes/{class_id}/handovers/new"
    page = principal.post(form, data={"from_staff": gone.id, "to_staff": receiver.id}).location
    assert form in principal.get(page).text
    assert principal.post(form, data={"from_staff": giver.id, "to_staff": receiver.id}).location == page
    giver.sign_in(app.test_client()).post(f"{page}/signature")
    refused = principal.post(form, data={"from_staff": gone.id, "to_staff": other.id})
    assert refused.status_code == 422
    assert 'id="from_staff-error"' in refused.text
    assert principal.post(form, data={"from_staff": giver.id, "to_staff": other.id}).location == page
    other.sign_in(app.test_client()).post(f"{page}/signature")
    assert principal.get(page).text.count("signed on") == 2
    assert form not in principal.get(page).text
