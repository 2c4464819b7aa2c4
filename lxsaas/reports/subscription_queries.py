"""Reads of subscriptions, of the people they are for, and of what decides whether a report is due."""

from datetime import date

from sqlalchemy import Row, Select, func, select

from lxsaas.accounts.models import DistrictStaff, Staff
from lxsaas.indicators.models import IndicatorRun
from lxsaas.reports.models import OutboxMessage, ReportSubscription
from lxsaas.schools.models import Term

Recipient = Row[str | None, str | None, bool, list[str]]


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


def recipient_of(subscription: ReportSubscription) -> Select[str | None, str | None, bool, list[str]]:
    """Address, language, whether the account is active, its roles.

    Of somebody of a school only where that school is in scope.
    """
    if subscription.school_staff_id is not None:
        return select(Staff.email, Staff.language, Staff.is_active, Staff.roles).where(
            Staff.school_id == subscription.unit_id, Staff.id == subscription.school_staff_id
        )
    return select(
        DistrictStaff.email, DistrictStaff.language, DistrictStaff.is_active, DistrictStaff.roles
    ).where(DistrictStaff.district_id == subscription.district_id, DistrictStaff.id == subscription.staff_id)


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
