"""What is owed comes into the outbox; its unique key is the truth, so owing twice owes once."""

import uuid
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.indicators.models import IndicatorRun
from lxsaas.reports.models import OutboxMessage, ReportSubscription
from lxsaas.reports.subscription_actions import subscribe_everybody
from lxsaas.reports.subscription_queries import active_subscriptions
from lxsaas.schools.models import District

EXPIRES = timedelta(days=3)
"""A digest that could not go by then is history."""
ALARM_EXPIRES = timedelta(days=3)


def owe_digests(session: Session, district_id: int, as_of: date) -> int:
    """A message for each subscription to a night's digest, unless it is there already; how many are new.

    Called in the transaction that publishes the night, and again before sending, for who subscribed since.
    """
    subscribe_everybody(session, district_id)
    timezone = session.scalar(select(District.timezone).where(District.id == district_id))
    new = 0
    for subscription in session.scalars(active_subscriptions(district_id, "night")).all():
        due_at = instant_of(as_of + timedelta(days=1), subscription.send_at, str(timezone))
        if subscription.since is None or due_at > subscription.since:
            new += owe(session, subscription, as_of, due_at, EXPIRES)
    return new


def owe_alarm(session: Session, district_id: int, alarm_id: int, as_of: date) -> int:
    """A message about an alarm for each subscription to alarms, at once; how many are new."""
    now = session.scalars(select(func.now())).one()
    subscriptions = session.scalars(active_subscriptions(district_id, "alarms")).all()
    return sum(owe(session, one, as_of, now, ALARM_EXPIRES, about_id=alarm_id) for one in subscriptions)


def owe(
    session: Session,
    subscription: ReportSubscription,
    period_on: date,
    due_at: datetime,
    expires: timedelta,
    *,
    about_id: int = 0,
) -> bool:
    """One message; False where it is owed already."""
    made = session.scalar(
        insert(OutboxMessage)
        .values(
            district_id=subscription.district_id,
            subscription_id=subscription.id,
            unit_id=subscription.unit_id if subscription.school_staff_id is not None else None,
            period_on=period_on,
            about_id=about_id,
            message_id=f"<{uuid.uuid4()}@lxsaas>",
            next_attempt_at=due_at,
            expires_at=due_at + expires,
        )
        .on_conflict_do_nothing()
        .returning(OutboxMessage.id)
    )
    return made is not None


def instant_of(day: date, hour: time, timezone: str) -> datetime:
    """The instant of a wall-clock time; one that summer time skips comes as much after the gap."""
    local = datetime.combine(day, hour, ZoneInfo(timezone))
    # A round trip through UTC lands behind the gap; for all other times it changes nothing.
    return local.astimezone(ZoneInfo("UTC"))


def last_night(session: Session, district_id: int, now: datetime) -> date | None:
    """The as-of day of the newest finished night, if it is recent enough for a digest."""
    return session.scalar(
        select(func.max(IndicatorRun.as_of)).where(
            IndicatorRun.district_id == district_id,
            IndicatorRun.state == "done",
            IndicatorRun.as_of >= (now - EXPIRES).date(),
            IndicatorRun.as_of <= now.date(),
        )
    )
