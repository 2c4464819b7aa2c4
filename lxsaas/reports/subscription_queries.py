"""Reads of subscriptions, of the people they are for, and of what decides whether a report is due."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Protocol

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    any_,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)

from lxsaas.accounts.models import DistrictStaff
from lxsaas.alarms.models import Alarm, AlarmRule
from lxsaas.core.permissions import ROLES, Permission
from lxsaas.indicators.models import IndicatorRun
from lxsaas.reports.models import OutboxMessage, ReportSubscription
from lxsaas.schools.models import District, School, Term, Township


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
    """Subscriptions to these reports that are neither paused nor given up nor beyond their person's reach."""
    # Not `select *`: of an account the aggregator may read some columns only.
    reached = (
        select(DistrictStaff.id)
        .where(
            DistrictStaff.district_id == ReportSubscription.district_id,
            DistrictStaff.id == ReportSubscription.staff_id,
            is_in_reach(),
        )
        .correlate(ReportSubscription)
        .exists()
    )
    return select(ReportSubscription).where(
        ReportSubscription.district_id == district_id,
        ReportSubscription.report.in_(reports),
        ReportSubscription.is_active,
        ReportSubscription.deleted_at.is_(None),
        or_(ReportSubscription.staff_id.is_(None), reached),
    )


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
    roles = [role for role, permissions in ROLES.items() if Permission.VIEW_HARM_STATES in permissions]
    return (
        select(DistrictStaff.id)
        .where(
            DistrictStaff.district_id == ReportSubscription.district_id,
            DistrictStaff.id == ReportSubscription.staff_id,
            DistrictStaff.roles.overlap(roles),
        )
        .correlate(ReportSubscription)
        .exists()
    )


def terms(district_id: int) -> Select[str, date, date]:
    """Name, first and last day of each of a district's terms."""
    return (
        select(Term.name, Term.starts_on, Term.ends_on)
        .where(Term.district_id == district_id)
        .order_by(Term.starts_on)
    )


def finished_days(district_id: int, since: date) -> Select[date, date]:
    """First and last of the days of each published run that reaches a day or a later one."""
    return select(func.coalesce(IndicatorRun.since, IndicatorRun.as_of), IndicatorRun.as_of).where(
        IndicatorRun.district_id == district_id, IndicatorRun.state == "done", IndicatorRun.as_of >= since
    )


def first_day(district_id: int) -> Select[date | None]:
    """The first day of which a district ever had figures."""
    return select(func.min(func.coalesce(IndicatorRun.since, IndicatorRun.as_of))).where(
        IndicatorRun.district_id == district_id, IndicatorRun.state == "done"
    )


def owed_since(
    district_id: int, since: date, subscription_ids: Sequence[int] | None = None
) -> Select[int, date]:
    """Subscription and period of each report that is owed or was, of periods from a day on."""
    query = select(OutboxMessage.subscription_id, OutboxMessage.period_on).where(
        OutboxMessage.district_id == district_id,
        OutboxMessage.period_on >= since,
        OutboxMessage.about_id == 0,
    )
    if subscription_ids is not None:
        query = query.where(OutboxMessage.subscription_id.in_(subscription_ids))
    return query
