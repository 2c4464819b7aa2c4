"""Sends what is due: claim, commit, send, commit the outcome; safe to run twice, or in two places at once."""

from collections import Counter
from datetime import date, datetime

import structlog
from flask import current_app
from sqlalchemy.orm import Session

from lxsaas.config import Settings
from lxsaas.core.mail import Mailer, Outcome, compose
from lxsaas.core.scope import aggregating
from lxsaas.extensions import session_for
from lxsaas.indicators import engine
from lxsaas.reports import actions, queries
from lxsaas.reports.digest import DigestData, digest_data, write_digest
from lxsaas.reports.models import OutboxMessage

log = structlog.get_logger()


def send_due(now: datetime) -> Counter[str]:
    """Sends every message that is due at `now`; how many went which way, 'paused' if nothing may go."""
    settings: Settings = current_app.extensions["lxsaas.settings"]
    fates: Counter[str] = Counter()
    with Mailer(settings.smtp_url) as mailer:
        for district_id, _timezone in engine.districts():
            with session_for(aggregating(district_id, ())) as session:
                prepare(session, district_id, now)
            with session_for(aggregating(district_id, ())) as session:
                fates += send_district(session, mailer, district_id, now)
            if fates["paused"]:
                break
    if fates:
        log.info("mail", **fates)
    return fates


def prepare(session: Session, district_id: int, now: datetime) -> None:
    """Owes the last night's digest to who subscribed since, gives up what is too old."""
    night = actions.last_night(session, district_id, now)
    if night is not None:
        actions.owe_digests(session, district_id, night)
    actions.expire(session, district_id, now)
    session.commit()


def send_district(session: Session, mailer: Mailer, district_id: int, now: datetime) -> Counter[str]:
    """Works off a district's due messages one by one: a killed sender leaves one whose fate is unknown."""
    fates: Counter[str] = Counter()
    nights: dict[date, DigestData | None] = {}
    while True:
        if session.scalar(queries.is_paused()):
            fates["paused"] += 1
            return fates
        message = actions.claim_due(session, district_id, now)
        session.commit()
        if message is None:
            return fates
        outcome = attempt(session, mailer, message, nights)
        actions.settle(session, message, outcome, now)
        session.commit()
        fates[outcome.fate] += 1
        if outcome.fate == "login_refused":
            log.error("mail_channel_paused")


def attempt(
    session: Session, mailer: Mailer, message: OutboxMessage, nights: dict[date, DigestData | None]
) -> Outcome:
    """One attempt at one message; what was composed for one recipient's night serves the others."""
    settings: Settings = current_app.extensions["lxsaas.settings"]
    recipient = session.execute(queries.recipient_of(message)).one_or_none()
    if recipient is None or not recipient[0] or not recipient[2] or not recipient[3]:
        return Outcome("refused", "not_subscribed")
    if message.period_on not in nights:
        nights[message.period_on] = digest_data(session, message.district_id, message.period_on)
    data = nights[message.period_on]
    if data is None:
        return Outcome("refused", "no_figures")
    letter = write_digest(data, recipient[1])
    composed = compose(
        sender=settings.mail_from,
        recipient=recipient[0],
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        message_id=message.message_id,
        list_id=f"<nightly-digest.{data.district.slug}.lxsaas>",
    )
    # Nothing may hold a transaction open while a slow server thinks.
    session.commit()
    return mailer.send(composed, sender=settings.mail_sender, recipient=recipient[0])
