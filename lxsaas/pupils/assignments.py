"""Which children somebody may see besides those of the own classes (P8): kept by what it follows from."""

from datetime import date

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.pupils.models import PupilAssignment


def assign_pupil(
    session: Session,
    *,
    school_id: int,
    pupil_id: int,
    staff_id: int,
    subject: str,
    subject_id: int,
    starts_on: date,
    ends_on: date | None = None,
) -> None:
    """Lets somebody see a child from `starts_on` until before `ends_on`.

    `subject` and `subject_id` name the row (pairing, help plan, case) that says so; called again for the same
    row it replaces what stood there. An end on the first day takes the sight away altogether.
    """
    values = {
        "pupil_id": pupil_id,
        "staff_id": staff_id,
        "starts_on": starts_on,
        "ends_on": max(ends_on, starts_on) if ends_on else None,
    }
    statement = insert(PupilAssignment).values(
        school_id=school_id, subject=subject, subject_id=subject_id, **values
    )
    session.execute(
        statement.on_conflict_do_update(index_elements=["school_id", "subject", "subject_id"], set_=values)
    )


def unassign_pupil(session: Session, *, school_id: int, subject: str, subject_id: int) -> None:
    """Takes away the sight of a child that a row gave, where it gave one: it names no colleague any more."""
    here = PupilAssignment.school_id == school_id, PupilAssignment.subject == subject
    session.execute(
        update(PupilAssignment)
        .where(*here, PupilAssignment.subject_id == subject_id)
        .values(ends_on=PupilAssignment.starts_on)
        .execution_options(synchronize_session=False)
    )
