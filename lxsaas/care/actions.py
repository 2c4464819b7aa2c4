"""What may be done with care records: a contact is recorded, for one child or several at once."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.care.beside import add_files, write_detail, write_note
from lxsaas.care.details import Detail
from lxsaas.care.hooks import care_recorded
from lxsaas.care.models import CareKind, CareRecord
from lxsaas.care.queries import district_of
from lxsaas.core.audit import audit
from lxsaas.core.changes import note_change
from lxsaas.core.clock import today
from lxsaas.core.errors import RuleError
from lxsaas.pupils.models import Pupil
from lxsaas.registers.files import CleanFile

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
    detail: Detail | None = None,
    files: Sequence[CleanFile] = (),
    client_key: UUID | None = None,
    once: UUID | None = None,
    by: int,
) -> list[int]:
    """Records that `kind` was done on a day for each of `pupils`, and returns the ids of the new records.

    `client_key` is the form's own: the same contact sent twice under one key makes one record and one set of
    files, and the second call returns an empty list. `once`: a key under which a child gets one record
    whatever the day. Whoever calls has seen to it that the pupils are within reach of `by`.
    Raises RuleError with the field concerned.
    """
    if not pupils:
        raise RuleError("care_nobody", field="pupils")
    school_id = pupils[0].school_id
    check_day(session, school_id, occurred_on)
    check_enrolled(pupils, occurred_on)
    note = checked_note(note)
    detail = (detail or Detail()).of_kind(kind)
    keys = {pupil.id: _key(pupil.id, kind, occurred_on, client_key, once) for pupil in pupils}
    made = _insert(session, pupils, kind, occurred_on, keys, by)
    for record_id, pupil_id in made:
        write_note(session, school_id, record_id, note)
        write_detail(session, school_id, record_id, detail)
        audit(
            session, "record_care", "care_record", record_id,
            school_id=school_id, by=by, pupil_id=pupil_id, kind=kind.name.lower(),
        )  # fmt: skip
    if files:
        add_files(session, school_id, _recorded(session, made, keys), files, client_key=client_key, by=by)
    if made:
        note_change(
            session, school_id=school_id, starts_on=occurred_on, ends_on=occurred_on, about="care_record"
        )
    session.flush()
    for follow in care_recorded:
        follow(session, school_id, made, kind, occurred_on, by)
    return [record_id for record_id, _ in made]


def check_day(session: Session, school_id: int, occurred_on: date) -> None:
    """Raises RuleError for a day that has not come yet at the school, or lies more than OLDEST_DAYS back."""
    day = today(session.scalars(district_of(school_id)).one().timezone)
    if occurred_on > day:
        raise RuleError("care_in_future", field="occurred_on")
    if occurred_on < day - timedelta(days=OLDEST_DAYS):
        raise RuleError("care_too_old", field="occurred_on", days=OLDEST_DAYS)


def check_enrolled(pupils: Sequence[Pupil], on: date, *, field: str = "pupils") -> None:
    """Raises RuleError with the ids of those who were no pupils of the school on a day."""
    away = [pupil.id for pupil in pupils if pupil.enrolled_on > on or (pupil.left_on and pupil.left_on <= on)]
    if away:
        raise RuleError("care_not_enrolled", field=field, pupils=away)


def checked_note(note: str | None) -> str | None:
    """The note without blanks around it, None for an empty one; raises RuleError for one that is too long."""
    note = (note or "").strip() or None
    if note and len(note) > NOTE_LENGTH:
        raise RuleError("care_note_too_long", field="note", limit=NOTE_LENGTH)
    if note and "\0" in note:
        raise RuleError("care_note_character", field="note")
    return note


def _key(pupil_id: int, kind: CareKind, on: date, client_key: UUID | None, once: UUID | None) -> UUID | None:
    if once:
        return uuid5(once, str(pupil_id))
    # Whoever goes back and sends the form for another day or child means another record.
    return uuid5(client_key, f"{pupil_id}:{int(kind)}:{on}") if client_key else None


def _insert(
    session: Session, pupils: Sequence[Pupil], kind: CareKind, on: date, keys: dict[int, UUID | None], by: int
) -> list[tuple[int, int]]:
    """(record, pupil) of those that were not there yet."""
    rows = [
        {
            "school_id": pupil.school_id,
            "pupil_id": pupil.id,
            "recorded_by": by,
            "kind": int(kind),
            "occurred_on": on,
            "client_key": keys[pupil.id],
        }
        for pupil in {pupil.id: pupil for pupil in pupils}.values()
    ]
    statement = (
        insert(CareRecord).values(rows).on_conflict_do_nothing(index_elements=["school_id", "client_key"])
    )
    made = session.execute(statement.returning(CareRecord.id, CareRecord.pupil_id))
    return [(record_id, pupil_id) for record_id, pupil_id in made]


def _recorded(
    session: Session, made: Sequence[tuple[int, int]], keys: dict[int, UUID | None]
) -> Sequence[int]:
    """The records of the form, to which its files belong: made just now, or when it was sent before."""
    known = [key for key in keys.values() if key]
    earlier = session.scalars(select(CareRecord.id).where(CareRecord.client_key.in_(known))) if known else ()
    return sorted({record_id for record_id, _ in made} | set(earlier))
