"""Messages are hints: each task looks at the ledger for what there is to do."""

from celery import shared_task

from lxsaas.core import clock
from lxsaas.core.celery import send_hint
from lxsaas.indicators import engine


@shared_task(name="lxsaas.indicators.tick")
def tick() -> None:
    """Starts nights that are due, puts up what was left behind, ends runs that are through."""
    now = clock.now()
    for district_id, timezone in engine.districts():
        engine.begin_night(district_id, engine.night_of(timezone, now))
        hint(district_id)


@shared_task(name="lxsaas.indicators.compute_units")
def compute_units(district_id: int, run_id: int) -> None:
    """One batch of a run, by whoever gets here first; the last one lets the district's next run begin."""
    batch = engine.compute_batch(district_id, run_id)
    if batch.has_finished:
        hint(district_id)
    elif batch.done and batch.pending:
        # Units that are claimed alone are more than were hinted at.
        send_hint(compute_units, district_id, run_id)


def hint(district_id: int) -> None:
    """Asks workers for the district's run at work, a message for each batch that is pending."""
    run_id = engine.running_run(district_id)
    if run_id is not None:
        for _ in range(max(engine.pending_batches(district_id, run_id), 1)):
            send_hint(compute_units, district_id, run_id)
