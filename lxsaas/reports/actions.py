"""The outbox: claimed, settled, given up. Each call is one short transaction of its caller."""

import random
from datetime import datetime, timedelta

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.core.errors import NotFoundError
from lxsaas.core.mail import Outcome
from lxsaas.reports import queries
from lxsaas.reports.models import MailChannel, OutboxMessage

EXPIRES = timedelta(days=3)
"""What is put up again by hand goes by then or not at all."""
ATTEMPTS = 12
"""With the backoff below some twenty hours of trying."""
_FIRST_RETRY = timedelta(minutes=1)
_LONGEST_RETRY = timedelta(hours=6)
ABANDONED = timedelta(minutes=10)
"""A message in sending for so long belonged to a killed sender: whether it went is unknown."""


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
