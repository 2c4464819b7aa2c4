"""Reads of the outbox."""

from datetime import datetime

from sqlalchemy import Select, func, or_, select

from lxsaas.reports.models import MailChannel, OutboxMessage, ReportSubscription

CHANNEL = "smtp"


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


def subscription_of(message: OutboxMessage) -> Select[ReportSubscription]:
    return select(ReportSubscription).where(
        ReportSubscription.district_id == message.district_id,
        ReportSubscription.id == message.subscription_id,
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
