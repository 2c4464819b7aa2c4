"""Reads of a school's log."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, Select, case, cast, func, or_, select

from lxsaas.accounts.models import Staff
from lxsaas.auditing import hooks
from lxsaas.core.audit import AuditEntry
from lxsaas.pupils.models import Pupil

CONFIDENTIAL = ("counselling_", "case_", "letterbox_")
"""Subjects of which the log tells that, not about whom: else it would tell who is in counselling (P16)."""
SIGHTS = ("view_%", "open_secrets", "read_%", "find_by_number", "print_%")
"""Actions by which somebody saw what is sealed."""


@dataclass(frozen=True)
class Wish:
    """What is asked of the log."""

    staff_id: int | None = None
    verb: str = ""
    first: date | None = None
    last: date | None = None
    pupil_id: int | None = None


def pupil_of() -> ColumnElement[int | None]:
    """The child whom an entry concerns; nobody where it would tell who is in counselling."""
    named = cast(AuditEntry.detail["pupil_id"].astext, BigInteger)
    confidential = (AuditEntry.subject.startswith(prefix) for prefix in CONFIDENTIAL)
    return case(
        (or_(*confidential, *(condition() for condition in hooks.confidential)), None),
        (AuditEntry.subject == "pupil", AuditEntry.subject_id),
        else_=named,
    )


def entries(school_id: int, wish: Wish, timezone: str) -> Select[AuditEntry, str, int | None, str]:
    """(entry, who, child's id, child's name), the newest first."""
    child = pupil_of()
    query = (
        select(AuditEntry, Staff.name, child.label("pupil_id"), Pupil.name.label("child"))
        .outerjoin(Staff, (Staff.school_id == AuditEntry.school_id) & (Staff.id == AuditEntry.staff_id))
        .outerjoin(Pupil, (Pupil.school_id == AuditEntry.school_id) & (Pupil.id == child))
        .where(AuditEntry.school_id == school_id)
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    )
    if wish.staff_id:
        query = query.where(AuditEntry.staff_id == wish.staff_id)
    if wish.verb:
        query = query.where(AuditEntry.action.startswith(wish.verb + "_", autoescape=True))
    if wish.pupil_id:
        query = query.where(child == wish.pupil_id)
    for condition in within(wish.first, wish.last, timezone):
        query = query.where(condition)
    return query


def within(first: date | None, last: date | None, timezone: str) -> list[ColumnElement[bool]]:
    """Conditions for entries of the days from `first` to `last` on the district's clock."""
    zone = ZoneInfo(timezone)
    conditions: list[ColumnElement[bool]] = []
    if first:
        conditions.append(AuditEntry.at >= datetime.combine(first, time(), zone))
    if last:
        conditions.append(AuditEntry.at <= datetime.combine(last, time.max, zone))
    return conditions


def by_month(school_id: int, year: int, timezone: str) -> Select[Any, str, str, int]:
    """(month, action, subject, how often) of a year."""
    month = func.to_char(func.timezone(timezone, AuditEntry.at), "YYYY-MM")
    return (
        select(month, AuditEntry.action, AuditEntry.subject, func.count())
        .where(AuditEntry.school_id == school_id, *_year(year, timezone))
        .group_by(month, AuditEntry.action, AuditEntry.subject)
        .order_by(month, AuditEntry.action, AuditEntry.subject)
    )


def by_person(school_id: int, year: int, timezone: str) -> Select[str, int, int, int, datetime]:
    """(who, entries, sights of what is sealed, lists taken out, the last) of a year."""
    return (
        select(
            Staff.name,
            func.count(),
            func.count().filter(is_sight()),
            func.count().filter(AuditEntry.action.like("export%")),
            func.max(AuditEntry.at),
        )
        .select_from(AuditEntry)
        .outerjoin(Staff, (Staff.school_id == AuditEntry.school_id) & (Staff.id == AuditEntry.staff_id))
        .where(AuditEntry.school_id == school_id, *_year(year, timezone))
        .group_by(AuditEntry.staff_id, Staff.name)
        .order_by(Staff.name.nulls_last())
    )


def sights_by_child(school_id: int, year: int, timezone: str) -> Select[str, str, int, datetime]:
    """(child, who, how often, the last) of the sights of what is sealed in a year."""
    child = pupil_of()
    return (
        select(Pupil.name, Staff.name, func.count(), func.max(AuditEntry.at))
        .select_from(AuditEntry)
        .join(Pupil, (Pupil.school_id == AuditEntry.school_id) & (Pupil.id == child))
        .outerjoin(Staff, (Staff.school_id == AuditEntry.school_id) & (Staff.id == AuditEntry.staff_id))
        .where(AuditEntry.school_id == school_id, is_sight(), *_year(year, timezone))
        .group_by(Pupil.id, Pupil.name, Pupil.pinyin, AuditEntry.staff_id, Staff.name)
        .order_by(Pupil.pinyin, Pupil.id, Staff.name)
    )


def exports(school_id: int, year: int, timezone: str) -> Select[AuditEntry, str]:
    """(entry, who) of every list or file that was taken out in a year."""
    return (
        select(AuditEntry, Staff.name)
        .outerjoin(Staff, (Staff.school_id == AuditEntry.school_id) & (Staff.id == AuditEntry.staff_id))
        .where(AuditEntry.school_id == school_id, AuditEntry.action.like("export%"), *_year(year, timezone))
        .order_by(AuditEntry.at)
    )


def is_sight() -> ColumnElement[bool]:
    return or_(*(AuditEntry.action.like(pattern) for pattern in SIGHTS))


def _year(year: int, timezone: str) -> list[ColumnElement[bool]]:
    return within(date(year, 1, 1), date(year, 12, 31), timezone)
