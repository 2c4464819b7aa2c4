"""One line's work on one batch: each message tried, its fate written before another's becomes uncertain."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

import structlog
from sqlalchemy.orm import Session

from lxsaas.core.mail import Mailer, Outcome
from lxsaas.core.scope import aggregating
from lxsaas.extensions import session_for
from lxsaas.reports import actions, queries
from lxsaas.reports.actions import Claimed
from lxsaas.reports.faults import REST, Faults
from lxsaas.reports.preparing import Desk, Draft, prepare

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
    """A mailer and the session in which its messages' fates are written."""

    def __init__(self, session: Session, mailer: Mailer, turn: Turn) -> None:
        self._session, self._mailer, self._turn = session, mailer, turn
        self._accepted: Claimed | None = None
        """Accepted by the server, and not yet written: that goes with the next message's beginning."""
        self._looked_at = monotonic()

    def send(self, batch: Sequence[Claimed], desk: Desk) -> Counter[str]:
        """Tries a batch; what it does not come to is put back."""
        schools = {one.unit_id for one in batch if one.unit_id is not None}
        with session_for(aggregating(batch[0].district_id, schools)) as session:
            drafts = prepare(session, desk, batch)
        # Nothing may hold a transaction open while a slow server thinks: that session is over.
        fates: Counter[str] = Counter()
        waiting = list(batch)
        try:
            while waiting and self._turn.goes_on() and not self._is_paused():
                fate = self._try(drafts[waiting[0].id], waiting.pop(0))
                fates[fate] += 1
                if fate == "login_refused":
                    log.error("mail_channel_paused")
                    break
        finally:
            # Also when something breaks, as far as the database still answers.
            self._session.rollback()
            self._write_accepted()
            actions.put_back(self._session, waiting)
            self._session.commit()
        del fates["withdrawn"]
        return fates

    def _is_paused(self) -> bool:
        """Whether somebody paused the channel meanwhile; looks once a second."""
        if monotonic() - self._looked_at < 1.0:
            return False
        self._write_accepted()
        is_paused = bool(self._session.scalar(queries.is_paused()))
        self._session.commit()
        self._looked_at = monotonic()
        return is_paused

    def _try(self, draft: Draft | Outcome, message: Claimed) -> str:
        if isinstance(draft, Outcome):
            self._settle(message, draft)
            return draft.fate
        if self._turn.faults.rests(draft.domain):
            self._postpone(message)
            return "retry"
        outcome = self._mailer.send(
            draft.text,
            sender=draft.sender,
            recipient=draft.recipient,
            before_dot=lambda: self._begin(message),
        )
        self._turn.faults.note(draft.domain, outcome)
        if outcome.fate == "sent":
            self._accepted = message
        elif outcome.fate != "withdrawn":
            self._settle(message, outcome)
        return outcome.fate

    def _begin(self, message: Claimed) -> bool:
        """Commits that the final dot may follow."""
        is_mine = actions.begin(self._session, message, self._accepted)
        self._session.commit()
        self._accepted = None
        return is_mine

    def _settle(self, message: Claimed, outcome: Outcome) -> None:
        self._write_accepted()
        actions.settle(self._session, message, outcome, self._turn.now)
        self._session.commit()

    def _postpone(self, message: Claimed) -> None:
        self._write_accepted()
        actions.postpone(self._session, message, self._turn.now + timedelta(seconds=REST), "domain_rests")
        self._session.commit()

    def _write_accepted(self) -> None:
        if self._accepted is not None:
            actions.settle(self._session, self._accepted, Outcome("sent"), self._turn.now)
            self._accepted = None
