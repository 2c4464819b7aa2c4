"""A child moves to another school: both consent, the file arrives, the former one keeps its figures."""

import json
import re
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from lxsaas.activities.family_models import ParentsSession, SessionAttendance
from lxsaas.activities.models import Activity, ShownPhoto, ShownPhotoChild
from lxsaas.care.models import CareKind, CareRecord
from lxsaas.core import clock
from lxsaas.core.audit import AuditEntry
from lxsaas.core.changes import ChangeLog
from lxsaas.core.crypto import school_cipher
from lxsaas.core.scope import Login, operating_on_school
from lxsaas.exports.models import ExportJob, ExportPiece
from lxsaas.metadata import metadata
from lxsaas.movement import transfer_actions
from lxsaas.movement.models import ClassMembership
from lxsaas.movement.transfer_models import FormerFile, TransferPackage
from lxsaas.pupils.actions import renew_spells
from lxsaas.pupils.models import Guardian, LeftBehindSpell, ParentAbsence, Pupil
from lxsaas.registers.models import Attachment
from tests.factories import Factory, Person, Place
from tests.guardrails.test_routes import full_of_canaries

TODAY = clock.today("Asia/Shanghai")
LONG_AGO = date(2024, 3, 1)
NUMBER = "990101201605010017"


@dataclass
class Move:
    """Two schools, a child at the former one, and somebody signed in at each."""

    former: Place
    receiving: Place
    pupil_id: int
    class_id: int
    sender: FlaskClient
    receiver: FlaskClient
    teacher: Person

    def offer(self, **more: str) -> tuple[int, str]:
        """Offers the child; the offer's id and the code."""
        data = {"to_school": self.receiving.slug, "agreed": "y"} | more
        page = self.sender.post(f"{self.former.path}pupils/{self.pupil_id}/transfer", data=data)
        assert page.status_code == 200, page.text
        code = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", page.text)
        listed = self.receiver.get(f"{self.receiving.path}transfers").text
        found = re.search(r"/transfers/(\d+)\"", listed)
        return int(found[1]) if found else 0, code[0] if code else ""


@pytest.fixture
def move(factory: Factory, app: Flask) -> Move:
    former, receiving = factory.school(), factory.school()
    teacher = factory.staff(former)
    pupil_id = factory.pupil(former, factory.school_class(former, teacher), name="欧阳转学")
    fill_file(factory, former, pupil_id)
    factory.care(former, pupil_id, teacher, CareKind.TALK, TODAY - timedelta(days=10))
    return Move(
        former, receiving, pupil_id, factory.school_class(receiving),
        factory.staff(former, "principal").sign_in(app.test_client()),
        factory.staff(receiving, "archivist").sign_in(app.test_client()), teacher,
    )  # fmt: skip


def fill_file(factory: Factory, school: Place, pupil_id: int) -> None:
    with factory.session(school.scope) as session:
        cipher, pupil = school_cipher(session, school.id), session.get_one(Pupil, (school.id, pupil_id))
        place = {"table": "pupil", "row_id": pupil_id}
        pupil.identity_sealed = cipher.seal(NUMBER, column="identity_sealed", **place)  # type: ignore[arg-type]
        pupil.identity_digest = cipher.digest(NUMBER)
        session.add(
            Guardian(school_id=school.id, pupil_id=pupil_id, position=1, name="欧阳爷爷", relation="61")
        )
        for parent in ("father", "mother"):
            session.add(
                ParentAbsence(
                    school_id=school.id, pupil_id=pupil_id, parent=parent, starts_on=LONG_AGO,
                    start_is_estimated=False, place="广东东莞", source="staff",
                )
            )  # fmt: skip
        session.flush()
        renew_spells(session, school_id=school.id, pupil_ids=[pupil_id])


def accept(move: Move, offer: int, code: str) -> int:
    """Receives the child; its id at the receiving school."""
    data = {"code": code, "class_id": move.class_id}
    answer = move.receiver.post(f"{move.receiving.path}transfers/{offer}/receipt", data=data)
    assert answer.status_code == 302, answer.text
    return int(answer.location.rpartition("/")[2])


def states(factory: Factory, move: Move) -> list[tuple[str, bool]]:
    with factory.session(move.former.scope) as session:
        rows = session.scalars(sa.select(TransferPackage).order_by(TransferPackage.id))
        return [(one.state, one.content is not None) for one in rows]


def spells(session: Session, pupil_id: int) -> list[tuple[str, date, date | None]]:
    query = sa.select(LeftBehindSpell).where(LeftBehindSpell.pupil_id == pupil_id)
    found = session.scalars(query.order_by(LeftBehindSpell.definition, LeftBehindSpell.starts_on))
    return [(one.definition, one.starts_on, one.ends_on) for one in found]


