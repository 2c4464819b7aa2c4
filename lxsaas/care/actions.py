"""What may be done with care records: a contact is recorded, for one child or several at once."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID, uuid5

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.care.hooks import care_recorded
from lxsaas.care.models import CareKind, CareNote, CareRecord
from lxsaas.care.queries import district_of
from lxsaas.core.audit import audit
from lxsaas.core.changes import note_change
from lxsaas.core.clock import today
from lxsaas.core.crypto import school_cipher
from lxsaas.core.errors import RuleError
from lxsaas.pupils.models import Pupil

OLDEST_DAYS = 400
"""A school year and the holidays after it; what is older is a slip of the finger in the date."""
NOTE_LENGTH = 2000
"""Characters of the longest note."""


def record_care(
    session: Session,
    *,
    pupils: Sequence[Pupil],
    kind: CareKind,
    occurred_on: date,
    note: str | None = None,
    client_key: UUID | None = None,
    by: int,
) -> list[int]:
    """Records that `kind` was done on a day for each of `pupils`, and returns the ids of the new records.

    `client_key` is the form's own: the same contact sent twice under one key makes one record, and the second
    call returns an empty list. Whoever calls has seen to it that the pupils are within reach of `by`.
    Raises RuleError with the field concerned.
    """
    if not pupils:
        raise RuleError("care_nobody", field="pupils")
    school_id = pupils[0].school_id
    _check_day(occurred_on, today(session.scalars(district_of(school_id)).one().timezone))
    _check_enrolled(pupils, occurred_on)
    note = (note or "").strip() or None
    if note and len(note) > NOTE_LENGTH:
        raise RuleError("care_note_too_long", field="note", limit=NOTE_LENGTH)
    made = _insert(session, pupils, kind, occurred_on, client_key, by)
    if note:
        _attach_note(session, school_id, made, note)
    for record_id, pupil_id in made:
        audit(
            session, "record_care", "care_record", record_id,
            school_id=school_id, by=by, pupil_id=pupil_id, kind=kind.name.lower(),
        )  # fmt: skip
    if made:
        note_change(session, school_id=school_id, starts_on=occurred_on, ends_on=occurred_on)
    session.flush()
    for follow in care_recorded:
        follow(session, school_id, made, kind, occurred_on, by)
    return [record_id for record_id, _ in made]


def _check_day(occurred_on: date, today: date) -> None:
    if occurred_on > today:
        raise RuleError("care_in_future", field="occurred_on")
    if occurred_on < today - timedelta(days=OLDEST_DAYS):
        raise RuleError("care_too_old", field="occurred_on", days=OLDEST_DAYS)


def _check_enrolled(pupils: Sequence[Pupil], on: date) -> None:
    away = [pupil.id for pupil in pupils if pupil.enrolled_on > on or (pupil.left_on and pupil.left_on <= on)]
    if away:
        raise RuleError("care_not_enrolled", field="pupils", pupils=away)


def _insert(
    session: Session, pupils: Sequence[Pupil], kind: CareKind, on: date, key: UUID | None, by: int
) -> list[tuple[int, int]]:
    """(record, pupil) of those that were not there yet."""
    rows = [
        {
            "school_id": pupil.school_id,
            "pupil_id": pupil.id,
            "recorded_by": by,
            "kind": int(kind),
            "occurred_on": on,
            # Whoever goes back and sends the form for another day or child means another record.
            "client_key": uuid5(key, f"{pupil.id}:{int(kind)}:{on}") if key else None,
        }
        for pupil in {pupil.id: pupil for pupil in pupils}.values()
    ]
    statement = (
        insert(CareRecord).values(rows).on_conflict_do_nothing(index_elements=["school_id", "client_key"])
    )
    made = session.execute(statement.returning(CareRecord.id, CareRecord.pupil_id))
    return [(record_id, pupil_id) for record_id, pupil_id in made]


def _attach_note(session: Session, school_id: int, made: Sequence[tuple[int, int]], note: str) -> None:
    cipher = school_cipher(session, school_id)
    for record_id, _ in made:
        sealed = cipher.seal(note, table="care_note", column="text_sealed", row_id=record_id)
        session.add(CareNote(school_id=school_id, care_record_id=record_id, text_sealed=sealed))
