"""Reads of subscriptions and of the people they are for."""

from sqlalchemy import Row, Select, select

from lxsaas.accounts.models import DistrictStaff, Staff
from lxsaas.reports.models import ReportSubscription

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
