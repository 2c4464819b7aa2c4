"""One line's work on one batch: each message tried, each fate written, and known if the process is killed."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from lxsaas.core.mail import Mailer, Outcome
from lxsaas.reports import actions, queries
from lxsaas.reports.actions import Claimed
from lxsaas.reports.faults import REST, Faults
from lxsaas.reports.journal import Journal
from lxsaas.reports.preparing import Draft

_LOOK = 1.0
"""Seconds after which the database hears what was accepted, and the line whether the channel was paused."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Turn:
    """One turn of sending, as all its lines see it."""

    now: datetime
    stop_at: float
    """On the monotonic clock."""
    faults: Faults

    def goes_on(self) -> bool:
        """Whether another attempt may begin."""
        return monotonic() < self.stop_at and not self.faults.is_server_down

    def has(self, seconds: float) -> bool:
        """Whether so much time is left."""
        return monotonic() + seconds < self.stop_at


class Line:
    """Sends one batch; without a journal it is one message, which the database alone remembers."""

    def __init__(self, session: Session, mailer: Mailer, turn: Turn, journal: Journal | None) -> None:
        self._session, self._mailer, self._turn, self._journal = session, mailer, turn, journal
        self._accepted: list[Claimed] = []
        """Not yet written to the database."""
        self._waiting: list[Claimed] = []
        self._looked_at = monotonic()

    def send(self, batch: Sequence[Claimed], drafts: dict[int, Draft | Outcome]) -> Counter[str]:
        """Tries what is this sender's still; what it does not come to is put back."""
        mine = actions.begin(self._session, batch)
        self._session.commit()
        self._waiting = [one for one in batch if one.id in mine]
        fates: Counter[str] = Counter()
        try:
            while self._waiting and self._turn.goes_on() and not self._is_paused():
                message = self._waiting.pop(0)
                fate = self._try(drafts[message.id], message)
                fates[fate] += 1
                if fate == "login_refused":
                    log.error("mail_channel_paused")
                    break
        finally:
            self._write(self._waiting)
        return fates

    def _try(self, draft: Draft | Outcome, message: Claimed) -> str:
        if isinstance(draft, Outcome):
            self._settle(message, draft)
            return draft.fate
        if self._turn.faults.rests(draft.domain):
            until = self._turn.now + timedelta(seconds=REST)
            actions.postpone(self._session, message, until, "domain_rests")
            self._session.commit()
            return "retry"
        outcome = self._mailer.send(
            draft.text,
            sender=draft.sender,
            recipient=draft.recipient,
            before_dot=lambda: self._note_tried(message),
        )
        self._turn.faults.note(draft.domain, outcome)
        if outcome.fate == "sent":
            self._accepted.append(message)
            if self._journal is not None:
                self._journal.accepted(message.id)
        else:
            self._settle(message, outcome)
        return outcome.fate

    def _note_tried(self, message: Claimed) -> None:
        if self._journal is not None:
            self._journal.tried(message.id)

    def _settle(self, message: Claimed, outcome: Outcome) -> None:
        if self._journal is not None and outcome.fate != "unknown":
            self._journal.not_accepted(message.id)
        actions.settle(self._session, message, outcome, self._turn.now)
        self._session.commit()

    def _is_paused(self) -> bool:
        """Tells the database how far it is, and asks whether somebody paused the channel; once a second."""
        if monotonic() - self._looked_at < _LOOK:
            return False
        self._looked_at = monotonic()
        actions.keep(self._session, self._waiting)
        is_paused = bool(self._session.scalar(queries.is_paused()))
        self._write([])
        return is_paused

    def _write(self, untried: Sequence[Claimed]) -> None:
        """What was accepted, and what is let go of; once more where the database just came back."""
        with suppress(SQLAlchemyError):
            self._write_once(untried)
            return
        self._session.rollback()
        self._write_once(untried)

    def _write_once(self, untried: Sequence[Claimed]) -> None:
        actions.accept(self._session, self._accepted)
        actions.put_back(self._session, untried)
        self._session.commit()
        self._accepted = []
