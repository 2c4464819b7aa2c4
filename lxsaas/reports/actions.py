"""The outbox: claimed, being sent, settled, given up. Each call is one short transaction of its caller."""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, case, func, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from lxsaas.core.db import table_of
from lxsaas.core.errors import NotFoundError, RuleError
from lxsaas.core.mail import Outcome
from lxsaas.reports import queries
from lxsaas.reports.channel_actions import pause_channel
from lxsaas.reports.journal import Left
from lxsaas.reports.models import OutboxMessage

EXPIRES = timedelta(days=3)
"""What is put up again by hand goes by then or not at all."""
ATTEMPTS = 12
"""With the backoff below some twenty hours of trying."""
_FIRST_RETRY = timedelta(minutes=1)
_LONGEST_RETRY = timedelta(hours=6)
_SERVERS_RETRY = timedelta(minutes=15)
"""Longest wait for a server that takes nobody's mail: it says nothing of the message."""
UNWANTED = "not_subscribed"
"""Why a mail is not sent whose reader left, or wants it no more, since it was owed."""
ABANDONED = timedelta(minutes=10)
"""A message in hand for so long belonged to a killed sender; if it was being sent, it may have gone."""


@dataclass(frozen=True)
class Claimed:
    """A message in this sender's hand; not tried before `begin`."""

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


_MESSAGE = table_of(OutboxMessage)
# A sender whose clock, or the database's, jumped may find its messages given up: it knows better.
_IN_HAND = ("claimed", "sending", "unknown")
_PUT_BACK = {"state": case((_MESSAGE.c.attempts > 0, "retry"), else_="pending"), "claimed_by": None}


def give_up(session: Session, district_id: int, now: datetime) -> None:
    """Gives up what is too old; of what killed senders left, puts up again what was not being sent."""

    def change(*conditions: ColumnElement[bool], **values: object) -> None:
        session.execute(
            update(_MESSAGE).where(_MESSAGE.c.district_id == district_id, *conditions).values(**values)
        )

    waits = _MESSAGE.c.state.in_(("pending", "retry"))
    abandoned = _MESSAGE.c.claimed_at < func.now() - ABANDONED
    change(waits, _MESSAGE.c.expires_at <= now, state="expired")
    change(_MESSAGE.c.state == "claimed", abandoned, **_PUT_BACK)
    unknown = {"state": "unknown", "error": "sender_killed", "attempts": _MESSAGE.c.attempts + 1}
    change(_MESSAGE.c.state == "sending", abandoned, **unknown)


def claim_due(
    session: Session, district_id: int, now: datetime, count: int = 1, claim: UUID | None = None
) -> Sequence[Claimed]:
    """Takes the messages that have been due longest; to be committed before anything is done with them."""
    claim = claim or uuid4()
    # In a subquery the server might choose anew for each row, and take more.
    chosen = queries.due(district_id, now, count).cte("chosen")
    rows = session.execute(
        update(_MESSAGE)
        .where(_MESSAGE.c.district_id == district_id, _MESSAGE.c.id == chosen.c.id)
        .values(state="claimed", claimed_by=claim, claimed_at=func.now())
        .returning(
            _MESSAGE.c.id,
            _MESSAGE.c.subscription_id,
            _MESSAGE.c.unit_id,
            _MESSAGE.c.period_on,
            _MESSAGE.c.about_id,
            _MESSAGE.c.message_id,
            _MESSAGE.c.attempts,
            _MESSAGE.c.next_attempt_at,
        )
    )
    oldest_first = sorted(rows, key=lambda row: (row[7], row[0]))
    return [Claimed(district_id, row[0], claim, *row[1:7]) for row in oldest_first]


def begin(session: Session, messages: Sequence[Claimed]) -> set[int]:
    """Notes that these are being sent, of one claim; which are this sender's still.

    To be committed before the first is complete: from then on a killed sender leaves them in doubt.
    """
    return _change(session, messages, "claimed", state="sending", claimed_at=func.now())


