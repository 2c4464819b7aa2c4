"""Raises and closes alarms, claims their mail and settles it; in a district's aggregate scope."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import case, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.core.mail import Outcome
from lxsaas.reports.actions import ABANDONED, ATTEMPTS, backoff
from lxsaas.reports.channel_actions import pause_channel
from lxsaas.watch import queries
from lxsaas.watch.models import NightAlarm


def raise_alarm(session: Session, *, district_id: int, as_of: date, now: datetime, tell: bool) -> bool:
    """Notes that a night is late, once; whether this call did. `tell`: somebody gets a mail."""
    values = {"district_id": district_id, "as_of": as_of, "raised_at": now, "next_attempt_at": now}
    values["mail"] = "pending" if tell else "none"
    statement = insert(NightAlarm).values(values).on_conflict_do_nothing().returning(NightAlarm.id)
    return session.scalar(statement) is not None


def close_alarms(session: Session, *, district_id: int, nights: Collection[date]) -> None:
    """Closes the alarms of nights that are complete now; their mail, if it still waits, goes no more."""
    session.execute(
        update(NightAlarm)
        .where(
            NightAlarm.district_id == district_id,
            NightAlarm.closed_at.is_(None),
            NightAlarm.as_of.in_(nights),
        )
        .values(
            closed_at=func.now(), mail=case((NightAlarm.mail == "pending", "none"), else_=NightAlarm.mail)
        )
    )


def give_up_abandoned(session: Session, *, district_id: int) -> int:
    """Calls unknown what killed senders left, as the outbox does: nothing goes twice; how many."""
    given_up = session.scalars(
        update(NightAlarm)
        .where(
            NightAlarm.district_id == district_id,
            NightAlarm.mail == "sending",
            func.coalesce(NightAlarm.claimed_at, NightAlarm.raised_at) < func.now() - ABANDONED,
        )
        .values(mail="unknown", error="sender_killed")
        .returning(NightAlarm.id)
    )
    return len(given_up.all())


def claim_mail(session: Session, *, district_id: int, now: datetime) -> NightAlarm | None:
    """The next alarm to tell of, marked as being sent; to be committed before the line is opened."""
    alarm = session.scalars(queries.mail_due(district_id, now)).one_or_none()
    if alarm is not None:
        alarm.mail, alarm.claimed_at, alarm.attempts = "sending", func.now(), alarm.attempts + 1
        session.flush()
    return alarm


def settle_mail(session: Session, alarm: NightAlarm, outcome: Outcome, now: datetime) -> None:
    """Writes what became of an attempt; what may have arrived is not sent again by itself."""
    alarm.error = None if outcome.fate == "sent" else outcome.reason
    if outcome.fate in ("sent", "unknown"):
        alarm.mail = outcome.fate
    elif outcome.fate == "login_refused":
        # Not this mail's fault: it waits, its attempt does not count, the channel is paused.
        alarm.mail, alarm.attempts = "pending", alarm.attempts - 1
        pause_channel(session, outcome.code)
    elif outcome.fate == "refused" or (not outcome.is_servers and alarm.attempts >= ATTEMPTS):
        alarm.mail = "failed"
    else:
        alarm.mail, alarm.next_attempt_at = "pending", now + backoff(alarm.attempts)
    session.flush()
