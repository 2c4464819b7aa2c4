"""Reads of subscriptions, of the people they are for, and of what decides whether a report is due."""

from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, select

from lxsaas.accounts.models import DistrictStaff, Staff
from lxsaas.indicators.models import IndicatorRun
from lxsaas.reports.models import OutboxMessage, ReportSubscription
from lxsaas.schools.models import Term


class Recipient(NamedTuple):
    """To whom the mail of a subscription goes, and what it is about."""

    subscription_id: int
    is_subscribed: bool
    report: str
    level: str
    unit_id: int
    indicators: list[str] | None
    chosen: str | None
    """The language chosen for this subscription."""
    with_workbook: bool
    is_of_district: bool
    email: str | None
    language: str | None
    """The account's."""
    is_active: bool
    roles: list[str]

    @property
    def spoken(self) -> str | None:
        """The language of the letter."""
        return self.chosen or self.language

    @property
    def about(self) -> tuple[object, ...]:
        """All of a subscription that its letter depends on."""
        indicators = tuple(self.indicators) if self.indicators is not None else None
        return self.report, self.level, self.unit_id, indicators, self.with_workbook, self.is_of_district


_SUBSCRIBED = (
    ReportSubscription.id,
    and_(ReportSubscription.is_active, ReportSubscription.deleted_at.is_(None)),
    ReportSubscription.report,
    ReportSubscription.level,
    ReportSubscription.unit_id,
    ReportSubscription.indicators,
    ReportSubscription.language,
    ReportSubscription.with_workbook,
    ReportSubscription.school_staff_id.is_(None),
)


def officers_with_email(district_id: int) -> Select[int]:
    """Officers of a district to whom mail can go."""
    return select(DistrictStaff.id).where(
        DistrictStaff.district_id == district_id,
        DistrictStaff.is_active,
        DistrictStaff.roles.contains(["officer"]),
        DistrictStaff.email.is_not(None),
    )


def active_subscriptions(district_id: int, *reports: str) -> Select[ReportSubscription]:
    """Subscriptions to these reports that are neither paused nor given up."""
    return select(ReportSubscription).where(
        ReportSubscription.district_id == district_id,
        ReportSubscription.report.in_(reports),
        ReportSubscription.is_active,
        ReportSubscription.deleted_at.is_(None),
    )


def own_subscription(staff_id: int) -> Select[ReportSubscription]:
    """An officer's subscription to the district's nightly digest."""
    return select(ReportSubscription).where(
        ReportSubscription.staff_id == staff_id,
        ReportSubscription.report == "night",
        ReportSubscription.level == "district",
    )


def officers_of(district_id: int, ids: Collection[int]) -> Select[*tuple[Any, ...]]:
    """The officers behind subscriptions, as `Recipient` has it."""
    return (
        select(
            *_SUBSCRIBED,
            DistrictStaff.email,
            DistrictStaff.language,
            DistrictStaff.is_active,
            DistrictStaff.roles,
        )
        .join(
            DistrictStaff,
            and_(
                DistrictStaff.district_id == ReportSubscription.district_id,
                DistrictStaff.id == ReportSubscription.staff_id,
            ),
        )
        .where(ReportSubscription.district_id == district_id, ReportSubscription.id.in_(ids))
    )


def school_people_of(district_id: int, ids: Collection[int]) -> Select[*tuple[Any, ...]]:
    """Somebody of a school behind subscriptions, as `Recipient` has it; of the schools in scope."""
    return (
        select(*_SUBSCRIBED, Staff.email, Staff.language, Staff.is_active, Staff.roles)
        .join(
            Staff,
            and_(
                Staff.school_id == ReportSubscription.unit_id, Staff.id == ReportSubscription.school_staff_id
            ),
        )
        .where(ReportSubscription.district_id == district_id, ReportSubscription.id.in_(ids))
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


def owed_since(district_id: int, since: date) -> Select[int, date]:
    """Subscription and period of each report that is owed or was, of periods from a day on."""
    return select(OutboxMessage.subscription_id, OutboxMessage.period_on).where(
        OutboxMessage.district_id == district_id,
        OutboxMessage.period_on >= since,
        OutboxMessage.about_id == 0,
    )