def test_with_both_sides_consent_the_file_arrives(factory: Factory, move: Move) -> None:
    offer, code = move.offer()
    with factory.session(move.former.scope) as session:
        before = spells(session, move.pupil_id)
    page = move.receiver.post(f"{move.receiving.path}transfers/{offer}", data={"code": code.lower()})
    assert "欧阳转学" in page.text
    arrived = accept(move, offer, code)
    with factory.session(move.receiving.scope) as session:
        pupil = session.get_one(Pupil, (move.receiving.id, arrived))
        assert (pupil.name, pupil.class_id, pupil.enrolled_on) == ("欧阳转学", move.class_id, TODAY)
        cipher = school_cipher(session, move.receiving.id)
        place = {"table": "pupil", "column": "identity_sealed", "row_id": arrived}
        assert cipher.open(pupil.identity_sealed, **place) == NUMBER  # type: ignore[arg-type]
        assert pupil.identity_digest == cipher.digest(NUMBER)
        assert session.scalars(sa.select(Guardian.name)).all() == ["欧阳爷爷"]
        assert session.scalars(sa.select(ParentAbsence.place)).all() == ["广东东莞"] * 2
        assert spells(session, arrived) == before != []
    text = move.receiver.get(f"{move.receiving.path}pupils/{arrived}/former-file").text
    assert "欧阳爷爷" in text


def test_what_came_with_a_file_is_erased_with_the_childs_secrets(factory: Factory, move: Move) -> None:
    arrived = accept(move, *move.offer())
    page = f"{move.receiving.path}pupils/{arrived}/erasure"
    assert move.receiver.post(page, data={"agreed": "yes"}).status_code == 302
    with factory.session(move.receiving.scope) as session:
        assert session.scalars(sa.select(FormerFile)).all() == []


def test_the_former_school_keeps_figures_and_nothing_personal(factory: Factory, move: Move) -> None:
    with factory.session(move.former.scope) as session:
        before = spells(session, move.pupil_id)
    accept(move, *move.offer())
    assert states(factory, move) == [("forgotten", False)]
    with factory.session(move.former.scope) as session:
        pupil = session.get_one(Pupil, (move.former.id, move.pupil_id))
        assert (pupil.name, pupil.pinyin, pupil.left_on) == ("", "", TODAY)
        assert (pupil.identity_sealed, pupil.identity_digest) == (None, None)
        assert session.scalars(sa.select(Guardian)).all() == []
        assert spells(session, move.pupil_id) == before
        assert session.scalar(sa.select(sa.func.count(CareRecord.id))) == 1
        assert session.scalar(sa.select(sa.func.count(ClassMembership.id))) == 1
        # The facts from which any definition follows, without the place of work.
        renew_spells(session, school_id=move.former.id, pupil_ids=[move.pupil_id])
        assert spells(session, move.pupil_id) == before
    assert move.sender.get(f"{move.former.path}pupils/{move.pupil_id}").status_code == 404
    assert "欧阳" not in move.sender.get(f"{move.former.path}transfers").text
    assert move.sender.get(f"{move.former.path}former-pupils").status_code == 200


def test_no_file_that_waits_to_be_fetched_names_a_child_that_moved(factory: Factory, move: Move) -> None:
    with factory.session(move.former.scope) as session:
        made = ExportJob(
            school_id=move.former.id, staff_id=move.teacher.id, kind="pupils", form="xlsx", language="en",
            same_as=b"all pupils", state="done", made_at=clock.now(), byte_count=7,
            expires_at=clock.now() + timedelta(hours=24),
        )  # fmt: skip
        session.add(made)
        session.flush()
        session.add(ExportPiece(school_id=move.former.id, job_id=made.id, number=0, content_sealed=b"pupils"))
    accept(move, *move.offer())
    with factory.session(move.former.scope) as session:
        found = session.scalars(sa.select(ExportJob)).one()
        assert (found.state, found.error) == ("expired", "child_forgotten")
        assert session.scalars(sa.select(ExportPiece)).all() == []


def test_that_the_family_came_still_counts_and_no_photo_shows_a_child_that_moved(
    factory: Factory, move: Move
) -> None:
    """Who has left can neither agree to be shown nor revoke it."""
    friend = factory.pupil(move.former, factory.school_class(move.former))
    with factory.session(move.former.scope) as session:
        grandfather = session.scalars(sa.select(Guardian.id)).one()
        own = {"school_id": move.former.id}
        entered = own | {"recorded_by": move.teacher.id}
        lesson = ParentsSession(held_on=LONG_AGO, minutes=40, topic="一", teacher="own_staff", **entered)
        contest = Activity(kind="contest", title="诵读", held_on=LONG_AGO, **entered)
        session.add_all([lesson, contest])
        session.flush()
        file = Attachment(
            subject="activity", subject_id=contest.id, media_type="image/jpeg", byte_count=1,
            uploaded_by=move.teacher.id, **own,
        )  # fmt: skip
        session.add(file)
        session.flush()
        shown = ShownPhoto(
            activity_id=contest.id,
            attachment_id=file.id,
            is_faceless=False,
            decided_by=move.teacher.id,
            **own,
        )
        session.add(shown)
        session.flush()
        for guardian_id in (grandfather, None):
            came = {"session_id": lesson.id, "pupil_id": move.pupil_id, "guardian_id": guardian_id}
            session.add(SessionAttendance(**came, **own))
        for pupil_id in (move.pupil_id, friend):
            session.add(ShownPhotoChild(photo_id=shown.id, pupil_id=pupil_id, **own))
    accept(move, *move.offer())
    with factory.session(move.former.scope) as session:
        left = session.execute(sa.select(SessionAttendance.pupil_id, SessionAttendance.guardian_id)).all()
        assert [tuple(row) for row in left] == [(move.pupil_id, None)]
        assert session.scalars(sa.select(ShownPhoto.id)).all() == []


