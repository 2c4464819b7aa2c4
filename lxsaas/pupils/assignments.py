"""Which children somebody may see besides those of the own classes (P8): kept by what it follows from."""

from datetime import date

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
