"""The clock's part of watching."""

from celery import shared_task

from lxsaas.core import clock
from lxsaas.watch import alarms


@shared_task(name="lxsaas.watch.tick")
def tick() -> None:
    """Looks whether nights are late now."""
    alarms.look(clock.now())