def test_nothing_is_left_in_any_table_there_is(app: Flask, factory: Factory) -> None:
    """A school with a row in every table about its child; each text and sealed field bears a mark."""
    tenant = full_of_canaries(app, factory, "CANARY-MOVED")
    scope, pupil_id = tenant.scope(Login.SCHOOL), tenant.rows["pupil"]["id"]
    owner = operating_on_school(tenant.school_id, district_id=tenant.district_id)
    with factory.session(owner) as session:
        # Canaries belong to no row: let these be the past and the photo of the child's care record.
        for table in ("row_version", "attachment"):
            session.execute(
                sa.text(f"update {table} set subject = 'care_record', subject_id = :id"),
                {"id": tenant.rows["care_record"]["id"]},
            )
    with factory.session(scope) as session:
        package = session.scalars(sa.select(TransferPackage)).one()
        session.execute(
            sa.text("update transfer_package set state = 'received', content = null where id = :id"),
            {"id": package.id},
        )
        session.execute(sa.text("select lx_forget_pupil(:id)"), {"id": package.id})
        shown = {name: rows for name, rows in about(session, pupil_id).items() if "CANARY" in rows}
    # The offer's texts are the schools' names; what a handed-over file held is counts and codes.
    assert set(shown) <= {"transfer_package", "handover_item"}, shown


def about(session: Session, pupil_id: int) -> dict[str, str]:
    """Each table that holds rows about a child, with those rows as text; codes that are counted left out."""
    counted = {"help_plan": {"term"}, "left_behind_spell": {"definition"}, "parent_absence": {"source"}}
    found = {}
    for table in metadata.sorted_tables:
        key = "id" if table.name == "pupil" else "pupil_id"
        if table.info.get("kept_for_good"):
            continue  # Reports of harm stay at the school that had to make them.
        if key in table.columns and "school_id" in table.columns:
            rows = session.execute(sa.select(table).where(table.c[key] == pupil_id)).mappings().all()
            hidden = counted.get(table.name, set())
            found[table.name] = str([{k: v for k, v in row.items() if k not in hidden} for row in rows])
    for name in ("care_note", "row_version", "attachment", "attachment_content", "guardian"):
        rows = session.execute(sa.select(metadata.tables[name])).mappings().all()
        found[name] = str([dict(row) for row in rows])
    return found


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


def test_a_school_outside_the_system_is_confirmed_by_the_former_one(factory: Factory, move: Move) -> None:
    move.offer(to_school="省城第一小学", is_outside="y")
    with factory.session(move.former.scope) as session:
        offer = session.scalars(sa.select(TransferPackage.id)).one()
    assert move.sender.post(f"{move.former.path}transfers/{offer}/confirmation").status_code == 302
    assert states(factory, move) == [("forgotten", False)]
    with factory.session(move.former.scope) as session:
        assert session.scalars(sa.select(Pupil.name)).all() == [""]


def test_a_child_whom_the_register_brought_already_gets_the_gaps_filled(factory: Factory, move: Move) -> None:
    here = factory.pupil(move.receiving, move.class_id, name="欧阳转学")
    with factory.session(move.receiving.scope) as session:
        pupil = session.get_one(Pupil, (move.receiving.id, here))
        pupil.identity_digest = school_cipher(session, move.receiving.id).digest(NUMBER)
    assert accept(move, *move.offer()) == here
    with factory.session(move.receiving.scope) as session:
        assert session.scalars(sa.select(Guardian.name)).all() == ["欧阳爷爷"]
        assert session.scalar(sa.select(sa.func.count(FormerFile.id))) == 1


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


def test_of_a_child_that_comes_back_all_days_since_it_left_are_counted_anew(
    factory: Factory, move: Move
) -> None:
    left = TODAY - timedelta(days=50)
    here = factory.pupil(move.receiving, move.class_id, name="欧阳转学", left_on=left)
    with factory.session(move.receiving.scope) as session:
        pupil = session.get_one(Pupil, (move.receiving.id, here))
        pupil.identity_digest = school_cipher(session, move.receiving.id).digest(NUMBER)
    assert accept(move, *move.offer()) == here
    with factory.session(move.receiving.scope) as session:
        assert session.get_one(Pupil, (move.receiving.id, here)).left_on is None
        assert (
            session.scalar(
                sa.select(sa.func.min(ChangeLog.starts_on)).where(
                    ChangeLog.starts_on > LONG_AGO + timedelta(days=400)
                )
            )
            == left
        )
