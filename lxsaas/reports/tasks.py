"""Mail that is due; and the night's last step, which owes the digests."""

from celery import shared_task

from lxsaas.alarms.hooks import alarm_raised
from lxsaas.core import clock
from lxsaas.filings.hooks import schools_reminded
from lxsaas.indicators.hooks import run_finished
from lxsaas.reports import filing_reminders, owing, turns
from lxsaas.reports.due import owe_everywhere

# In the transaction that publishes a night: figures without their digests, or the reverse, cannot be.
run_finished.append(owing.owe_digests)
# And in the one that raises an alarm.
alarm_raised.append(owing.owe_alarm)
# And in the one that notes which schools are reminded.
schools_reminded.append(filing_reminders.owe_filing_reminders)


TURN = 240.0
"""Seconds of sending in one tick. The slowest server draws an attempt out to some 210 more: below the soft
time limit, which would end an attempt in its middle."""


@shared_task(name="lxsaas.reports.tick")
def tick() -> None:
    """Owes what is due now, and sends it unless another worker is at it."""
    now = clock.now()
    owe_everywhere(now)
    turns.take_turn(now, seconds=TURN)
