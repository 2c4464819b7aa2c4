"""What may be seen of pupils and their care: who is in reach, a month, lists of records."""

from collections.abc import Iterable
from datetime import date
from typing import TypeVarTuple

from sqlalchemy import ColumnElement, Select, exists, func, select

from lxsaas.accounts.models import Staff
from lxsaas.accounts.queries import classes_taught_by
from lxsaas.care.models import CareNote, CareRecord
from lxsaas.pupils.models import Pupil
from lxsaas.schools.models import District, School, SchoolClass

Ts = TypeVarTuple("Ts")


def classes_in_reach(staff_id: int, *, whole_school: bool, on: date) -> Select[SchoolClass]:
    """The classes that a member of staff teaches as homeroom teacher on a day, or all of the school."""
    every = select(SchoolClass).order_by(SchoolClass.grade, SchoolClass.number, SchoolClass.code)
    return every if whole_school else every.where(SchoolClass.id.in_(classes_taught_by(staff_id, on)))


def district_of(school_id: int) -> Select[District]:
    """The district of a school: its time zone, and the definition whose children are care targets."""
    return select(District).join(School, School.district_id == District.id).where(School.id == school_id)


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


def records_of_pupil(pupil_id: int) -> Select[CareRecord, str, bool]:
    """(record, who recorded it, whether it has a note) of one child, newest first."""
    return (
        _with_author(select(CareRecord, Staff.name, _has_note()))
        .where(CareRecord.pupil_id == pupil_id)
        .order_by(CareRecord.occurred_on.desc(), CareRecord.id.desc())
    )


def records_of_class(class_id: int, first: date, last: date) -> Select[CareRecord, str, str]:
    """(record, child's name, who recorded it) of the children now in a class, newest first."""
    return (
        _with_author(select(CareRecord, Pupil.name, Staff.name))
        .join(Pupil, (Pupil.school_id == CareRecord.school_id) & (Pupil.id == CareRecord.pupil_id))
        .where(Pupil.class_id == class_id, CareRecord.occurred_on.between(first, last))
        .order_by(CareRecord.occurred_on.desc(), CareRecord.id.desc())
    )


def notes_of(record_ids: Iterable[int]) -> Select[CareNote]:
    """The sealed notes of some records."""
    return select(CareNote).where(CareNote.care_record_id.in_(list(record_ids)))


def _has_note() -> ColumnElement[bool]:
    same = (CareNote.school_id == CareRecord.school_id) & (CareNote.care_record_id == CareRecord.id)
    return exists().where(same).label("has_note")


def _with_author(query: Select[*Ts]) -> Select[*Ts]:
    return query.join(Staff, (Staff.school_id == CareRecord.school_id) & (Staff.id == CareRecord.recorded_by))
