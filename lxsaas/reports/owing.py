"""What is owed comes into the outbox; its unique key is the truth, so owing twice owes once."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.core.clock import today
from lxsaas.core.db import table_of
from lxsaas.indicators.models import IndicatorRun
from lxsaas.reports import owing_queries
from lxsaas.reports import subscription_queries as queries
from lxsaas.reports.models import OutboxMessage, ReportSubscription
from lxsaas.reports.schedule import EXPIRES, DistrictClock, Due, TermSpan, dues, instant_of
from lxsaas.reports.subscription_actions import subscribe_everybody
from lxsaas.schools.models import District

PERIODIC = ("night", "week", "month", "term")


@dataclass(frozen=True)
class Owed:
    """A message that a subscription calls for."""

    subscription: ReportSubscription
    period_on: date
    due_at: datetime
    about_id: int = 0

    @property
    def key(self) -> tuple[int, date]:
        return self.subscription.id, self.period_on


def clock_of(session: Session, district_id: int) -> DistrictClock:
    """The zone and the terms of a district."""
    zone = session.scalars(select(District.timezone).where(District.id == district_id)).one()
    return DistrictClock(zone, [TermSpan(*row) for row in session.execute(owing_queries.terms(district_id))])


def owe_due(session: Session, district_id: int, now: datetime, *, deadline: time) -> int:
    """Owes every report that is due at `now` and was not owed before; how many are new.

    A report waits for the night of its period's last day. If that has not come by `deadline` of the morning
    after, on the district's clock, it waits no longer than until its own hour: the letter then says so. To
    people of schools those are owed whose school is in scope.
    """
    place = clock_of(session, district_id)
    newest = last_night(session, district_id, now) or today(place.zone, at=now) - timedelta(days=1)
    subscribe_everybody(session, district_id, newest)
    found = [
        (one, due)
        for one in session.scalars(queries.active_subscriptions(district_id, *PERIODIC))
        for due in wanted(one, place, now - EXPIRES[one.report], now)
    ]
    if not found:
        return 0
    nights = _Nights(session, district_id, min(due.last_day for _, due in found))
    ready = [
        Owed(one, due.period_on, due.at)
        for one, due in found
        if nights.has(due.last_day) or nights.has_failed(due.last_day, place.zone, deadline, now)
    ]
    return owe(session, _not_owed(session, district_id, ready))


def wanted(one: ReportSubscription, place: DistrictClock, after: datetime, until: datetime) -> list[Due]:
    """What of a subscription falls due in (after, until], without what was due before it was asked for."""
    found = dues(one, place.zone, place.terms, after, until)
    return [due for due in found if one.since is None or due.period_on >= one.since]


class _Nights:
    """Which of a district's last days are published."""

    def __init__(self, session: Session, district_id: int, since: date) -> None:
        runs = session.execute(owing_queries.finished_days(district_id, since)).all()
        self._spans = [(first, last) for first, last in runs]
        self._first = session.scalar(owing_queries.first_day(district_id))

    def has(self, day: date) -> bool:
        """Whether the figures of a day are there."""
        return any(first <= day <= last for first, last in self._spans)

    def has_failed(self, day: date, zone: str, deadline: time, now: datetime) -> bool:
        """Whether a day's night should have come by now; in a district where nights come at all."""
        if self._first is None or day < self._first:
            return False
        return now >= instant_of(day + timedelta(days=1), deadline, zone)


def _not_owed(session: Session, district_id: int, ready: Sequence[Owed]) -> list[Owed]:
    """Those that no message stands for yet; the unique key decides in the end."""
    rows = session.execute(owing_queries.owed_of(district_id, [one.key for one in ready]))
    known = {(row[0], row[1]) for row in rows}
    return [one for one in ready if one.key not in known]


def owe_digests(session: Session, district_id: int, as_of: date) -> int:
    """A message for each subscription to a night's digest, unless it is there already; how many are new.

    Called in the transaction that publishes the night: figures without their digests cannot be.
    """
    subscribe_everybody(session, district_id, as_of)
    zone = clock_of(session, district_id).zone
    subscriptions = session.scalars(queries.active_subscriptions(district_id, "night")).all()
    return owe(
        session,
        (
            Owed(one, as_of, instant_of(as_of + timedelta(days=1), one.send_at, zone))
            for one in subscriptions
            if one.since is None or as_of >= one.since
        ),
    )


def owe_alarm(session: Session, district_id: int, alarm_id: int, as_of: date) -> int:
    """A message at once about an alarm for who subscribed to those of its unit; how many are new.

    Called in the transaction that raises it. Who subscribed to a township's is told of its schools' too.
    """
    now = session.scalars(select(func.now())).one()
    level, unit_id, township_id, kind = session.execute(queries.place_of_alarm(district_id, alarm_id)).one()
    places = {("district", district_id), (level, unit_id), ("township", township_id)}
    subscriptions = queries.active_subscriptions(district_id, "alarms")
    if kind == "mandatory_report":
        subscriptions = subscriptions.where(queries.told_of_harm())
    told = (one for one in session.scalars(subscriptions).all() if (one.level, one.unit_id) in places)
    return owe(session, (Owed(one, as_of, now, alarm_id) for one in told))


def owe(session: Session, messages: Iterable[Owed]) -> int:
    """Puts messages into the outbox; how many were not there yet."""
    rows = [
        {
            "district_id": one.subscription.district_id,
            "subscription_id": one.subscription.id,
            "unit_id": one.subscription.unit_id if one.subscription.school_staff_id is not None else None,
            "period_on": one.period_on,
            "about_id": one.about_id,
            "message_id": f"<{uuid.uuid4()}@lxsaas>",
            "next_attempt_at": one.due_at,
            "expires_at": one.due_at + EXPIRES[one.subscription.report],
        }
        for one in messages
    ]
    if not rows:
        return 0
    # Not in `values`: a large district's morning has more parameters than one statement may.
    outbox = table_of(OutboxMessage)
    made = insert(outbox).on_conflict_do_nothing().returning(outbox.c.id)
    return len(session.scalars(made, rows).all())


def last_night(session: Session, district_id: int, now: datetime) -> date | None:
    """The as-of day of the newest finished night, if it is recent enough for a digest."""
    return session.scalar(
        select(func.max(IndicatorRun.as_of)).where(
            IndicatorRun.district_id == district_id,
            IndicatorRun.state == "done",
            IndicatorRun.as_of >= (now - EXPIRES["night"]).date(),
            IndicatorRun.as_of <= now.date(),
        )
    )
