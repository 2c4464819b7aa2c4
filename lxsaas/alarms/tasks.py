"""Alarms by the clock; and the night's part, in the transaction that publishes it."""

import structlog
from celery import shared_task

from lxsaas.alarms import evaluation
from lxsaas.core import clock
from lxsaas.indicators import engine
from lxsaas.indicators.hooks import run_finished

# The first in the list, so that the digests which are owed after it know of each alarm.
run_finished.insert(0, evaluation.judge)

log = structlog.get_logger()


@shared_task(name="lxsaas.alarms.tick")
def tick() -> None:
    """Looks at what does not wait for a night, and at rules that were changed."""
    for district_id, _timezone in engine.districts():
        look(district_id)


def look(district_id: int) -> None:
    """One district; whatever is wrong with it does not stop the others."""
    try:
        with engine.ledger(district_id, engine.schools_of(district_id)) as session:
            raised = evaluation.judge_rules(session, district_id, now=clock.now(), kinds=evaluation.BY_TICK)
            session.commit()
    except Exception:  # Whatever is wrong with one district: the alarms of the others are raised.
        log.exception("alarms_not_judged", district_id=district_id)
        return
    if raised:
        log.info("alarms_raised", district_id=district_id, count=len(raised))
