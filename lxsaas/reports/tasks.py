"""Mail that is due; and the night's last step, which owes the digests."""

from celery import shared_task

from lxsaas.core import clock
from lxsaas.indicators.hooks import run_finished
from lxsaas.reports import owing, sending
from lxsaas.reports.due import owe_everywhere

# In the transaction that publishes a night: figures without their digests, or the reverse, cannot be.
run_finished.append(owing.owe_digests)


TURN = 240.0
"""Seconds of sending in one tick. The slowest server draws an attempt out to some 330 more: below the soft
time limit, which would end an attempt in its middle."""


@shared_task(name="lxsaas.reports.tick")
def tick() -> None:
    """Owes and sends what is due now."""
    now = clock.now()
    owe_everywhere(now)
    sending.send_due(now, seconds=TURN)
