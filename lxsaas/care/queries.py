"""What may be seen of pupils and their care: who is in reach, a month, lists of records."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select

from lxsaas.accounts.models import Staff
from lxsaas.care.models import CareNote, CareRecord
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.queries import named
from lxsaas.schools.models import District, School, SchoolClass, Term

ORDERS: dict[str, tuple[Any, ...]] = {
    "day": (CareRecord.occurred_on, CareRecord.id),
    "child": (Pupil.pinyin, Pupil.id, CareRecord.occurred_on, CareRecord.id),
    "kind": (CareRecord.kind, CareRecord.occurred_on, CareRecord.id),
    "by": (Staff.name, CareRecord.occurred_on, CareRecord.id),
}


@dataclass(frozen=True)
class Wish:
    """What is asked of a list of records; None: whatever."""

    first: date | None = None
    last: date | None = None
    kind: int | None = None
    by: int | None = None
    class_id: int | None = None
    pupil_id: int | None = None
    words: str = ""
    """A child's name or its pinyin."""
    sort: str = "-day"


def district_of(school_id: int) -> Select[District]:
    """The district of a school: its time zone, and the definition whose children are care targets."""
    return select(District).join(School, School.district_id == District.id).where(School.id == school_id)


def term_on(district_id: int, day: date) -> Select[Term]:
    """The term of a day, else the last one before it."""
    return (
        select(Term)
        .where(Term.district_id == district_id, Term.starts_on <= day)
        .order_by(Term.starts_on.desc())
        .limit(1)
    )


def latest_by_kind(pupil_ids: Iterable[int], first: date, last: date) -> Select[int, int, date, int]:
    """(pupil, kind, last day, how often) of what was done from `first` to `last`, both included."""
    record = CareRecord
    return (
        select(record.pupil_id, record.kind, func.max(record.occurred_on), func.count())
        .where(
            record.pupil_id.in_(list(pupil_ids)),
            record.occurred_on.between(first, last),
            record.withdrawn_at.is_(None),
        )
        .group_by(record.pupil_id, record.kind)
    )


def care_list(reach: Select[Pupil], wish: Wish) -> Select[CareRecord, str, str, str, bool]:
    """(record, child, class code, who recorded it, whether it has a note) of children within reach.

    Withdrawn records are among them: they stay to be seen.
    """
    record = CareRecord
    query = (
        select(record, Pupil.name, SchoolClass.code, Staff.name, _has_note())
        .join(Pupil, (Pupil.school_id == record.school_id) & (Pupil.id == record.pupil_id))
        .join(SchoolClass, (SchoolClass.school_id == record.school_id) & (SchoolClass.id == Pupil.class_id))
        .join(Staff, (Staff.school_id == record.school_id) & (Staff.id == record.recorded_by))
        .where(Pupil.id.in_(reach.order_by(None).with_only_columns(Pupil.id)))
    )
    equal = {
        record.kind: wish.kind,
        record.recorded_by: wish.by,
        record.pupil_id: wish.pupil_id,
        Pupil.class_id: wish.class_id,
    }
    query = query.where(*(column == value for column, value in equal.items() if value is not None))
    if wish.first:
        query = query.where(record.occurred_on >= wish.first)
    if wish.last:
        query = query.where(record.occurred_on <= wish.last)
    if wish.words:
        query = query.where(named(wish.words))
    columns = ORDERS.get(wish.sort.removeprefix("-"), ORDERS["day"])
    return query.order_by(*(one.desc() for one in columns) if wish.sort.startswith("-") else columns)


def _has_note() -> ColumnElement[bool]:
    same = (CareNote.school_id == CareRecord.school_id) & (CareNote.care_record_id == CareRecord.id)
    return exists().where(same).label("has_note")
