"""What may be done with bookings of the family phone (P15): booked, noted, undone, cancelled."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid5

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.care.actions import record_care
from lxsaas.care.changes import withdraw_care
from lxsaas.care.details import Detail
from lxsaas.care.models import CareKind, CareRecord, PhoneBooking
from lxsaas.care.queries import district_of
from lxsaas.core.audit import audit
from lxsaas.core.clock import today
from lxsaas.core.errors import RuleError
from lxsaas.pupils.models import Pupil
from lxsaas.registers.actions import edit_row, hold_row, refusals_told, withdraw_row

REACHED, NOT_REACHED = 1, 2
WEEKS_AHEAD = 30
MOST_WEEKS = 20
_NOTED = UUID("0d1c6f0e-5d0b-4e0a-a7c4-2c3d9b1f7e52")
"""The namespace of keys by which a booking's call is recorded once."""


def book_calls(
    session: Session,
    *,
    pupils: Sequence[Pupil],
    on_day: date,
    at: time,
    party: int,
    minutes: int,
    weeks: int = 1,
    client_key: UUID | None = None,
    by: int,
) -> list[int]:
    """Books a call for each child, one after the other from `at`, `minutes` each, for `weeks` weeks.

    Returns the ids of the new bookings: none for the same form sent twice. Raises RuleError with the field.
    """
    if not pupils:
        raise RuleError("care_nobody", field="pupils")
    school_id = pupils[0].school_id
    _check_days(session, school_id, on_day, weeks)
    rows = [
        {
            "school_id": school_id, "pupil_id": pupil.id, "recorded_by": by, "party": party,
            "on_day": on_day + timedelta(weeks=week), "at": slot,
            "client_key": uuid5(client_key, f"{pupil.id}:{week}") if client_key else None,
        }
        for week in range(weeks)
        for pupil, slot in zip(pupils, _slots(at, minutes, len(pupils)), strict=True)
    ]  # fmt: skip
    statement = insert(PhoneBooking).values(rows)
    statement = statement.on_conflict_do_nothing(index_elements=["school_id", "client_key"])
    with refusals_told(session, PhoneBooking):
        made = list(session.scalars(statement.returning(PhoneBooking.id)))
    for booking_id in made:
        audit(session, "book_call", "phone_booking", booking_id, school_id=school_id, by=by)
    session.flush()
    return made


def note_call(session: Session, booking: PhoneBooking, *, outcome: int, version: int, by: int) -> None:
    """Notes what came of a booked call; one that reached a parent makes a care record.

    Raises RuleError for a day to come, a call noted already, and a version that is not the one that stands.
    """
    hold_row(session, booking, version)
    if booking.outcome is not None:
        raise RuleError("phone_noted")
    if booking.on_day > _today(session, booking.school_id):
        raise RuleError("phone_to_come")
    record_id = None
    if outcome == REACHED:
        pupil = session.get_one(Pupil, (booking.school_id, booking.pupil_id))
        once = uuid5(_NOTED, f"{booking.school_id}:{booking.id}:{version}")
        (record_id,) = record_care(
            session, pupils=[pupil], kind=CareKind.FAMILY_PHONE, occurred_on=booking.on_day,
            detail=Detail(party=booking.party), once=once, by=by,
        )  # fmt: skip
    values = {"outcome": outcome, "care_record_id": record_id}
    edit_row(session, booking, values=values, version=version, by=by)


def undo_call(session: Session, booking: PhoneBooking, *, version: int, reason: str, by: int) -> None:
    """Takes back what was noted; the care record that it made is withdrawn with the reason."""
    hold_row(session, booking, version)
    if booking.care_record_id is not None:
        record = session.get_one(CareRecord, (booking.school_id, booking.care_record_id))
        # Opens the booking again too.
        withdraw_care(session, record, version=record.version, reason=reason, by=by)
    elif booking.outcome is not None:
        edit_row(session, booking, values={"outcome": None}, version=version, by=by)


def cancel_call(session: Session, booking: PhoneBooking, *, version: int, reason: str, by: int) -> None:
    """Takes a booking back; raises RuleError for one whose call was noted."""
    if booking.outcome is not None:
        raise RuleError("phone_noted")
    withdraw_row(session, booking, version=version, reason=reason, by=by)


def _slots(at: time, minutes: int, count: int) -> list[time]:
    """The times of the calls; raises RuleError where the last one would be past midnight."""
    first = datetime.combine(date.min, at)
    slots = [first + timedelta(minutes=minutes * number) for number in range(count)]
    if slots[-1].date() != date.min:
        raise RuleError("phone_midnight", field="at")
    return [slot.time() for slot in slots]


def _check_days(session: Session, school_id: int, on_day: date, weeks: int) -> None:
    day = _today(session, school_id)
    if on_day < day:
        raise RuleError("phone_past", field="on_day")
    if on_day + timedelta(weeks=weeks - 1) > day + timedelta(weeks=WEEKS_AHEAD):
        raise RuleError("phone_far", field="on_day", weeks=WEEKS_AHEAD)


def _today(session: Session, school_id: int) -> date:
    return today(session.scalars(district_of(school_id)).one().timezone)
