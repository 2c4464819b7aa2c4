"""The whole timetable of periodic tasks, each line with its reason. Any number of beats may run."""

from datetime import timedelta
from typing import Any


def timetable(tick_seconds: float) -> dict[str, dict[str, Any]]:
    """Celery beat's schedule; `tick_seconds` is how often the ledger and the outbox are looked at."""
    tick = timedelta(seconds=tick_seconds)
    return {
        # Starts the night of each district when its hour (01:10 there) has come, puts up again what a killed
        # worker left, closes runs whose last unit is done.
        "indicators": {
            "task": "lxsaas.indicators.tick",
            "schedule": tick,
            "options": {"expires": tick_seconds},
        },
        # Raises what does not wait for a night: a mandatory report, which a district sees within the minute,
        # a night that is late, a rule that was changed.
        "alarms": {"task": "lxsaas.alarms.tick", "schedule": tick, "options": {"expires": tick_seconds}},
        # Reminds schools of the term's statistics on their days, and at once where an officer asks for it.
        "filings": {"task": "lxsaas.filings.tick", "schedule": tick, "options": {"expires": tick_seconds}},
        # Owes the reports whose hour has come on their district's clock, also those due while nothing ran,
        # and hands over the mail that is due; retries wait in the outbox, not in the broker.
        "reports": {"task": "lxsaas.reports.tick", "schedule": tick, "options": {"expires": tick_seconds}},
        # Deletes exports whose time is over, puts up again what a killed worker left; two statements where
        # there is nothing to do.
        "exports": {"task": "lxsaas.exports.tick", "schedule": tick, "options": {"expires": tick_seconds}},
        # Notices a night that is not complete by its hour; minutes do not matter, it looks at each district.
        "watch": {
            "task": "lxsaas.watch.tick",
            "schedule": timedelta(minutes=5),
            "options": {"expires": 300},
        },
        # Writes down how each audit log ends, once a day: a log that is cut off later is betrayed by it.
        "audit_heads": {"task": "lxsaas.accounts.export_audit_heads", "schedule": timedelta(days=1)},
    }
