"""Small signs (P18): whose birthday comes, who was greeted, what was given."""

from calendar import isleap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from lxsaas.care.details import GIFTS
from lxsaas.care.models import CareDetail, CareKind, CareRecord
from lxsaas.pupils.models import Pupil

AHEAD_DAYS = 30
GRACE_DAYS = 3
"""A greeting within three days of the birthday counts (domain: birthday_greeted)."""


@dataclass(frozen=True)
class Birthday:
    """One child's birthday of this time."""

    pupil: Pupil
    day: date
    age: int
    """The age that the child reaches on the day."""
    is_greeted: bool


def birthday_in(born_on: date, year: int) -> date:
    """The birthday in a year; of who was born on 29 February, in a common year 28 February."""
    if (born_on.month, born_on.day) == (2, 29) and not isleap(year):
        return date(year, 2, 28)
    return born_on.replace(year=year)


def born_between(pupils: Select[Pupil], first: date, last: date) -> Select[Pupil]:
    """Those of `pupils` whose birthday falls on one of the days from `first` to `last`."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    birthdays = {day.month * 100 + day.day for day in days}
    birthdays |= {229 for day in days if (day.month, day.day) == (2, 28) and not isleap(day.year)}
    return pupils.where(Pupil.birthday.in_(sorted(birthdays)))


def coming(session: Session, pupils: Select[Pupil], today: date) -> list[Birthday]:
    """Birthdays from the last days, whose greeting still counts, to AHEAD_DAYS ahead; two queries."""
    first, last = today - timedelta(days=GRACE_DAYS), today + timedelta(days=AHEAD_DAYS)
    found = session.scalars(born_between(pupils, first, last)).all()
    days = {pupil.id: _day_between(pupil.born_on, first, last) for pupil in found}
    greeted = _greeted(session, days, first - timedelta(days=GRACE_DAYS), today)
    rows = [
        Birthday(
            pupil,
            days[pupil.id],
            days[pupil.id].year - pupil.born_on.year,
            any(abs((on - days[pupil.id]).days) <= GRACE_DAYS for on in greeted.get(pupil.id, ())),
        )
        for pupil in found
    ]
    return sorted(rows, key=lambda row: (row.day, row.pupil.pinyin))


def _day_between(born_on: date, first: date, last: date) -> date:
    """The one birthday between two days, which may lie in two years."""
    candidates = {birthday_in(born_on, year) for year in (first.year, last.year)}
    return next(day for day in sorted(candidates) if first <= day <= last)


def _greeted(
    session: Session, pupil_ids: Iterable[int], first: date, last: date
) -> dict[int, Sequence[date]]:
    rows = session.execute(
        select(CareRecord.pupil_id, func.array_agg(CareRecord.occurred_on))
        .where(
            CareRecord.pupil_id.in_(list(pupil_ids)),
            CareRecord.kind == CareKind.BIRTHDAY_GREETING,
            CareRecord.occurred_on.between(first, last),
            CareRecord.withdrawn_at.is_(None),
        )
        .group_by(CareRecord.pupil_id)
    )
    return dict(rows.all())


def gifts_given(pupils: Select[Pupil], first: date, last: date) -> Select[int | None, int | None, int, int]:
    """(what, from whom, how often, to how many children) was given to these children in a time."""
    record, detail = CareRecord, CareDetail
    return (
        select(detail.item, detail.giver, func.count(), func.count(record.pupil_id.distinct()))
        .select_from(record)
        .outerjoin(detail, (detail.school_id == record.school_id) & (detail.care_record_id == record.id))
        .where(
            record.pupil_id.in_(pupils.order_by(None).with_only_columns(Pupil.id)),
            record.kind.in_([int(kind) for kind in GIFTS]),
            (record.kind == int(CareKind.GIFT)) | detail.item.is_not(None),
            record.occurred_on.between(first, last),
            record.withdrawn_at.is_(None),
        )
        .group_by(detail.item, detail.giver)
        .order_by(func.count().desc(), detail.item, detail.giver)
    )
