"""To whom the mail of subscriptions goes, read for a whole batch."""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, select

from lxsaas.accounts.models import DistrictStaff, Staff
from lxsaas.core.permissions import Permission, permissions_of
from lxsaas.reports.models import ReportSubscription
from lxsaas.reports.subscription_queries import is_in_reach


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
        return (
            self.report, self.level, self.unit_id, indicators, self.with_workbook, self.is_of_district,
            self.sees_harm,
        )  # fmt: skip

    @property
    def sees_harm(self) -> bool:
        """Whether they may know, as of now, which school has opened a mandatory report."""
        return Permission.VIEW_HARM_STATES in permissions_of(self.roles)


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


def officers_of(district_id: int, ids: Collection[int]) -> Select[*tuple[Any, ...]]:
    """The officers behind subscriptions, as `Recipient` has it, who may see the unit still."""
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
        .where(ReportSubscription.district_id == district_id, ReportSubscription.id.in_(ids), is_in_reach())
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
