"""A night through Celery: real worker processes, the real broker, and what memory they hold."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import psutil

from benchmarks.aggregation.place import Province
from benchmarks.province import LAST
from lxsaas.config import Settings
from lxsaas.indicators import engine
from lxsaas.indicators.tasks import hint

PATIENCE = 600.0
"""Seconds after which a night through the workers is given up."""


class Workers:
    """Worker processes of a province."""

    def __init__(self, place: Province, process: subprocess.Popen[bytes]) -> None:
        self.place = place
        self.process = process

    def night(self, day: date = LAST, *, full: bool = True) -> None:
        """A night of every district: started and hinted at here, counted by the workers."""
        for district_id in self.place.districts:
            with self.place.app.app_context():
                engine.begin_run(district_id, day, full=full)
                hint(district_id)
        self.wait()

    def wait(self) -> None:
        """Until no run is at work. Raises TimeoutError."""
        deadline = time.monotonic() + PATIENCE
        running = "select exists (select from indicator_run where state = 'running')"
        while self.place.execute(running).fetchone() == (True,):
            if time.monotonic() > deadline:
                raise TimeoutError("the workers did not finish the night")
            time.sleep(0.01)

    def megabytes(self) -> float:
        """What the processes that count hold of memory: the largest of them."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        return max(one.memory_info().rss for one in family) / 1e6


@contextmanager
def workers(place: Province, concurrency: int) -> Iterator[Workers]:
    """So many worker processes on the province's queue; killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", "--quiet", "-A", "celery_worker", "worker",
         "--concurrency", str(concurrency)],
        env=environment(place.settings), start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield Workers(place, process)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def environment(settings: Settings) -> dict[str, str]:
    """The environment in which another process works on the province."""
    return os.environ | {
        "LXSAAS_DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": settings.admin_url.render_as_string(hide_password=False),
        "REDIS_URL": settings.redis_url,
        "LXSAAS_QUEUE": settings.queue,
        "PYTHONWARNINGS": "ignore",
    }
