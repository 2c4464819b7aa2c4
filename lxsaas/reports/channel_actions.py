"""The way out that all senders share: paused and resumed, its pace, whose turn it is."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.reports import queries
from lxsaas.reports.models import MailChannel

BY_HAND = "operator"
LEASE = timedelta(seconds=60)
"""A turn that was not renewed for so long belonged to a killed worker."""
_MINUTE = timedelta(minutes=1)


def pause_channel(session: Session, reason: str) -> None:
    """Stops all sending until the operator resumes it."""
    _write(session, paused_at=func.now(), reason=reason)


def resume_channel(session: Session) -> None:
    """Lets mail go again; idempotent."""
    _write(session, paused_at=None, reason=None)


def free_slots(session: Session, rate: int) -> tuple[int, timedelta]:
    """How many messages may go now at `rate` a minute, and if none, after what time to ask again.

    Nobody else is told until the caller commits. In no minute more than `rate` go: a twelfth of them at once,
    the others evenly.
    """
    at_once, interval = pace(rate)
    next_at, now = _next_slot(session)
    free = at_once - -(-(next_at - now) // interval)
    return max(free, 0), max(next_at - now - (at_once - 1) * interval, timedelta())


def use_slots(session: Session, count: int, rate: int) -> None:
    """Takes so many of the free slots."""
    next_at, _now = _next_slot(session)
    _write(session, next_slot_at=next_at + count * pace(rate)[1])


def pace(rate: int) -> tuple[int, timedelta]:
    """How many may go at once, and the time between two, so that no minute sees more than `rate`."""
    at_once = max(rate // 12, 1)
    # Rounded up: a millionth of a second less would let one more through.
    return at_once, _MINUTE / (rate - at_once + 1) + timedelta(microseconds=1)


def _next_slot(session: Session) -> tuple[datetime, datetime]:
    """The next slot, and now, by the database's clock; the channel's row is held until the commit.

    Never in the past, nor where only a clock that jumped back can have put it.
    """
    _write(session)
    query = select(MailChannel.next_slot_at, func.now()).where(MailChannel.name == queries.CHANNEL)
    next_at, now = session.execute(query.with_for_update()).one()
    return (next_at if next_at is not None and now < next_at < now + 2 * _MINUTE else now), now


def take_turn(session: Session, turn: UUID) -> bool:
    """Takes or renews the turn; False while it is another's."""
    _write(session)
    now = func.now()
    taken = session.scalar(
        update(MailChannel)
        .where(
            MailChannel.name == queries.CHANNEL,
            or_(
                MailChannel.turn_by.is_(None),
                MailChannel.turn_by == turn,
                # Later than any renewal could have put it: the clock jumped back.
                ~MailChannel.turn_until.between(now, now + LEASE),
            ),
        )
        .values(turn_by=turn, turn_until=now + LEASE)
        .returning(MailChannel.name)
    )
    return taken is not None


def end_turn(session: Session, turn: UUID) -> None:
    session.execute(
        update(MailChannel)
        .where(MailChannel.name == queries.CHANNEL, MailChannel.turn_by == turn)
        .values(turn_by=None, turn_until=None)
    )


def _write(session: Session, **values: object) -> None:
    """Writes these columns of the channel; none: makes sure that it has its row."""
    made = insert(MailChannel).values(name=queries.CHANNEL, **values)
    session.execute(
        made.on_conflict_do_update(index_elements=["name"], set_=values)
        if values
        else made.on_conflict_do_nothing()
    )
