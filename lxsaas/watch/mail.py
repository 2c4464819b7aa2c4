"""How the mail of all districts stands: counts, what wants a look, the channel; nothing about people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from lxsaas.core.pages import Page, page_of_rows
from lxsaas.core.scope import Login, aggregating, looking_up, watching
from lxsaas.extensions import session_for
from lxsaas.reports import actions, channel_actions
from lxsaas.reports.models import MailChannel
from lxsaas.reports.queries import CHANNEL, TROUBLED, counts_by_state
from lxsaas.schools.models import District
from lxsaas.watch import queries

PAGE = 50
SHOWN = (*TROUBLED, "pending", "sending")
"""States whose messages can be listed; of the others there are too many, and nothing is to be done."""


@dataclass(frozen=True)
class MailState:
    """What the operator's page of mail shows."""

    channel: MailChannel | None
    districts: Sequence[District]
    counts: Mapping[int, Mapping[str, int]]
    """By district and state."""
    silenced: Mapping[int, int]
    """By district: subscriptions that were paused because their mail came back."""
    page: Page[Row[*tuple[Any, ...]]]
    """Messages, each with its report's name."""

    @property
    def names(self) -> Mapping[int, str]:
        """Of the districts."""
        return {one.id: one.name for one in self.districts}


def mail_state(states: Sequence[str], page: int) -> MailState:
    """All districts' counts, and a page of the messages in these states; as many statements as ever."""
    with session_for(looking_up(Login.AGGREGATOR)) as session:
        districts = session.scalars(queries.districts(None)).all()
    counts: dict[int, dict[str, int]] = {one.id: {} for one in districts}
    with session_for(watching()) as session:
        for district_id, state, count in session.execute(counts_by_state(list(counts))):
            counts[district_id][state] = count
        silenced = {row[0]: row[1] for row in session.execute(queries.silenced())}
        messages = page_of_rows(session, queries.in_states(states), page, PAGE)
        channel = session.get(MailChannel, CHANNEL)
    return MailState(channel, districts, counts, silenced, messages)


def pause() -> None:
    """Stops all mail, by hand."""
    with session_for(watching()) as session:
        channel_actions.pause_channel(session, channel_actions.BY_HAND)
        session.commit()


def resume() -> None:
    """Lets it go again."""
    with session_for(watching()) as session:
        channel_actions.resume_channel(session)
        session.commit()


def resend(district_id: int, message_id: int, now: datetime) -> None:
    """Puts a message up again. Raises NotFoundError; RuleError while a sender has it in hand."""
    with session_for(aggregating(district_id, ())) as session:
        actions.resend(session, district_id, message_id, now)
        session.commit()
