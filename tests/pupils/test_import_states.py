"""An import on its way: what is asked for twice, taken back, or asked again while a worker has it in hand."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from lxsaas.core import clock
from lxsaas.core.audit import AuditEntry
from lxsaas.extensions import session_for
from lxsaas.pupils import imports, tasks
from lxsaas.pupils.models import RegisterImport
from tests.factories import Factory, Person, Place
from tests.movement.test_at_once import at_once
from tests.pupils.test_import_pages import rows_for
from tests.pupils.workbooks import xlsx

ZONE = "Asia/Shanghai"


@pytest.fixture
def archivist(factory: Factory, client: FlaskClient) -> Person:
    person = factory.staff(factory.school(), "archivist")
    person.sign_in(client)
    return person


def keep(factory: Factory, archivist: Person, count: int = 3, **values: object) -> int:
    """An uploaded register; its id."""
    school = archivist.place
    content = xlsx(rows_for(factory.app, school, count))
    with factory.session(school.scope) as session:
        kept = imports.keep_upload(
            session, school_id=school.id, file_name="a.xlsx", content=content, by=archivist.id
        )
        for name, value in values.items():
            setattr(kept, name, value)
        return kept.id


def held(session: Session, school: Place, import_id: int) -> RegisterImport:
    return imports.load_import(session, school.id, import_id)


def state(factory: Factory, school: Place, import_id: int) -> tuple[str, bool]:
    """The import's state, and whether something of the children is still kept."""
    with factory.session(school.scope) as session:
        kept = held(session, school, import_id)
        return kept.state, (kept.content_sealed or kept.preview_sealed) is not None


def test_what_was_discarded_while_a_worker_read_it_stays_discarded(
    app: Flask, factory: Factory, archivist: Person
) -> None:
    school, import_id = archivist.place, keep(factory, archivist)

    def discard(*_progress: int) -> None:
        with session_for(school.scope) as other:
            imports.discard(other, held(other, school, import_id))
            other.commit()

    with app.app_context(), session_for(school.scope) as session:
        kept = held(session, school, import_id)
        imports.preview(session, kept, today=clock.today(ZONE), on_progress=discard)
        session.commit()
        tasks.note(session, kept, 1, 3)
    assert state(factory, school, import_id) == ("discarded", False)


def test_asked_for_twice_it_is_applied_once(factory: Factory, archivist: Person) -> None:
    school, import_id = archivist.place, keep(factory, archivist, state="applying")
    apply = tasks.apply_register
    at_once([lambda: apply(school.id, school.district_id, ZONE, import_id, False, False)] * 2)
    with factory.session(school.scope) as session:
        kept = held(session, school, import_id)
        assert (kept.state, kept.counts["new"], kept.counts["unchanged"]) == ("applied", 3, 0)
        applied = select(func.count()).where(AuditEntry.action == "apply_register")
        assert session.scalar(applied) == 1


def test_while_a_worker_applies_it_trying_again_changes_nothing(
    app: Flask, client: FlaskClient, factory: Factory, archivist: Person
) -> None:
    school, import_id = archivist.place, keep(factory, archivist, state="applying")
    again = f"{school.path}register/{import_id}/retry"
    with app.app_context(), session_for(school.scope) as session:
        imports.hold(session, held(session, school, import_id))
        assert client.post(again).status_code == 302
        assert state(factory, school, import_id)[0] == "applying"
    # The worker was killed, and its lock is gone with it.
    client.post(again)
    assert state(factory, school, import_id)[0] == "previewed"


def test_each_sight_of_a_preview_is_logged(client: FlaskClient, factory: Factory, archivist: Person) -> None:
    school, import_id = archivist.place, keep(factory, archivist)
    tasks.read_register(school.id, school.district_id, ZONE, import_id)
    page = f"{school.path}register/{import_id}"
    for address in (page, f"{page}/rejected.xlsx"):
        assert client.get(address).status_code == 200
    with factory.session(school.scope) as session:
        seen = select(AuditEntry.action).where(AuditEntry.subject_id == import_id).order_by(AuditEntry.id)
        assert session.scalars(seen).all() == [
            "upload_register", "view_register_import", "export_register_rows",
        ]  # fmt: skip


def test_a_workbook_that_nobody_applied_is_forgotten_in_time(
    client: FlaskClient, factory: Factory, archivist: Person
) -> None:
    school, old, new = archivist.place, keep(factory, archivist), keep(factory, archivist)
    with factory.session(school.scope) as session:
        long_ago = clock.now() - timedelta(days=imports.KEPT_DAYS + 1)
        session.execute(update(RegisterImport).where(RegisterImport.id == old).values(uploaded_at=long_ago))
    assert client.get(f"{school.path}register").status_code == 200
    assert state(factory, school, old) == ("discarded", False)
    assert state(factory, school, new) == ("uploaded", True)
