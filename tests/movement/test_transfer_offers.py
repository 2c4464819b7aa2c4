"""Offers of a child to another school: who may open, settle, withdraw and see them."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from lxsaas.core.audit import AuditEntry
from lxsaas.movement import transfer_actions
from lxsaas.movement.transfer_models import TransferPackage
from tests.factories import Factory
from tests.movement.conftest import NUMBER, TODAY, Move, accept, states


def test_a_wrong_code_opens_nothing(factory: Factory, move: Move) -> None:
    offer, code = move.offer()
    for wrong in ("", "AAAA-BBBB-CCCC", "\0", "<script>", code[:-1] + ("A" if code[-1] != "A" else "B")):
        page = move.receiver.post(f"{move.receiving.path}transfers/{offer}", data={"code": wrong})
        assert page.status_code == 422
        assert "欧阳" not in page.text
        data = {"code": wrong, "class_id": move.class_id}
        assert (
            move.receiver.post(f"{move.receiving.path}transfers/{offer}/receipt", data=data).status_code
            == 422
        )
    assert states(factory, move) == [("open", True)]


def test_the_package_is_ciphertext(factory: Factory, move: Move) -> None:
    move.offer()
    with factory.session(move.receiving.scope) as session:
        package = session.scalars(sa.select(TransferPackage)).one()
        assert package.content is not None
        assert "欧阳".encode() not in package.content
        assert NUMBER.encode() not in package.content


def test_another_school_sees_no_offer(factory: Factory, app: Flask, move: Move) -> None:
    offer, code = move.offer()
    third = factory.school()
    client = factory.staff(third, "principal").sign_in(app.test_client())
    assert client.post(f"{third.path}transfers/{offer}", data={"code": code}).status_code == 404
    for verb in ("receipt", "refusal", "withdrawal", "confirmation"):
        assert client.post(f"{third.path}transfers/{offer}/{verb}").status_code == 404
    with factory.session(third.scope) as session:
        assert session.scalars(sa.select(TransferPackage)).all() == []


def test_neither_side_settles_for_the_other(factory: Factory, move: Move) -> None:
    offer, _ = move.offer()
    assert move.sender.post(f"{move.former.path}transfers/{offer}/confirmation").status_code == 404
    assert move.sender.post(f"{move.former.path}transfers/{offer}/refusal").status_code == 404
    assert move.receiver.post(f"{move.receiving.path}transfers/{offer}/withdrawal").status_code == 404
    for place, state in ((move.former, "received"), (move.former, "refused"), (move.receiving, "withdrawn")):
        with factory.session(place.scope) as session:
            package = session.scalars(sa.select(TransferPackage)).one()
            package.state, package.content = state, None
            with pytest.raises(DBAPIError):
                session.flush()
            session.rollback()
    with factory.session(move.former.scope) as session:
        with pytest.raises(DBAPIError):
            session.execute(sa.text("select lx_forget_pupil(:id)"), {"id": offer})
        session.rollback()
    assert states(factory, move) == [("open", True)]


def test_a_refused_or_withdrawn_offer_leaves_the_child_where_it_is(factory: Factory, move: Move) -> None:
    offer, code = move.offer()
    assert move.receiver.post(f"{move.receiving.path}transfers/{offer}/refusal").status_code == 302
    again, other = move.offer()
    assert move.sender.post(f"{move.former.path}transfers/{again}/withdrawal").status_code == 302
    assert states(factory, move) == [("refused", False), ("withdrawn", False)]
    for number, words in ((offer, code), (again, other)):
        data = {"code": words, "class_id": move.class_id}
        late = move.receiver.post(f"{move.receiving.path}transfers/{number}/receipt", data=data)
        assert late.status_code == 422
    assert "欧阳转学" in move.sender.get(f"{move.former.path}pupils/{move.pupil_id}").text


def test_an_offer_that_expired_can_not_be_received_and_is_dropped(factory: Factory, move: Move) -> None:
    offer, code = move.offer()
    with factory.session(move.former.scope) as session:
        with pytest.raises(DBAPIError):
            session.execute(sa.update(TransferPackage).values(expires_on=TODAY))
        session.rollback()
    with factory.session(move.receiving.scope) as session:
        package = session.scalars(sa.select(TransferPackage)).one()
        with pytest.raises(Exception, match="transfer_expired"):
            transfer_actions.open_offer(package, code, today=package.expires_on)
    with factory.session(move.former.scope) as session:
        transfer_actions.drop_expired(session, school_id=move.former.id, today=TODAY + timedelta(days=31))
    assert states(factory, move) == [("withdrawn", False)]
    assert move.receiver.get(f"{move.receiving.path}transfers/{offer}").status_code == 200


def test_a_child_offered_twice_is_told(move: Move) -> None:
    move.offer()
    data = {"to_school": move.receiving.slug, "agreed": "y"}
    again = move.sender.post(f"{move.former.path}pupils/{move.pupil_id}/transfer", data=data)
    assert again.status_code == 422
    assert 'id="to_school-error"' in again.text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"to_school": ""}, "to_school"),
        ({"to_school": "no such school"}, "to_school"),
        ({"to_school": "x" * 101}, "to_school"),
        ({"to_school": "a\0b"}, "to_school"),
        ({"agreed": ""}, "agreed"),
    ],
)
def test_what_is_missing_is_told_at_its_field(
    wrong: dict[str, str], field: str, factory: Factory, move: Move
) -> None:
    data = {"to_school": move.receiving.slug, "agreed": "y"} | wrong
    data = {name: value for name, value in data.items() if value or name != "agreed"}
    answer = move.sender.post(f"{move.former.path}pupils/{move.pupil_id}/transfer", data=data)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert states(factory, move) == []


def test_one_does_not_transfer_to_oneself(move: Move) -> None:
    data = {"to_school": move.former.slug, "agreed": "y"}
    answer = move.sender.post(f"{move.former.path}pupils/{move.pupil_id}/transfer", data=data)
    assert 'id="to_school-error"' in answer.text


def test_no_log_tells_a_name_or_the_code(factory: Factory, move: Move) -> None:
    offer, code = move.offer()
    accept(move, offer, code)
    for place in (move.former, move.receiving):
        with factory.session(place.scope) as session:
            rows = session.execute(sa.text("select action, detail from audit_entry")).all()
        assert rows
        told = json.dumps([list(row) for row in rows], ensure_ascii=False)
        assert "欧阳" not in told
        assert code not in told


def test_a_homeroom_teacher_transfers_nobody(app: Flask, move: Move) -> None:
    client = move.teacher.sign_in(app.test_client())
    assert client.get(f"{move.former.path}pupils/{move.pupil_id}/transfer").status_code == 403
    assert client.get(f"{move.former.path}transfers").status_code == 403


def test_whom_an_offer_is_about_is_logged_at_each_sight(factory: Factory, move: Move) -> None:
    offer, code = move.offer()
    page = f"{move.receiving.path}transfers/{offer}"
    for sent in ("AAAA-BBBB-CCCC", code):
        move.receiver.post(page, data={"code": sent})
    with factory.session(move.receiving.scope) as session:
        seen = sa.select(AuditEntry.subject_id).where(AuditEntry.action == "open_transfer")
        assert session.scalars(seen).all() == [offer]
