"""The outbox: owed, claimed, settled. Each call is one short transaction of its caller."""

import random
import uuid
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.core.errors import NotFoundError
from lxsaas.core.mail import Outcome
from lxsaas.indicators.models import IndicatorRun
from lxsaas.reports import queries
from lxsaas.reports.models import MailChannel, OutboxMessage, ReportSubscription
from lxsaas.schools.models import District

EXPIRES = timedelta(days=3)
"""A digest that could not go by then is history."""
ATTEMPTS = 12
"""With the backoff below some twenty hours of trying."""
_FIRST_RETRY = timedelta(minutes=1)
_LONGEST_RETRY = timedelta(hours=6)
ABANDONED = timedelta(minutes=10)
"""A message in sending for so long belonged to a killed sender: whether it went is unknown."""


def subscribe_everybody(session: Session, district_id: int) -> None:
    """Subscribes officers who have an address and were never asked; who unsubscribed stays so."""
    for staff_id in session.scalars(queries.officers_with_email(district_id)).all():
        session.execute(
            insert(ReportSubscription)
            .values(district_id=district_id, staff_id=staff_id, report=queries.DIGEST)
            .on_conflict_do_nothing()
        )


def subscribe(session: Session, *, district_id: int, staff_id: int, is_active: bool, send_at: time) -> None:
    """One's own choice about the digest."""
    values = {"is_active": is_active, "send_at": send_at}
    session.execute(
        insert(ReportSubscription)
        .values(district_id=district_id, staff_id=staff_id, report=queries.DIGEST, **values)
        .on_conflict_do_update(index_elements=["district_id", "staff_id", "report"], set_=values)
    )


def owe_digests(session: Session, district_id: int, as_of: date) -> int:
    """A message for each subscription to a night's digest, unless it is there already; how many are new.

    Called in the transaction that publishes the night, and again before sending, for who subscribed since.
    """
    subscribe_everybody(session, district_id)
    timezone = session.scalar(select(District.timezone).where(District.id == district_id))
    new = 0
    for subscription in session.scalars(queries.active_subscriptions(district_id)).all():
        due_at = instant_of(as_of + timedelta(days=1), subscription.send_at, str(timezone))
        made = session.scalar(
            insert(OutboxMessage)
            .values(
                district_id=district_id,
                subscription_id=subscription.id,
                staff_id=subscription.staff_id,
                period_on=as_of,
                message_id=f"<{uuid.uuid4()}@lxsaas>",
                next_attempt_at=due_at,
                expires_at=due_at + EXPIRES,
            )
            .on_conflict_do_nothing()
            .returning(OutboxMessage.id)
        )
        new += made is not None
    return new


def instant_of(day: date, hour: time, timezone: str) -> datetime:
    """The instant of a wall-clock time; one that summer time skips comes as much after the gap."""
    local = datetime.combine(day, hour, ZoneInfo(timezone))
    # A round trip through UTC lands behind the gap; for all other times it changes nothing.
    return local.astimezone(ZoneInfo("UTC"))


def last_night(session: Session, district_id: int, now: datetime) -> date | None:
    """The as-of day of the newest finished night, if it is recent enough for a digest."""
    return session.scalar(
        select(func.max(IndicatorRun.as_of)).where(
            IndicatorRun.district_id == district_id,
            IndicatorRun.state == "done",
            IndicatorRun.as_of >= (now - EXPIRES).date(),
            IndicatorRun.as_of <= now.date(),
        )
    )


def expire(session: Session, district_id: int, now: datetime) -> None:
    """Gives up what is too old, and calls unknown what a killed sender left."""
    session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.district_id == district_id,
            OutboxMessage.state.in_(("pending", "retry")),
            OutboxMessage.expires_at <= now,
        )
        .values(state="expired")
    )
    session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.district_id == district_id,
            OutboxMessage.state == "sending",
            OutboxMessage.claimed_at < func.now() - ABANDONED,
        )
        .values(state="unknown", error="sender_killed")
    )


def claim_due(session: Session, district_id: int, now: datetime) -> OutboxMessage | None:
    """Takes the message that has been due longest; to be committed before the line is opened."""
    message = session.scalars(queries.due(district_id, now)).one_or_none()
    if message is not None:
        message.state, message.claimed_at = "sending", func.now()
        message.attempts += 1
        session.flush()
    return message


def settle(session: Session, message: OutboxMessage, outcome: Outcome, now: datetime) -> None:
    """Writes what became of an attempt."""
    message.error = None if outcome.fate == "sent" else outcome.code
    if outcome.fate == "sent":
        message.state, message.sent_at = "sent", func.now()
    elif outcome.fate == "unknown":
        message.state = "unknown"
    elif outcome.fate == "refused" or (outcome.fate == "retry" and message.attempts >= ATTEMPTS):
        message.state = "failed"
    elif outcome.fate == "login_refused":
        # Not this message's fault: it waits, its attempt does not count, the channel is paused.
        message.state, message.attempts = "pending", message.attempts - 1
        pause_channel(session, outcome.code)
    else:
        message.state, message.next_attempt_at = "retry", now + backoff(message.attempts)
    session.flush()


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many attempts: doubling from a minute, with jitter."""
    doubled: timedelta = _FIRST_RETRY * 2 ** (attempts - 1)
    return min(doubled, _LONGEST_RETRY) * random.uniform(0.8, 1.2)


def pause_channel(session: Session, reason: str) -> None:
    """Stops all sending until the operator resumes it."""
    values = {"paused_at": func.now(), "reason": reason}
    session.execute(
        insert(MailChannel)
        .values(name=queries.CHANNEL, **values)
        .on_conflict_do_update(index_elements=["name"], set_=values)
    )


def resume_channel(session: Session) -> None:
    session.execute(
        update(MailChannel).where(MailChannel.name == queries.CHANNEL).values(paused_at=None, reason=None)
    )


def resend(session: Session, district_id: int, message_id: int, now: datetime) -> None:
    """Puts a message up once more with all its attempts, by the operator's decision. Raises NotFoundError."""
    message = session.get(OutboxMessage, (district_id, message_id))
    if message is None:
        raise NotFoundError("message_unknown", id=message_id)
    message.state, message.next_attempt_at, message.expires_at = "pending", now, now + EXPIRES
    message.attempts, message.error = 0, None
    session.flush()
