"""Takes a returned mail from the mail server: finds its message in whatever district, and notes it there."""

import structlog
from flask import current_app

from lxsaas.config import Settings
from lxsaas.core.scope import aggregating, watching
from lxsaas.extensions import session_for
from lxsaas.reports import queries
from lxsaas.reports.bounce_actions import note_bounce
from lxsaas.reports.bounces import Returned, read_bounce
from lxsaas.reports.models import OutboxMessage

log = structlog.get_logger()


def take_returned(raw: bytes) -> str:
    """What was done with a returned mail: 'hard', 'soft', 'paused', or 'ignored' where it is none of ours."""
    settings: Settings = current_app.extensions["lxsaas.settings"]
    returned = read_bounce(raw, settings.bounce_address)
    found = _find(returned) if returned else None
    if returned is None or found is None:
        log.info("bounce_ignored")
        return "ignored"
    district_id, message_id = found
    with session_for(aggregating(district_id, ())) as session:
        message = session.get_one(OutboxMessage, (district_id, message_id))
        is_paused = note_bounce(session, message, returned)
        subscription_id = message.subscription_id
        session.commit()
    if is_paused:
        log.warning("subscription_paused", district_id=district_id, subscription_id=subscription_id)
    return "paused" if is_paused else "hard" if returned.is_hard else "soft"


def _find(returned: Returned) -> tuple[int, int] | None:
    """District and id of the first message that a returned mail names."""
    with session_for(watching()) as session:
        for key in returned.keys:
            row = session.execute(queries.message_named(key)).first()
            if row is not None:
                return row[0], row[1]
    return None
