"""Reads of the family phone's bookings, limited to the children within reach."""

from datetime import date
from typing import NamedTuple, TypeVarTuple

from sqlalchemy import Select, select

from lxsaas.care.models import PhoneBooking
from lxsaas.pupils.models import Pupil
from lxsaas.schools.models import SchoolClass

Ts = TypeVarTuple("Ts")


class Call(NamedTuple):
    """A line of the week or the log."""

    booking: PhoneBooking
    child: str
    class_code: str


def calls(
    reach: Select[Pupil], *, first: date | None = None, last: date | None = None
) -> Select[PhoneBooking, str, str]:
    """(booking, child, class code) of a time, in its order; cancelled ones are left out."""
    booking = PhoneBooking
    query = (
        select(booking, Pupil.name, SchoolClass.code)
        .join(Pupil, (Pupil.school_id == booking.school_id) & (Pupil.id == booking.pupil_id))
        .join(SchoolClass, (SchoolClass.school_id == booking.school_id) & (SchoolClass.id == Pupil.class_id))
        .where(
            booking.pupil_id.in_(reach.order_by(None).with_only_columns(Pupil.id)),
            booking.withdrawn_at.is_(None),
        )
        .order_by(booking.on_day, booking.at, Pupil.pinyin, booking.id)
    )
    if first:
        query = query.where(booking.on_day >= first)
    if last:
        query = query.where(booking.on_day <= last)
    return query


def of_outcome(query: Select[*Ts], outcome: int | None) -> Select[*Ts]:
    """Only calls with an outcome; None: all that have one."""
    if outcome is None:
        return query.where(PhoneBooking.outcome.is_not(None))
    return query.where(PhoneBooking.outcome == outcome)


def newest_first(query: Select[*Ts]) -> Select[*Ts]:
    """The order of the log."""
    return query.order_by(None).order_by(PhoneBooking.on_day.desc(), PhoneBooking.at.desc(), PhoneBooking.id)
