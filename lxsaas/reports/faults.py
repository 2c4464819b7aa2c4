"""What the lines of one turn know of faults: a server that is down ends it, a domain that defers rests."""

import threading
from collections import Counter
from time import monotonic

from lxsaas.core.mail import Outcome

DOWN = 3
"""Faults of the server in a row, of all lines together, after which nothing more is tried in this turn."""
DEFERRING = 3
"""Messages in a row to one domain that came no further, after which it rests."""
REST = 300.0
"""Seconds."""


class Faults:
    """Shared by the lines of one turn."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of_server = 0
        self._of_domain: Counter[str] = Counter()
        self._rests: dict[str, float] = {}

    def note(self, domain: str, outcome: Outcome) -> None:
        """Learns from what became of a message to a domain."""
        with self._lock:
            self._of_server = self._of_server + 1 if outcome.is_servers else 0
            if outcome.is_servers:
                return
            if outcome.fate in ("sent", "refused"):
                self._of_domain[domain] = 0
                return
            self._of_domain[domain] += 1
            if self._of_domain[domain] >= DEFERRING:
                self._rests[domain] = monotonic() + REST

    @property
    def is_server_down(self) -> bool:
        return self._of_server >= DOWN

    def rests(self, domain: str) -> bool:
        """Whether mail to a domain waits: one that answers slowly, or not, would hold up all others'."""
        return self._rests.get(domain, 0.0) > monotonic()
