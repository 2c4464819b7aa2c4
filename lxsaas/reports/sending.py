"""Sends what is due: claim, commit, send, commit the outcome; safe to run twice, or in two places at once."""

from collections import Counter
from datetime import datetime
from email.message import EmailMessage
from math import inf
from time import monotonic

import structlog
from flask import current_app
from sqlalchemy.orm import Session

from lxsaas.config import Settings
from lxsaas.core.mail import Mailer, Outcome, compose, envelope_address
from lxsaas.core.permissions import Permission, permissions_of
from lxsaas.core.scope import aggregating
from lxsaas.extensions import session_for
from lxsaas.indicators import engine
from lxsaas.reports import actions, owing, queries, writing
from lxsaas.reports.models import OutboxMessage, ReportSubscription
from lxsaas.reports.subscription_queries import Recipient, recipient_of
from lxsaas.reports.writing import Read

log = structlog.get_logger()


def send_due(now: datetime, *, seconds: float = inf) -> Counter[str]:
    """Sends every message that is due at `now`; how many went which way, 'paused' if nothing may go.

    Begins no attempt after `seconds`; what is left then is sent by the next call.
    """
    settings: Settings = current_app.extensions["lxsaas.settings"]
    fates: Counter[str] = Counter()
    stop_at = monotonic() + seconds
    with Mailer(settings.smtp_url) as mailer:
        for district_id, _timezone in engine.districts():
            with session_for(aggregating(district_id, ())) as session:
                prepare(session, district_id, now)
            with session_for(aggregating(district_id, ())) as session:
                fates += send_district(session, mailer, district_id, now, stop_at=stop_at)
            if fates["paused"]:
                break
    if fates:
        log.info("mail", **fates)
    return fates


def prepare(session: Session, district_id: int, now: datetime) -> None:
    """Owes the last night's digest to who subscribed since, gives up what is too old."""
    night = owing.last_night(session, district_id, now)
    if night is not None:
        owing.owe_digests(session, district_id, night)
    actions.expire(session, district_id, now)
    session.commit()


def send_district(
    session: Session, mailer: Mailer, district_id: int, now: datetime, *, stop_at: float = inf
) -> Counter[str]:
    """Works off a district's due messages one by one: a killed sender leaves one whose fate is unknown.

    Claims none once the monotonic clock shows `stop_at`.
    """
    fates: Counter[str] = Counter()
    read = Read()
    while monotonic() < stop_at:
        if session.scalar(queries.is_paused()):
            fates["paused"] += 1
            return fates
        message = actions.claim_due(session, district_id, now)
        session.commit()
        if message is None:
            return fates
        outcome = attempt(session, mailer, message, read)
        actions.settle(session, message, outcome, now)
        session.commit()
        fates[outcome.fate] += 1
        if outcome.fate == "login_refused":
            log.error("mail_channel_paused")
    return fates


def attempt(session: Session, mailer: Mailer, message: OutboxMessage, read: Read) -> Outcome:
    """One attempt at one message; what was read for one recipient's night serves the others."""
    settings: Settings = current_app.extensions["lxsaas.settings"]
    subscription = session.scalars(queries.subscription_of(message)).one()
    recipient = session.execute(recipient_of(subscription)).one_or_none()
    if recipient is None or not recipient[0] or not subscription.is_active or not may_receive(recipient):
        return Outcome("refused", "not_subscribed")
    try:
        address = envelope_address(recipient[0])
    except ValueError:
        return Outcome("refused", "address_invalid")
    try:
        mail = mail_of(session, subscription, message, read, address=address, language=recipient[1])
    except Exception as error:
        # Nothing has left: it is tried again, the others' mail goes on. Only the kind: texts hold addresses.
        session.rollback()
        log.error("letter_not_written", kind=type(error).__name__, district_id=message.district_id)
        return Outcome("retry", "letter_not_written")
    # Nothing may hold a transaction open while a slow server thinks.
    session.commit()
    if mail is None:
        return Outcome("refused", "no_figures")
    return mailer.send(mail, sender=settings.mail_sender, recipient=address)


def may_receive(recipient: Recipient) -> bool:
    """Whether the account is active and one of its roles still gets reports."""
    _address, _language, is_active, roles = recipient
    return is_active and Permission.SUBSCRIBE_REPORTS in permissions_of(roles)


def mail_of(
    session: Session,
    subscription: ReportSubscription,
    message: OutboxMessage,
    read: Read,
    *,
    address: str,
    language: str | None,
) -> EmailMessage | None:
    """The mail that a message stands for; None where there is nothing to say of its period."""
    settings: Settings = current_app.extensions["lxsaas.settings"]
    letter = writing.write_letter(
        session, subscription, message.period_on, message.about_id, language=language, read=read
    )
    if letter is None:
        return None
    return compose(
        sender=settings.mail_from,
        recipient=address,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        message_id=message.message_id,
        list_id=f"<{subscription.report}.{subscription.district_id}.lxsaas>",
        attachments=[(one.name, one.content, one.media_type) for one in letter.attachments],
    )
