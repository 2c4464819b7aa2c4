"""The round of all districts that owes what is due before mail is sent; may run twice or in two places."""

from datetime import datetime

import structlog
from flask import current_app

from lxsaas.config import Settings
from lxsaas.core.scope import aggregating
from lxsaas.extensions import session_for
from lxsaas.indicators import engine
from lxsaas.reports.owing import owe_due

log = structlog.get_logger()


def owe_everywhere(now: datetime) -> int:
    """Owes in each district what is due at `now`; how many messages are new.

    A district that fails (a zone that is none) costs no other its reports.
    """
    settings: Settings = current_app.extensions["lxsaas.settings"]
    new = 0
    for district_id, _timezone in engine.districts():
        try:
            with session_for(aggregating(district_id, ())) as session:
                new += owe_due(session, district_id, now, deadline=settings.night_deadline)
                session.commit()
        except Exception as error:
            log.error("reports_not_owed", district_id=district_id, kind=type(error).__name__)
    return new
