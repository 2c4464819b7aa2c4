"""The outbox: claimed, tried, settled, given up. Each call is one short transaction of its caller."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import and_, bindparam, case, func, or_, update
from sqlalchemy.orm import Session

from lxsaas.core.db import table_of
from lxsaas.core.errors import NotFoundError, RuleError
from lxsaas.core.mail import Outcome
from lxsaas.reports import queries
from lxsaas.reports.channel_actions import pause_channel
from lxsaas.reports.models import OutboxMessage

EXPIRES = timedelta(days=3)
"""What is put up again by hand goes by then or not at all."""
ATTEMPTS = 12
"""With the backoff below some twenty hours of trying."""
_FIRST_RETRY = timedelta(minutes=1)
_LONGEST_RETRY = timedelta(hours=6)
_SERVERS_RETRY = timedelta(minutes=15)
"""Longest wait for a server that takes nobody's mail: it says nothing of the message."""
ABANDONED = timedelta(minutes=10)
"""A message in hand for so long belonged to a killed sender; if it was being sent, it may have gone."""


@dataclass(frozen=True)
class Claimed:
    """A message in this sender's hand; not tried before `begin` says so."""

    district_id: int
    id: int
    claim: UUID
    subscription_id: int
    unit_id: int | None
    period_on: date
    about_id: int
    message_id: str
    attempts: int
    """Those before."""


def give_up(session: Session, district_id: int, now: datetime) -> None:
    """Gives up what is too old; of what killed senders left, puts up again what they had not tried."""
    _change(
        session,
        district_id,
        OutboxMessage.state.in_(("pending", "retry")),
        OutboxMessage.expires_at <= now,
        state="expired",
    )
    abandoned = OutboxMessage.claimed_at < func.now() - ABANDONED
    _change(session, district_id, OutboxMessage.state == "claimed", abandoned, **_PUT_BACK)
    _change(
        session,
        district_id,
        OutboxMessage.state == "sending",
        abandoned,
        state="unknown",
        error="sender_killed",
        attempts=OutboxMessage.attempts + 1,
    )


_PUT_BACK = {"state": case((OutboxMessage.attempts > 0, "retry"), else_="pending"), "claimed_by": None}


def claim_due(session: Session, district_id: int, now: datetime, count: int = 1) -> Sequence[Claimed]:
    """Takes the messages that have been due longest; to be committed before anything is done with them."""
    claim = uuid4()
    # In a subquery the server might choose anew for each row, and take more.
    chosen = queries.due(district_id, now, count).cte("chosen")
    rows = session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.district_id == district_id, OutboxMessage.id == chosen.c.id)
        .values(state="claimed", claimed_by=claim, claimed_at=func.now())
        .returning(
            OutboxMessage.id,
            OutboxMessage.subscription_id,
            OutboxMessage.unit_id,
            OutboxMessage.period_on,
            OutboxMessage.about_id,
            OutboxMessage.message_id,
            OutboxMessage.attempts,
            OutboxMessage.next_attempt_at,
        ),
        execution_options={"synchronize_session": False},
    )
    oldest_first = sorted(rows, key=lambda row: (row[7], row[0]))
    return [Claimed(district_id, row[0], claim, *row[1:7]) for row in oldest_first]


def put_back(session: Session, messages: Iterable[Claimed]) -> None:
    """Lets go of messages that were not tried after all."""
    for message in messages:
        _change(
            session,
            message.district_id,
            OutboxMessage.id == message.id,
            OutboxMessage.claimed_by == message.claim,
            OutboxMessage.state == "claimed",
            **_PUT_BACK,
        )


_MESSAGE = table_of(OutboxMessage)
_BEGUN = _MESSAGE.c.id == bindparam("begun")
_ENDED = _MESSAGE.c.id == bindparam("ended")
_BEGIN = (
    update(_MESSAGE)
    .where(
        _MESSAGE.c.district_id == bindparam("district"),
        _MESSAGE.c.id.in_((bindparam("begun"), bindparam("ended"))),
        _MESSAGE.c.claimed_by == bindparam("claim"),
        or_(
            and_(_BEGUN, _MESSAGE.c.state == "claimed"),
            and_(_ENDED, _MESSAGE.c.state.in_(("sending", "unknown"))),
        ),
    )
    .values(
        state=case((_BEGUN, "sending"), else_="sent"),
        claimed_at=case((_BEGUN, func.now()), else_=_MESSAGE.c.claimed_at),
        sent_at=case((_ENDED, func.now()), else_=_MESSAGE.c.sent_at),
        error=case((_ENDED, None), else_=_MESSAGE.c.error),
        attempts=case((_ENDED, _MESSAGE.c.attempts + 1), else_=_MESSAGE.c.attempts),
    )
    .returning(_MESSAGE.c.id)
)
"""One statement a message: that it is about to be complete, and that the one before it was accepted."""


