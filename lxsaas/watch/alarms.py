"""Looks whether nights are late, and tells the operator by mail: once a night, whoever looks how often."""

from collections.abc import Iterable
from datetime import datetime

import structlog
from flask import current_app

from lxsaas.config import Settings
from lxsaas.core.mail import Mailer, Outcome
from lxsaas.core.mail_text import envelope_address
from lxsaas.core.scope import aggregating
from lxsaas.extensions import session_for
from lxsaas.reports.queries import is_paused
from lxsaas.watch import actions
from lxsaas.watch.letter import letter_of
from lxsaas.watch.models import NightAlarm
from lxsaas.watch.nights import DistrictState, Night, state_of_all

log = structlog.get_logger()


def look(now: datetime, *, slug: str | None = None) -> None:
    """Of all districts or one: raises alarms for late nights, closes those of nights that came, tells.

    Goes to a district only where there is something to do; a fault in one does not stop the others.
    """
    settings: Settings = current_app.extensions["lxsaas.settings"]
    watched = state_of_all(now, settings.night_deadline, slug=slug)
    for district in watched.districts:
        try:
            _keep_alarms(district, now, tell=bool(settings.operator_email))
        except Exception:  # Whatever is wrong with one district: the nights of the others are looked at.
            log.exception("watch_failed", district=district.slug)
    if settings.operator_email and not watched.is_mail_paused:
        with Mailer(settings.smtp_url) as mailer:
            _tell_all(mailer, settings.operator_email, watched.districts, now)


def _keep_alarms(district: DistrictState, now: datetime, *, tell: bool) -> None:
    """Raises, closes and gives up what is to be; of most districts nothing."""
    as_of = district.night.as_of
    is_new = district.is_night_late(now) and as_of not in {alarm.as_of for alarm, _ in district.alarms}
    mended = [night.as_of for _, night in district.alarms if night.is_complete]
    if not (is_new or mended or district.has_mail_in_hand):
        return
    with session_for(aggregating(district.id, ())) as session:
        actions.close_alarms(session, district_id=district.id, nights=mended)
        if actions.give_up_abandoned(session, district_id=district.id):
            log.error("alarm_mail_unknown", district=district.slug)
        if is_new and actions.raise_alarm(session, district_id=district.id, as_of=as_of, now=now, tell=tell):
            log.error("night_late", district=district.slug, as_of=str(as_of))
        session.commit()


def _tell_all(mailer: Mailer, operator: str, districts: Iterable[DistrictState], now: datetime) -> None:
    for district in districts:
        if not _may_owe_mail(district, now):
            continue
        try:
            if not _tell(mailer, operator, district, now):
                return
        except Exception:  # Whatever is wrong with one district's mail: the others' alarms are told.
            log.exception("alarm_not_told", district=district.slug)


def _may_owe_mail(district: DistrictState, now: datetime) -> bool:
    """Whether an alarm's mail is due, or the night is late and its alarm may just have been raised."""
    waits = any(alarm.mail == "pending" and alarm.next_attempt_at <= now for alarm, _ in district.alarms)
    known = {alarm.as_of for alarm, _ in district.alarms}
    return waits or (district.is_night_late(now) and district.night.as_of not in known)


def _tell(mailer: Mailer, operator: str, district: DistrictState, now: datetime) -> bool:
    """Sends a district's mails, each claimed, committed, sent, settled; False where mail is paused."""
    nights = {night.as_of: night for _, night in district.alarms} | {district.night.as_of: district.night}
    with session_for(aggregating(district.id, ())) as session:
        while not session.scalar(is_paused()):
            alarm = actions.claim_mail(session, district_id=district.id, now=now)
            session.commit()
            if alarm is None:
                return True
            outcome = _attempt(mailer, operator, district, alarm, nights[alarm.as_of])
            actions.settle_mail(session, alarm, outcome, now)
            session.commit()
    log.error("mail_channel_paused")
    return False


def _attempt(
    mailer: Mailer, operator: str, district: DistrictState, alarm: NightAlarm, night: Night
) -> Outcome:
    """One attempt at one mail."""
    settings: Settings = current_app.extensions["lxsaas.settings"]
    try:
        address = envelope_address(operator)
    except ValueError:
        return Outcome("refused", "address_invalid")
    letter = letter_of(settings, district, night, recipient=address)
    return mailer.send(letter, sender=settings.mail_sender, recipient=address)
