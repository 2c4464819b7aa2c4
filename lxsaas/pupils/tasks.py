"""Registers read and applied by a worker, with progress on the page."""

from celery import shared_task
from sqlalchemy import update
from sqlalchemy.orm import Session

from lxsaas.core import clock
from lxsaas.core.scope import acting_for_school
from lxsaas.extensions import session_for
from lxsaas.pupils import imports
from lxsaas.pupils.models import RegisterImport


@shared_task(name="lxsaas.pupils.read_register")
def read_register(school_id: int, district_id: int, timezone: str, import_id: int) -> None:
    """Makes the preview; done again from the start if a worker was killed."""
    scope = acting_for_school(school_id, district_id=district_id)
    with session_for(scope) as session, session_for(scope) as beside:
        kept = imports.load_import(session, school_id, import_id)
        if kept.state in imports.UNREAD:
            imports.preview(
                session,
                kept,
                today=clock.today(timezone),
                on_progress=lambda done, of: note(beside, kept, done, of),
            )
            session.commit()


def note(session: Session, kept: RegisterImport, done: int, of: int) -> None:
    """Shows how far reading has come, in a transaction of its own."""
    session.execute(
        update(RegisterImport)
        .where(
            RegisterImport.school_id == kept.school_id,
            RegisterImport.id == kept.id,
            RegisterImport.state.in_(imports.UNREAD),
        )
        .values(state="reading", rows_done=done, rows_total=of)
    )
    session.commit()


@shared_task(name="lxsaas.pupils.apply_register")
def apply_register(
    school_id: int, district_id: int, timezone: str, import_id: int, accept_valid: bool, mark_left: bool
) -> None:
    """Applies a previewed register; nothing happens where it is applied already."""
    with session_for(acting_for_school(school_id, district_id=district_id)) as session:
        kept = imports.load_import(session, school_id, import_id)
        # Held until it is applied: asked twice, the second finds nothing to do.
        if imports.hold(session, kept) == "applying":
            today = clock.today(timezone)
            imports.apply_kept(session, kept, today=today, accept_valid=accept_valid, mark_left=mark_left)
            session.commit()