def begin(session: Session, message: Claimed, accepted: Claimed | None) -> bool:
    """Notes that a message is about to get its final dot; False where it is this sender's no more.

    To be committed before the dot. Notes `accepted`, the one before, as sent in the same breath.
    """
    found = session.scalars(
        _BEGIN,
        {
            "district": message.district_id,
            "claim": message.claim,
            "begun": message.id,
            "ended": accepted.id if accepted else 0,
        },
    )
    return message.id in found.all()


def settle(session: Session, message: Claimed, outcome: Outcome, now: datetime) -> None:
    """Writes what became of an attempt, unless the message was given up meanwhile and put up again."""
    attempts = message.attempts + 1
    values: dict[str, object] = {
        "attempts": attempts,
        "error": None if outcome.fate == "sent" else outcome.reason,
    }
    if outcome.fate == "sent":
        values |= {"state": "sent", "sent_at": func.now()}
    elif outcome.fate == "unknown":
        values |= {"state": "unknown"}
    elif outcome.fate == "login_refused":
        # Not this message's fault: it waits, its attempt does not count, the channel is paused.
        values |= {**_PUT_BACK, "attempts": message.attempts}
        pause_channel(session, outcome.code)
    elif outcome.fate == "refused" or (not outcome.is_servers and attempts >= ATTEMPTS):
        values |= {"state": "failed"}
    else:
        longest = _SERVERS_RETRY if outcome.is_servers else _LONGEST_RETRY
        values |= {"state": "retry", "claimed_by": None, "next_attempt_at": now + backoff(attempts, longest)}
    _change(
        session,
        message.district_id,
        OutboxMessage.id == message.id,
        OutboxMessage.claimed_by == message.claim,
        OutboxMessage.state.in_(("claimed", "sending", "unknown")),
        **values,
    )


def postpone(session: Session, message: Claimed, until: datetime, reason: str) -> None:
    """Lets a message wait that was not tried; it costs no attempt."""
    _change(
        session,
        message.district_id,
        OutboxMessage.id == message.id,
        OutboxMessage.claimed_by == message.claim,
        OutboxMessage.state == "claimed",
        state="retry",
        claimed_by=None,
        next_attempt_at=until,
        error=reason,
    )


def backoff(attempts: int, longest: timedelta = _LONGEST_RETRY) -> timedelta:
    """How long to wait after so many attempts: doubling from a minute, with jitter."""
    # Beyond that the number of days would not fit: a server may be away for a weekend.
    doubled: timedelta = _FIRST_RETRY * 2 ** min(attempts - 1, 16)
    return min(doubled, longest) * random.uniform(0.8, 1.2)


def resend(session: Session, district_id: int, message_id: int, now: datetime) -> None:
    """Puts a message up once more with all its attempts, by the operator's decision.

    Raises NotFoundError; RuleError while a sender has it in hand.
    """
    changed = _change(
        session,
        district_id,
        OutboxMessage.id == message_id,
        # What is in a sender's hand has an outcome soon; taking it away could send it twice.
        OutboxMessage.state.not_in(("claimed", "sending")),
        state="pending",
        next_attempt_at=now,
        expires_at=now + EXPIRES,
        attempts=0,
        error=None,
        bounced_at=None,
        claimed_by=None,
    )
    if not changed:
        if session.get(OutboxMessage, (district_id, message_id)) is None:
            raise NotFoundError("message_unknown", id=message_id)
        raise RuleError("message_in_hand")


def _change(session: Session, district_id: int, *conditions: object, **values: object) -> int:
    """Changes messages of a district; how many."""
    statement = (
        update(OutboxMessage)
        .where(OutboxMessage.district_id == district_id, *conditions)  # type: ignore[arg-type]
        .values(**values)
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    return len(session.scalars(statement).all())
