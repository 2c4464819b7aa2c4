"""Reads of subscriptions, of the people they are for, and of the units that they may be about."""

from collections.abc import Collection, Mapping
from typing import Protocol

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    any_,
    exists,
    literal,
    or_,
    select,
    union_all,
)

from lxsaas.accounts.models import DistrictStaff, Staff
from lxsaas.alarms.models import Alarm, AlarmRule
from lxsaas.core.permissions import ROLES, Permission
from lxsaas.reports.models import OutboxMessage, ReportSubscription
from lxsaas.schools.models import District, School, Township


class Named(Protocol):
    """What tells one subscription of a person from another."""

    @property
    def report(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def unit_id(self) -> int: ...


def officers_never_asked(district_id: int) -> Select[int]:
    """Officers of a district to whom mail can go and who have no say about its nightly digest yet."""
    asked = exists().where(
        ReportSubscription.district_id == district_id,
        ReportSubscription.staff_id == DistrictStaff.id,
        ReportSubscription.report == "night",
        ReportSubscription.level == "district",
    )
    return select(DistrictStaff.id).where(
        DistrictStaff.district_id == district_id,
        DistrictStaff.is_active,
        DistrictStaff.roles.contains(["officer"]),
        DistrictStaff.email.is_not(None),
        DistrictStaff.township_ids.is_(None),
        ~asked,
    )


def active_subscriptions(district_id: int, *reports: str) -> Select[ReportSubscription]:
    """Subscriptions to these reports whose mail can go: neither paused nor given up nor beyond one's reach.

    Of people at schools those of the schools in scope.
    """
    return select(ReportSubscription).where(
        ReportSubscription.district_id == district_id,
        ReportSubscription.report.in_(reports),
        ReportSubscription.is_active,
        ReportSubscription.deleted_at.is_(None),
        or_(_is_officer_s(gets_mail(DistrictStaff), is_in_reach()), _is_of_school_people()),
    )


def _is_officer_s(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """That a subscription is of an officer of whom these hold."""
    # Not `select *`: of an account the aggregator may read some columns only.
    return (
        select(DistrictStaff.id)
        .where(
            DistrictStaff.district_id == ReportSubscription.district_id,
            DistrictStaff.id == ReportSubscription.staff_id,
            *conditions,
        )
        .correlate(ReportSubscription)
        .exists()
    )


def _is_of_school_people() -> ColumnElement[bool]:
    """That a subscription is somebody's of its school who gets mail."""
    return (
        select(Staff.id)
        .where(
            Staff.school_id == ReportSubscription.unit_id,
            Staff.id == ReportSubscription.school_staff_id,
            gets_mail(Staff),
        )
        .correlate(ReportSubscription)
        .exists()
    )


def gets_mail(staff: type[DistrictStaff | Staff]) -> ColumnElement[bool]:
    """That an account is active, has an address and a role that gets reports."""
    return and_(
        staff.is_active,
        staff.email.is_not(None),
        staff.roles.overlap(roles_with(Permission.SUBSCRIBE_REPORTS)),
    )


def roles_with(permission: Permission) -> list[str]:
    """The roles that have a permission."""
    return [role for role, permissions in ROLES.items() if permission in permissions]


def is_in_reach() -> ColumnElement[bool]:
    """That an officer who is limited to some townships may see what a subscription is about."""
    inside = (
        select(School.id)
        .where(
            School.id == ReportSubscription.unit_id, School.township_id == any_(DistrictStaff.township_ids)
        )
        .correlate(ReportSubscription, DistrictStaff)
        .exists()
    )
    return or_(
        DistrictStaff.township_ids.is_(None),
        and_(
            ReportSubscription.level == "township",
            ReportSubscription.unit_id == any_(DistrictStaff.township_ids),
        ),
        and_(ReportSubscription.level == "school", inside),
    )


def _of_person(person: Mapping[str, int | None]) -> list[ColumnElement[bool]]:
    """The conditions that a subscription is this person's: the columns that name one, the other one null."""
    return [getattr(ReportSubscription, name).is_not_distinct_from(value) for name, value in person.items()]


def own_subscriptions(person: Mapping[str, int | None]) -> Select[ReportSubscription]:
    """What a person has subscribed to, paused ones too."""
    return (
        select(ReportSubscription)
        .where(*_of_person(person), ReportSubscription.deleted_at.is_(None))
        .order_by(ReportSubscription.id)
    )


def same_subscription(person: Mapping[str, int | None], choice: Named) -> Select[ReportSubscription]:
    """A person's subscription to this report of this unit, deleted ones too."""
    return select(ReportSubscription).where(
        *_of_person(person),
        ReportSubscription.report == choice.report,
        ReportSubscription.level == choice.level,
        ReportSubscription.unit_id == choice.unit_id,
    )


def own_messages(person: Mapping[str, int | None]) -> Select[OutboxMessage, ReportSubscription]:
    """What was owed to a person, the newest first, each with its subscription."""
    return (
        select(OutboxMessage, ReportSubscription)
        .join(
            ReportSubscription,
            and_(
                ReportSubscription.district_id == OutboxMessage.district_id,
                ReportSubscription.id == OutboxMessage.subscription_id,
            ),
        )
        .where(*_of_person(person))
        .order_by(OutboxMessage.next_attempt_at.desc(), OutboxMessage.id.desc())
    )


def units_in_reach(district_id: int, township_ids: Collection[int] | None) -> Select[str, int, str]:
    """Level, id and name of the district, its townships and schools; of some townships, those and theirs."""
    of_district = select(
        literal("district").label("level"), District.id.label("unit_id"), District.name.label("name")
    ).where(District.id == district_id, literal(township_ids is None))
    of_townships = select(literal("township"), Township.id, Township.name).where(
        Township.district_id == district_id
    )
    of_schools = select(literal("school"), School.id, School.name).where(School.district_id == district_id)
    if township_ids is not None:
        of_townships = of_townships.where(Township.id.in_(township_ids))
        of_schools = of_schools.where(School.township_id.in_(township_ids))
    found = union_all(of_district, of_townships, of_schools).subquery()
    level, unit_id, name = found.c
    return select(level, unit_id, name).order_by(level, name)


def place_of_alarm(district_id: int, alarm_id: int) -> Select[str, int, int | None, str]:
    """Level and unit of an alarm, with the township of a school, and the kind of its rule."""
    return (
        select(Alarm.level, Alarm.unit_id, School.township_id, AlarmRule.kind)
        .join(AlarmRule, and_(AlarmRule.district_id == Alarm.district_id, AlarmRule.id == Alarm.rule_id))
        .outerjoin(School, and_(Alarm.level == "school", School.id == Alarm.unit_id))
        .where(Alarm.district_id == district_id, Alarm.id == alarm_id)
    )


def told_of_harm() -> ColumnElement[bool]:
    """That a subscription's officer may know which school has opened a mandatory report."""
    return _is_officer_s(DistrictStaff.roles.overlap(roles_with(Permission.VIEW_HARM_STATES)))
