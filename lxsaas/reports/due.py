"""The round of all districts that owes what is due before mail is sent; may run twice or in two places."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from flask import current_app
from sqlalchemy.orm import Session

from lxsaas.config import Settings
from lxsaas.core.scope import aggregating
from lxsaas.extensions import session_for
from lxsaas.indicators import engine
from lxsaas.reports.owing import PERIODIC, clock_of, owe_due, wanted
from lxsaas.reports.owing_queries import owed_since
from lxsaas.reports.schedule import EXPIRES, next_due
from lxsaas.reports.subscription_queries import active_subscriptions

log = structlog.get_logger()


def owe_everywhere(now: datetime) -> int:
    """Owes in each district what is due at `now`; how many messages are new.

    A district that fails (a zone that is none) costs no other its reports.
    """
    settings: Settings = current_app.extensions["lxsaas.settings"]
    new = 0
    for district_id, _timezone in engine.districts():
        try:
            with session_for(aggregating(district_id, engine.schools_of(district_id))) as session:
                new += owe_due(session, district_id, now, deadline=settings.night_deadline)
                session.commit()
        except Exception as error:
            log.error("reports_not_owed", district_id=district_id, kind=type(error).__name__)
    return new


def due_and_next(session: Session, district_id: int, now: datetime) -> list[dict[str, Any]]:
    """Of each subscription that is not paused: periods that are due but not owed, and the next due instant.

    By ids: whose they are is not told. Of people at schools those of the schools in scope.
    """
    place = clock_of(session, district_id)
    subscriptions = session.scalars(active_subscriptions(district_id, *PERIODIC)).all()
    since = now.date() - timedelta(days=800)
    owed = {(row[0], row[1]) for row in session.execute(owed_since(district_id, since))}
    found = []
    for one in subscriptions:
        known = {period for number, period in owed if number == one.id}
        late = wanted(one, place, now - EXPIRES[one.report], now)
        following = next_due(one, place.zone, place.terms, now, since=one.since, owed=known)
        found.append(
            {
                "subscription": one.id,
                "report": one.report,
                "level": one.level,
                "unit": one.unit_id,
                "due": [due.period_on.isoformat() for due in late if due.period_on not in known],
                "next": following.at.astimezone(ZoneInfo(place.zone)).isoformat() if following else None,
                "next_period": following.period_on.isoformat() if following else None,
            }
        )
    return found
