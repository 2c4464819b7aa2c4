"""Raises and closes alarms, claims their mail and notes what became of it."""

from datetime import date, datetime, timedelta

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.core.mail import Outcome
from lxsaas.watch import queries
from lxsaas.watch.models import NightAlarm

ATTEMPTS = 8
RETRY = timedelta(minutes=5)


def raise_alarm(session: Session, *, district_id: int, as_of: date, now: datetime, tell: bool) -> bool:
    """Notes that a night is late, once; whether this call did. `tell`: somebody gets a mail."""
    values = {"district_id": district_id, "as_of": as_of, "raised_at": now, "next_attempt_at": now}
    values["mail"] = "pending" if tell else "none"
    statement = insert(NightAlarm).values(values).on_conflict_do_nothing().returning(NightAlarm.id)
    return session.scalar(statement) is not None


def close_alarms(session: Session, *, district_id: int, until: date) -> None:
    """Closes the alarms of nights that a complete one has made up for."""
    session.execute(
        update(NightAlarm)
        .where(
            NightAlarm.district_id == district_id, NightAlarm.closed_at.is_(None), NightAlarm.as_of <= until
        )
        .values(closed_at=func.now())
    )


def claim_mail(session: Session, *, district_id: int, now: datetime) -> NightAlarm | None:
    """The next alarm to tell of, marked as being sent; to be committed before the line is opened."""
    alarm = session.scalars(queries.mail_due(district_id, now)).one_or_none()
    if alarm is not None:
        alarm.mail, alarm.attempts = "sending", alarm.attempts + 1
        session.flush()
    return alarm


def settle_mail(session: Session, alarm: NightAlarm, outcome: Outcome, now: datetime) -> None:
    """Writes what became of an attempt; what may have arrived is not sent again by itself."""
    alarm.error = None if outcome.fate == "sent" else outcome.code
    if outcome.fate in ("sent", "unknown"):
        alarm.mail = outcome.fate
    elif outcome.fate == "refused" or alarm.attempts >= ATTEMPTS:
        alarm.mail = "failed"
    else:
        alarm.mail, alarm.next_attempt_at = "pending", now + RETRY * alarm.attempts
    session.flush()
