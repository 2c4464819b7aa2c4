"""A subscription's letter about a period or an alarm: which report writes it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from lxsaas.reports.digest import digest_data, write_digest
from lxsaas.reports.letter import Letter
from lxsaas.reports.models import ReportSubscription


@dataclass
class Read:
    """What was read for one letter and serves the next about the same figures; kept for a short while."""

    by_key: dict[Any, Any] = field(default_factory=dict)

    def get(self, key: Any, read: Callable[[], Any]) -> Any:
        """What stands under the key, read if it does not yet."""
        if key not in self.by_key:
            self.by_key[key] = read()
        return self.by_key[key]


def write_letter(
    session: Session,
    subscription: ReportSubscription,
    period_on: date,
    about_id: int,
    *,
    language: str | None,
    read: Read,
) -> Letter | None:
    """The letter that a message stands for; None where there is nothing to say of its period.

    For somebody of a school the session's scope must hold that school.
    """
    key = ("night", subscription.district_id, period_on)
    data = read.get(key, lambda: digest_data(session, subscription.district_id, period_on))
    return None if data is None else write_digest(data, subscription.language or language)