def keep(session: Session, messages: Sequence[Claimed]) -> None:
    """Says that the sender of these lives."""
    _change(session, messages, *_IN_HAND, claimed_at=func.now())


def accept(session: Session, messages: Sequence[Claimed]) -> None:
    """Notes that the server accepted these."""
    values = {"sent_at": func.now(), "error": None, "attempts": _MESSAGE.c.attempts + 1}
    _change(session, messages, *_IN_HAND, state="sent", **values)


def put_back(session: Session, messages: Sequence[Claimed]) -> None:
    """Lets go of messages that were not tried after all."""
    _change(session, messages, *_IN_HAND, **_PUT_BACK)


def take_over(session: Session, left: Left) -> int:
    """Settles what a killed sender left, by its journal; how many of its messages may have arrived."""

    def change(ids: Collection[int] | None, **values: object) -> int:
        statement = _of_claim(left.district_id, left.claim, ids, _IN_HAND).values(**values)
        return len(session.scalars(statement).all())

    added = _MESSAGE.c.attempts + 1
    change(left.accepted, state="sent", sent_at=func.now(), error=None, attempts=added)
    in_doubt = change(left.in_doubt, state="unknown", error="sender_killed", attempts=added, claimed_by=None)
    change(None, **_PUT_BACK)
    return in_doubt


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
    elif outcome.reason == UNWANTED:
        values |= {"state": "expired"}
    elif outcome.fate == "refused" or (not outcome.is_servers and attempts >= ATTEMPTS):
        values |= {"state": "failed"}
    else:
        longest = _SERVERS_RETRY if outcome.is_servers else _LONGEST_RETRY
        values |= {"state": "retry", "claimed_by": None, "next_attempt_at": now + backoff(attempts, longest)}
    _change(session, [message], *_IN_HAND, **values)


def postpone(session: Session, message: Claimed, until: datetime, reason: str) -> None:
    """Lets a message wait that was not tried; it costs no attempt."""
    _change(
        session, [message], *_IN_HAND, state="retry", claimed_by=None, next_attempt_at=until, error=reason
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
    changed = session.execute(
        update(_MESSAGE)
        .where(
            _MESSAGE.c.district_id == district_id,
            _MESSAGE.c.id == message_id,
            # What is in a sender's hand has an outcome soon; taking it away could send it twice.
            _MESSAGE.c.state.not_in(("claimed", "sending")),
        )
        .values(
            state="pending", next_attempt_at=now, expires_at=now + EXPIRES, attempts=0, error=None,
            bounced_at=None, claimed_by=None,
        )
        .returning(_MESSAGE.c.id)
    ).all()  # fmt: skip
    if not changed:
        if session.get(OutboxMessage, (district_id, message_id)) is None:
            raise NotFoundError("message_unknown", id=message_id)
        raise RuleError("message_in_hand")


def _change(session: Session, messages: Sequence[Claimed], *states: str, **values: object) -> set[int]:
    """Changes those of these messages, all of one claim, that are in one of the states; which."""
    if not messages:
        return set()
    first, ids = messages[0], [one.id for one in messages]
    statement = _of_claim(first.district_id, first.claim, ids, states).values(**values)
    return set(session.scalars(statement).all())


def _of_claim(
    district_id: int, claim: UUID, ids: Collection[int] | None, states: Collection[str]
) -> ReturningUpdate[int]:
    """An update of those of a claim's messages that are in one of the states; `ids` None: of all."""
    conditions = [
        _MESSAGE.c.district_id == district_id,
        _MESSAGE.c.claimed_by == claim,
        _MESSAGE.c.state.in_(states),
    ]
    if ids is not None:
        conditions.append(_MESSAGE.c.id.in_(ids))
    return update(_MESSAGE).where(*conditions).returning(_MESSAGE.c.id)
