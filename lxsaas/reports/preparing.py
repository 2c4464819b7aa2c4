"""Makes mails of the messages in hand: to whom, what they say, encoded once for all who get the same."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import formatdate
from typing import Any

import structlog
from sqlalchemy.orm import Session

from lxsaas.config import Settings
from lxsaas.core.mail import Outcome
from lxsaas.core.mail_text import Sheet, domain_of, envelope_address
from lxsaas.core.permissions import Permission, permissions_of
from lxsaas.reports import queries, unsubscribe, writing
from lxsaas.reports.actions import Claimed
from lxsaas.reports.models import ReportSubscription
from lxsaas.reports.subscription_queries import Recipient, recipient_of
from lxsaas.reports.unsubscribe import Ticket
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
        return domain_of(self.recipient)


@dataclass
class Desk:
    """What was read and encoded for one district's mail and serves the next; for one turn of one line."""

    settings: Settings
    now: datetime
    read: Read = field(default_factory=Read)
    sheets: OrderedDict[Any, Sheet | None] = field(default_factory=OrderedDict)


def prepare(session: Session, desk: Desk, messages: Sequence[Claimed]) -> dict[int, Draft | Outcome]:
    """By message: its mail, or why there is none. `session` has the schools of these messages in scope."""
    if not messages:
        return {}
    ids = {one.subscription_id for one in messages}
    query = queries.subscriptions(messages[0].district_id, ids)
    subscriptions = {one.id: one for one in session.scalars(query)}
    return {one.id: _prepare(session, desk, one, subscriptions[one.subscription_id]) for one in messages}


def _prepare(
    session: Session, desk: Desk, message: Claimed, subscription: ReportSubscription
) -> Draft | Outcome:
    try:
        recipient = session.execute(recipient_of(subscription)).one_or_none()
        if not subscription.is_active or recipient is None or not may_receive(recipient):
            return Outcome("refused", "not_subscribed")
        try:
            address = envelope_address(recipient[0] or "")
        except ValueError:
            return Outcome("refused", "address_invalid")
        sheet = _sheet(session, desk, message, subscription, recipient[1])
        return Outcome("refused", "no_figures") if sheet is None else _draft(desk, message, sheet, address)
    except Exception as error:
        # Nothing has left: it is tried again, the others' mail goes on. Only the kind: texts hold addresses.
        session.rollback()
        log.error("letter_not_written", kind=type(error).__name__, district_id=message.district_id)
        return Outcome("retry", "letter_not_written")


def may_receive(recipient: Recipient) -> bool:
    """Whether the account has an address, is active, and one of its roles still gets reports."""
    address, _language, is_active, roles = recipient
    return bool(address) and is_active and Permission.SUBSCRIBE_REPORTS in permissions_of(roles)


def _sheet(
    session: Session, desk: Desk, message: Claimed, subscription: ReportSubscription, language: str | None
) -> Sheet | None:
    """The letter, encoded; None where there is nothing to say of its period."""
    key = (
        subscription.report, subscription.level, subscription.unit_id, tuple(subscription.indicators or ()),
        subscription.language or language, subscription.with_workbook, message.period_on, message.about_id,
        subscription.school_staff_id is None,
    )  # fmt: skip
    if key in desk.sheets:
        desk.sheets.move_to_end(key)
        return desk.sheets[key]
    letter = writing.write_letter(
        session, subscription, message.period_on, message.about_id, language=language, read=desk.read
    )
    host = domain_of(desk.settings.mail_from)
    desk.sheets[key] = None if letter is None else Sheet.of(
        sender=desk.settings.mail_from,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        list_id=f"<{subscription.report}.{message.district_id}.reports.{host}>",
        feedback_id=f"{subscription.report}:{message.district_id}:reports:lxsaas",
        own=unsubscribe.PLACEHOLDER,
        attachments=[(one.name, one.content, one.media_type) for one in letter.attachments],
    )  # fmt: skip
    if len(desk.sheets) > KEPT:
        desk.sheets.popitem(last=False)
    return desk.sheets[key]


def _draft(desk: Desk, message: Claimed, sheet: Sheet, address: str) -> Draft:
    """The message to one recipient: From, Message-ID and the envelope's sender are of one domain (DMARC)."""
    settings = desk.settings
    key = key_of(message.message_id)
    ticket = Ticket(message.district_id, message.subscription_id, desk.now.date())
    token = unsubscribe.token_of(settings, ticket)
    text = sheet.addressed(
        recipient=address,
        message_id=f"<{key}@{domain_of(settings.mail_from)}>",
        own=token,
        unsubscribe=unsubscribe.address_of(settings, token),
        date=formatdate(desk.now.timestamp()),
    )
    return Draft(message, envelope_sender(settings, key), address, text)


def key_of(message_id: str) -> str:
    """What names a message inside its Message-ID."""
    return message_id.strip("<> \t").rpartition("@")[0]


def envelope_sender(settings: Settings, key: str) -> str:
    """Where the mail comes back to if it does not arrive, naming the message (VERP)."""
    if settings.bounce_address is None:
        return settings.mail_sender
    local, _, host = settings.bounce_address.rpartition("@")
    return f"{local}+{key}@{host}"
