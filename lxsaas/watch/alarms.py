"""Looks whether nights are late, and tells the operator by mail: once a night, whoever looks how often."""

from datetime import datetime
from email.message import EmailMessage
from html import escape

import structlog
from flask import current_app

from lxsaas.config import Settings
from lxsaas.core.mail import Mailer, compose
from lxsaas.core.scope import aggregating
from lxsaas.extensions import session_for
from lxsaas.watch import actions
from lxsaas.watch.models import NightAlarm
from lxsaas.watch.nights import DistrictState, state_of_all

log = structlog.get_logger()


def look(now: datetime, *, slug: str | None = None) -> None:
    """Of all districts or one: raises alarms for late nights, closes those of nights that came, tells."""
    settings: Settings = current_app.extensions["lxsaas.settings"]
    for district in state_of_all(now, settings.night_deadline, slug=slug):
        with session_for(aggregating(district.id, ())) as session:
            if district.is_late(now) and actions.raise_alarm(
                session,
                district_id=district.id,
                as_of=district.as_of,
                now=now,
                tell=bool(settings.operator_email),
            ):
                log.error("night_late", district=district.slug, as_of=str(district.as_of))
            if district.is_complete:
                actions.close_alarms(session, district_id=district.id, until=district.as_of)
            session.commit()
        if settings.operator_email:
            tell(settings, district, now)


def tell(settings: Settings, district: DistrictState, now: datetime) -> None:
    """Sends the mails of a district's alarms, one by one: claim, commit, send, commit the outcome."""
    with Mailer(settings.smtp_url) as mailer, session_for(aggregating(district.id, ())) as session:
        while (alarm := actions.claim_mail(session, district_id=district.id, now=now)) is not None:
            letter = letter_of(settings, district, alarm)
            session.commit()
            outcome = mailer.send(letter, sender=settings.mail_sender, recipient=str(settings.operator_email))
            actions.settle_mail(session, alarm, outcome, now)
            session.commit()


def letter_of(settings: Settings, district: DistrictState, alarm: NightAlarm) -> EmailMessage:
    """What the operator reads; numbers and names of districts, nothing of a school's people."""
    units = district.night.units if district.night else {}
    lines = [
        f"{district.slug}: the night of {alarm.as_of} is not complete.",
        f"It was due at {district.deadline:%Y-%m-%d %H:%M} UTC.",
        "Units: " + (", ".join(f"{count} {state}" for state, count in units.items()) or "not begun") + ".",
        "See: lxsaas indicators status --district " + district.slug,
    ]
    body = "\n".join(lines)
    host = settings.mail_sender.partition("@")[2]
    return compose(
        sender=settings.mail_from,
        recipient=str(settings.operator_email),
        subject=f"lxsaas: night of {alarm.as_of} late in {district.slug}",
        text=body,
        html=f"<pre>{escape(body)}</pre>",
        message_id=f"<night-{district.id}-{alarm.as_of}@{host}>",
        list_id="<alarms.lxsaas>",
    )
