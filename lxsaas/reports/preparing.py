"""Makes mails of the messages in hand: to whom, what they say, encoded once for all who get the same."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import formatdate
from typing import Any

import structlog
from sqlalchemy.orm import Session

from lxsaas.config import Settings
from lxsaas.core.mail import Outcome
from lxsaas.core.mail_text import Sheet, domain_of, envelope_address
from lxsaas.core.permissions import Permission, permissions_of
from lxsaas.reports import recipients as queries
from lxsaas.reports import unsubscribe, writing
from lxsaas.reports.actions import UNWANTED, Claimed
from lxsaas.reports.models import ReportSubscription
from lxsaas.reports.recipients import Recipient
from lxsaas.reports.unsubscribe import Ticket, Tokens
from lxsaas.reports.writing import Read

KEPT = 50
"""Encoded letters that wait for another reader; a district of schools has one for each."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Draft:
    """A mail that can go."""

    message: Claimed
    sender: str
    """On the envelope."""
    recipient: str
    text: bytes

    @property
    def domain(self) -> str:
        return self.recipient.rpartition("@")[2].lower()


class Desk:
    """What was read and encoded for one district's mail and serves the next; for one turn of one line."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        self.settings = settings
        self.host = domain_of(settings.mail_from)
        self.today = now.date()
        self.date = formatdate(now.timestamp())
        self.tokens = Tokens(settings)
        self.read = Read()
        self._sheets: OrderedDict[Any, Sheet | None] = OrderedDict()

    def sheet(self, key: Any, write: Callable[[], Sheet | None]) -> Sheet | None:
        """The encoded letter that stands under the key, written if it does not yet."""
        if key not in self._sheets:
            self._sheets[key] = write()
            if len(self._sheets) > KEPT:
                self._sheets.popitem(last=False)
        self._sheets.move_to_end(key)
        return self._sheets[key]


def prepare(session: Session, desk: Desk, messages: Sequence[Claimed]) -> dict[int, Draft | Outcome]:
    """By message: its mail, or why there is none. `session` has the schools of these messages in scope."""
    found = recipients(session, messages)
    return {one.id: _prepare(session, desk, one, found.get(one.subscription_id)) for one in messages}


def recipients(session: Session, messages: Sequence[Claimed]) -> dict[int, Recipient]:
    """By subscription: to whom its mail goes. A statement for each kind of people, whatever the batch."""
    if not messages:
        return {}
    district_id, ids = messages[0].district_id, {one.subscription_id for one in messages}
    rows = list(session.execute(queries.officers_of(district_id, ids)))
    if any(one.unit_id is not None for one in messages):
        rows += session.execute(queries.school_people_of(district_id, ids))
    return {row[0]: Recipient(*row) for row in rows}


def _prepare(session: Session, desk: Desk, message: Claimed, recipient: Recipient | None) -> Draft | Outcome:
    if recipient is None or not may_receive(recipient):
        return Outcome("refused", UNWANTED)
    try:
        address = envelope_address(recipient.email or "")
    except ValueError:
        return Outcome("refused", "address_invalid")
    # All that a letter depends on: who shares it, shares the letter.
    key = (recipient.about, recipient.spoken, message.period_on, message.about_id)
    try:
        sheet = desk.sheet(key, lambda: _write(session, desk, message, recipient))
        return Outcome("refused", "no_figures") if sheet is None else _draft(desk, message, sheet, address)
    except Exception as error:
        # Nothing has left: it is tried again, the others' mail goes on. Only the kind: texts hold addresses.
        session.rollback()
        log.error("letter_not_written", kind=type(error).__name__, district_id=message.district_id)
        return Outcome("retry", "letter_not_written")


def may_receive(recipient: Recipient) -> bool:
    """Whether the subscription and the account are active and one of its roles still gets reports."""
    roles = permissions_of(recipient.roles)
    return recipient.is_subscribed and recipient.is_active and Permission.SUBSCRIBE_REPORTS in roles


def _write(session: Session, desk: Desk, message: Claimed, recipient: Recipient) -> Sheet | None:
    """The letter, encoded; None where there is nothing to say of its period."""
    subscription = session.get_one(ReportSubscription, (message.district_id, message.subscription_id))
    letter = writing.write_letter(
        session,
        subscription,
        message.period_on,
        message.about_id,
        language=recipient.language,
        sees_harm=recipient.sees_harm,
        read=desk.read,
    )
    if letter is None:
        return None
    return Sheet.of(
        sender=desk.settings.mail_from,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        list_id=f"<{subscription.report}.{message.district_id}.reports.{desk.host}>",
        feedback_id=f"{subscription.report}:{message.district_id}:reports:lxsaas",
        own=unsubscribe.PLACEHOLDER,
        attachments=[(one.name, one.content, one.media_type) for one in letter.attachments],
    )


def _draft(desk: Desk, message: Claimed, sheet: Sheet, address: str) -> Draft:
    """The message to one recipient: From, Message-ID and the envelope's sender are of one domain (DMARC)."""
    key = key_of(message.message_id)
    token = desk.tokens.make(Ticket(message.district_id, message.subscription_id, desk.today))
    text = sheet.addressed(
        recipient=address,
        message_id=f"<{key}@{desk.host}>",
        own=token,
        unsubscribe=unsubscribe.address_of(desk.settings, token),
        date=desk.date,
    )
    return Draft(message, envelope_sender(desk.settings, key), address, text)


def key_of(message_id: str) -> str:
    """What names a message inside its Message-ID."""
    return message_id.strip("<> \t").rpartition("@")[0]


def envelope_sender(settings: Settings, key: str) -> str:
    """Where the mail comes back to if it does not arrive, naming the message (VERP)."""
    if not settings.bounce_address:
        return settings.mail_sender
    local, _, host = settings.bounce_address.rpartition("@")
    return f"{local}+{key}@{host}"
