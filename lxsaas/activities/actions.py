"""What may be done with the children's home, photos and the love corner's wall."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from lxsaas.activities import queries
from lxsaas.activities.models import Activity, CornerEntry, HomeOpening, ShownPhoto, ShownPhotoChild
from lxsaas.core.audit import audit
from lxsaas.core.changes import note_change
from lxsaas.core.db import table_of
from lxsaas.core.errors import RuleError
from lxsaas.registers.actions import add_row, edit_row
from lxsaas.registers.models import Attachment
from lxsaas.registers.rows import lock_school


def open_home(
    session: Session,
    *,
    school_id: int,
    staff_ids: Collection[int],
    at: datetime,
    client_key: UUID | None = None,
    by: int,
) -> HomeOpening:
    """Opens the children's home now; `at`: the time at the school. The same form sent twice opens it once.

    Raises RuleError without anybody on duty, and where it is open already.
    """
    if not staff_ids:
        raise RuleError("home_nobody", field="staff_ids")
    # Two who open at once would each still find it closed.
    lock_school(session, "home", school_id)
    running = session.scalars(queries.openings_running(school_id).where(HomeOpening.opened_on == at.date()))
    if (known := running.first()) is not None:
        if client_key is not None and known.client_key == client_key:
            return known
        raise RuleError("home_is_open")
    values = {
        "opened_on": at.date(), "opens_at": at.time().replace(second=0, microsecond=0), "closes_at": None,
        "calls": 0, "words": None, "staff_ids": sorted(set(staff_ids)),
    }  # fmt: skip
    row, _ = add_row(session, HomeOpening, school_id=school_id, values=values, client_key=client_key, by=by)
    note_change(session, school_id=school_id, starts_on=row.opened_on, ends_on=None)
    return row


def count_call(session: Session, opening: HomeOpening, *, by: int) -> None:
    """One more child has called home; counted as it happens, without a version for each.

    Raises RuleError where the home was closed in the meantime.
    """
    here = (HomeOpening.school_id == opening.school_id) & (HomeOpening.id == opening.id)
    counted = session.scalar(
        update(HomeOpening)
        .where(here, HomeOpening.closes_at.is_(None), HomeOpening.withdrawn_at.is_(None))
        .values(calls=func.coalesce(HomeOpening.calls, 0) + 1)
        .returning(HomeOpening.calls)
        .execution_options(synchronize_session=False)
    )
    if counted is None:
        raise RuleError("home_is_closed")
    audit(
        session, "note_home_opening", "home_opening", opening.id,
        school_id=opening.school_id, by=by, calls=counted,
    )  # fmt: skip


def close_home(
    session: Session, opening: HomeOpening, *, at: time, calls: int | None, words: str | None, by: int
) -> None:
    """Closes the children's home; raises RuleError where it is closed, or for a time before it opened."""
    session.refresh(opening, with_for_update=True)
    if opening.closes_at is not None or opening.withdrawn_at is not None:
        raise RuleError("home_is_closed")
    if at < opening.opens_at:
        raise RuleError("ends_before_start", field="closes_at")
    # Opened and closed within one minute: an end lies behind its beginning.
    least = (datetime.combine(date.min, opening.opens_at) + timedelta(minutes=1)).time()
    values = {
        "closes_at": max(at.replace(second=0, microsecond=0), least), "calls": calls,
        "words": words or opening.words,
    }  # fmt: skip
    edit_row(session, opening, values=values, version=opening.version, by=by)
    note_change(session, school_id=opening.school_id, starts_on=opening.opened_on, ends_on=None)


def tell_who_is_on_photo(
    session: Session,
    activity: Activity,
    photo: Attachment,
    *,
    put: Collection[int] = (),
    take: Collection[int] = (),
    is_faceless: bool,
    by: int,
) -> None:
    """Says who can be recognised on a photo, so that it is shown as long as all of them have agreed.

    Whom somebody else has named stays: only the children of `put` come onto it, those of `take` go off it.
    Raises RuleError where nobody is named and somebody can be recognised.
    """
    # Two who tell of one photo at once would each leave out whom the other names.
    session.refresh(photo, with_for_update=True)
    people = set(session.scalars(queries.children_on(photo))) - set(take) | set(put)
    if not people and not is_faceless:
        raise RuleError("photo_unknown_faces", field="people")
    table = table_of(ShownPhoto)
    said = {"is_faceless": is_faceless and not people, "decided_by": by}
    statement = upsert(table).values(
        school_id=activity.school_id, activity_id=activity.id, attachment_id=photo.id, **said
    )
    photo_id = session.scalar(
        statement.on_conflict_do_update(
            index_elements=["school_id", "attachment_id"], set_={**said, "decided_at": func.now()}
        ).returning(table.c.id)
    )
    children = table_of(ShownPhotoChild)
    here = (children.c.school_id == activity.school_id) & (children.c.photo_id == photo_id)
    session.execute(delete(children).where(here))
    rows = [
        {"school_id": activity.school_id, "photo_id": photo_id, "pupil_id": pupil_id}
        for pupil_id in sorted(people)
    ]
    if rows:
        session.execute(insert(children), rows)
    audit(
        session, "note_activity", "activity", activity.id,
        school_id=activity.school_id, by=by, attachment_id=photo.id, children=sorted(people),
    )  # fmt: skip


def hide_photo(session: Session, activity: Activity, photo: Attachment, *, by: int) -> None:
    """Takes a photo out of what is shown."""
    held = session.scalars(
        select(ShownPhoto).where(
            ShownPhoto.school_id == activity.school_id, ShownPhoto.attachment_id == photo.id
        )
    ).one_or_none()
    if held is None:
        return
    session.execute(
        delete(ShownPhotoChild).where(
            ShownPhotoChild.school_id == held.school_id, ShownPhotoChild.photo_id == held.id
        )
    )
    session.delete(held)
    audit(
        session, "note_activity", "activity", activity.id,
        school_id=activity.school_id, by=by, hidden=photo.id,
    )  # fmt: skip
    session.flush()


def decide_on_entry(session: Session, entry: CornerEntry, *, state: str, version: int, by: int) -> None:
    """Hangs a message or work on the love corner's wall ('approved') or not ('hidden').

    Raises RuleError for a version that is not the one that stands: what was looked at was changed since.
    """
    edit_row(session, entry, values={"state": state}, version=version, by=by)
