"""A child moves to another school: both consent, the file arrives, the former one keeps its figures."""

from datetime import date, timedelta

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lxsaas.activities.family_models import ParentsSession, SessionAttendance
from lxsaas.activities.models import Activity, ShownPhoto, ShownPhotoChild
from lxsaas.care.models import CareRecord
from lxsaas.core import clock
from lxsaas.core.changes import ChangeLog
from lxsaas.core.crypto import school_cipher
from lxsaas.core.scope import Login, operating_on_school
from lxsaas.exports.models import ExportJob, ExportPiece
from lxsaas.metadata import metadata
from lxsaas.movement.models import ClassMembership
from lxsaas.movement.transfer_models import FormerFile, TransferPackage
from lxsaas.pupils.actions import renew_spells
from lxsaas.pupils.models import Guardian, LeftBehindSpell, ParentAbsence, Pupil
from lxsaas.registers.models import Attachment
from tests.factories import Factory
from tests.guardrails.test_routes import full_of_canaries
from tests.movement.conftest import LONG_AGO, NUMBER, TODAY, Move, accept, states


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
