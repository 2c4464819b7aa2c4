"""One turn of sending at a time: a mail server that hangs holds one worker, the others compute the nights."""

from datetime import datetime
from uuid import UUID, uuid4

from lxsaas.core.scope import watching
from lxsaas.extensions import session_for
from lxsaas.reports import channel_actions, sending


def take_turn(now: datetime, *, seconds: float) -> None:
    """Sends for so long what is due, if it is nobody else's turn."""
    turn = uuid4()
    if not _take(turn):
        return
    try:
        sending.send_due(now, seconds=seconds, turn=turn)
    finally:
        with session_for(watching()) as session:
            channel_actions.end_turn(session, turn)
            session.commit()


def _take(turn: UUID) -> bool:
    with session_for(watching()) as session:
        is_mine = channel_actions.take_turn(session, turn)
        session.commit()
    return is_mine
