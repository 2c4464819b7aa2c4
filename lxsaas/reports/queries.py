"""Reads of the outbox."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, func, or_, select

from lxsaas.reports.models import MailChannel, OutboxMessage, ReportSubscription
from lxsaas.schools.models import District

CHANNEL = "smtp"
TROUBLED = ("retry", "unknown", "failed", "bounced")
"""States that want a look."""


def due(district_id: int, now: datetime, count: int) -> Select[int]:
    """The messages that have waited longest of those whose time has come and which nobody has in hand."""
    return (
        select(OutboxMessage.id)
        .where(
            OutboxMessage.district_id == district_id,
            OutboxMessage.state.in_(("pending", "retry")),
            OutboxMessage.next_attempt_at <= now,
        )
        .order_by(OutboxMessage.next_attempt_at, OutboxMessage.id)
        .limit(count)
        .with_for_update(skip_locked=True)
    )


def districts_with_work(now: datetime, abandoned: timedelta) -> Select[int]:
    """Districts whose mail's time has come, or is in hand for so long; in the watch's scope."""
    is_due = and_(OutboxMessage.state.in_(("pending", "retry")), OutboxMessage.next_attempt_at <= now)
    is_left = and_(
        OutboxMessage.state.in_(("claimed", "sending")), OutboxMessage.claimed_at < func.now() - abandoned
    )
    return (
        select(OutboxMessage.district_id)
        .where(or_(is_due, is_left))
        .distinct()
        .order_by(OutboxMessage.district_id)
    )


def ended_or_not(district_id: int, subscription_id: int) -> Select[str, bool, str]:
    """A subscription's report, whether it is active, and its district's name; nothing about its person."""
    return (
        select(ReportSubscription.report, ReportSubscription.is_active, District.name)
        .join(District, District.id == ReportSubscription.district_id)
        .where(
            ReportSubscription.district_id == district_id,
            ReportSubscription.id == subscription_id,
            ReportSubscription.deleted_at.is_(None),
        )
    )


def message_named(key: str) -> Select[int, int]:
    """District and id of the message with this key in its Message-ID; in the watch's scope."""
    return select(OutboxMessage.district_id, OutboxMessage.id).where(
        OutboxMessage.message_id == f"<{key}@lxsaas>"
    )


def is_paused() -> Select[int]:
    return (
        select(func.count())
        .select_from(MailChannel)
        .where(MailChannel.name == CHANNEL, MailChannel.paused_at.is_not(None))
    )


def counts_by_state(district_ids: Collection[int]) -> Select[int, str, int]:
    """(district, state, messages); in the watch's scope."""
    return (
        select(OutboxMessage.district_id, OutboxMessage.state, func.count())
        .where(OutboxMessage.district_id.in_(district_ids))
        .group_by(OutboxMessage.district_id, OutboxMessage.state)
        .order_by(OutboxMessage.state)
    )


def in_states(district_id: int, states: Collection[str]) -> Select[OutboxMessage]:
    """A district's messages in these states, the newest first."""
    return (
        select(OutboxMessage)
        .where(OutboxMessage.district_id == district_id, OutboxMessage.state.in_(states))
        .order_by(OutboxMessage.id.desc())
    )
