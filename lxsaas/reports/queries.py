"""Reads of subscriptions and the outbox."""

from datetime import datetime

from sqlalchemy import Row, Select, and_, func, or_, select

from lxsaas.accounts.models import DistrictStaff
from lxsaas.reports.models import MailChannel, OutboxMessage, ReportSubscription

CHANNEL = "smtp"
DIGEST = "nightly_digest"
Recipient = Row[int, str | None, str | None, bool]


def officers_with_email(district_id: int) -> Select[int]:
    """Officers of a district to whom mail can go."""
    return select(DistrictStaff.id).where(
        DistrictStaff.district_id == district_id,
        DistrictStaff.is_active,
        DistrictStaff.roles.contains(["officer"]),
        DistrictStaff.email.is_not(None),
    )


def active_subscriptions(district_id: int) -> Select[ReportSubscription]:
    """Who gets the digest: subscribed, active, with an address."""
    return (
        select(ReportSubscription)
        .join(
            DistrictStaff,
            and_(
                DistrictStaff.district_id == ReportSubscription.district_id,
                DistrictStaff.id == ReportSubscription.staff_id,
            ),
        )
        .where(
            ReportSubscription.district_id == district_id,
            ReportSubscription.report == DIGEST,
            ReportSubscription.is_active,
            DistrictStaff.is_active,
            DistrictStaff.email.is_not(None),
        )
    )


def own_subscription(staff_id: int) -> Select[ReportSubscription]:
    return select(ReportSubscription).where(
        ReportSubscription.staff_id == staff_id, ReportSubscription.report == DIGEST
    )


def due(district_id: int, now: datetime) -> Select[OutboxMessage]:
    """The message that has waited longest of those whose time has come and which nobody has in hand."""
    return (
        select(OutboxMessage)
        .where(
            OutboxMessage.district_id == district_id,
            OutboxMessage.state.in_(("pending", "retry")),
            OutboxMessage.next_attempt_at <= now,
        )
        .order_by(OutboxMessage.next_attempt_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def recipient_of(message: OutboxMessage) -> Select[str | None, str | None, bool, bool]:
    """Address, language, whether the account is active and still subscribed."""
    return (
        select(
            DistrictStaff.email, DistrictStaff.language, DistrictStaff.is_active, ReportSubscription.is_active
        )
        .join(
            ReportSubscription,
            and_(
                ReportSubscription.district_id == DistrictStaff.district_id,
                ReportSubscription.staff_id == DistrictStaff.id,
            ),
        )
        .where(
            DistrictStaff.district_id == message.district_id,
            DistrictStaff.id == message.staff_id,
            ReportSubscription.id == message.subscription_id,
        )
    )


def is_paused() -> Select[int]:
    return (
        select(func.count())
        .select_from(MailChannel)
        .where(MailChannel.name == CHANNEL, MailChannel.paused_at.is_not(None))
    )


def counts_by_state(district_id: int) -> Select[str, int]:
    return (
        select(OutboxMessage.state, func.count())
        .where(OutboxMessage.district_id == district_id)
        .group_by(OutboxMessage.state)
        .order_by(OutboxMessage.state)
    )


def open_messages(district_id: int) -> Select[OutboxMessage]:
    """Messages that need a look: failed, unknown, waiting for another attempt."""
    return (
        select(OutboxMessage)
        .where(
            OutboxMessage.district_id == district_id,
            or_(OutboxMessage.state.in_(("failed", "unknown", "retry"))),
        )
        .order_by(OutboxMessage.id.desc())
    )
