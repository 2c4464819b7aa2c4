"""What becomes of a message that came back, and of its subscription when that goes on."""

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from lxsaas.reports.bounces import Returned
from lxsaas.reports.models import OutboxMessage, ReportSubscription

BOUNCED = "bounced"
IN_A_ROW = 3
"""Mails that came back for good, one after the other, before a subscription is paused."""
UNKNOWN_IN_A_ROW = 2
"""The same where there is no such address: a mistaken server says so once, not on two days."""


def note_bounce(session: Session, message: OutboxMessage, returned: Returned) -> bool:
    """Notes on the message that it came back; whether its subscription was paused for it. Idempotent.

    One that is late, or that its server refused only for now, is noted and nothing more.
    """
    if message.state not in ("sent", "unknown"):
        return False
    message.bounced_at = func.now()
    message.error = f"{BOUNCED} {returned.status}"
    if not returned.is_hard:
        message.error = f"{'returned' if returned.is_final else 'delayed'} {returned.status}"
        session.flush()
        return False
    message.state = "bounced"
    session.flush()
    return _count(session, message, returned)


def _count(session: Session, message: OutboxMessage, returned: Returned) -> bool:
    """Counts bounces in a row; whether the subscription is paused by this one."""
    mine = (
        ReportSubscription.district_id == message.district_id,
        ReportSubscription.id == message.subscription_id,
    )
    # Held until the commit: two mails may come back at once.
    held = session.scalars(
        select(ReportSubscription).where(*mine).with_for_update().execution_options(populate_existing=True)
    ).one()
    count = held.bounce_count + 1 if _came_back_before(session, message) else 1
    limit = UNKNOWN_IN_A_ROW if returned.is_unknown_address else IN_A_ROW
    is_paused = held.is_active and count >= limit
    values: dict[str, object] = {"bounce_count": count}
    if is_paused:
        values |= {"is_active": False, "paused_reason": BOUNCED}
    session.execute(update(ReportSubscription).where(*mine).values(**values))
    return is_paused


def _came_back_before(session: Session, message: OutboxMessage) -> bool:
    """Whether the mail before this one, to the same person, came back too."""
    before = (
        select(OutboxMessage.state)
        .where(
            OutboxMessage.district_id == message.district_id,
            OutboxMessage.subscription_id == message.subscription_id,
            OutboxMessage.id != message.id,
            OutboxMessage.sent_at <= func.coalesce(message.sent_at, func.now()),
        )
        .order_by(OutboxMessage.sent_at.desc(), OutboxMessage.id.desc())
        .limit(1)
    )
    return session.scalar(before) == "bounced"
