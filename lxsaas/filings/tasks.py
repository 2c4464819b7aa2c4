"""Reminders by the clock: on their days, and those that an officer has asked for."""

import structlog
from celery import shared_task

from lxsaas.core import clock
from lxsaas.filings import hooks, reminders
from lxsaas.indicators import engine

FROM_HOUR = 7
"""Nobody is reminded at night."""

log = structlog.get_logger()


@shared_task(name="lxsaas.filings.tick")
def tick() -> None:
    """Looks at each district."""
    for district_id, timezone in engine.districts():
        remind(district_id, timezone)


def remind(district_id: int, timezone: str) -> int:
    """One district; whatever is wrong with it does not stop the others. How many schools were reminded."""
    now = clock.now()
    try:
        with engine.ledger(district_id, engine.schools_of(district_id)) as session:
            today = clock.today(timezone, at=now)
            if clock.hour(timezone, at=now) >= FROM_HOUR:
                for calendar in (reminders.remind_by_calendar, *hooks.calendars):
                    calendar(session, district_id, today)
            owed = reminders.owe_reminders(session, district_id)
            session.commit()
    except Exception:  # Whatever is wrong with one district: the schools of the others are reminded.
        log.exception("filings_not_reminded", district_id=district_id)
        return 0
    return owed
