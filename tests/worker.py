"""A real Celery worker and beat, over the real broker, as processes that can be killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from lxsaas.config import Settings


def environment(settings: Settings) -> dict[str, str]:
    """The environment in which another process works on the test's database and queue."""
    return os.environ | {
        "LXSAAS_DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": str(settings.database_url),
        "REDIS_URL": settings.redis_url,
        "LXSAAS_QUEUE": settings.queue,
        "LXSAAS_TICK_SECONDS": str(settings.tick_seconds),
        "PYTHONWARNINGS": "ignore",
    }


@contextmanager
def celery(settings: Settings, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """`celery -A celery_worker …` in a process group of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", "--quiet", "-A", "celery_worker", *arguments],
        env=environment(settings),
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        kill(process)


@contextmanager
def lxsaas_process(settings: Settings, *arguments: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command of lxsaas that can be killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", "from lxsaas.cli import main; main()", *arguments],
        env=environment(settings) | more,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        kill(process)


def worker(settings: Settings) -> AbstractContextManager[subprocess.Popen[bytes]]:
    return celery(settings, "worker", "--concurrency", "2")


def beat(settings: Settings, folder: Path) -> AbstractContextManager[subprocess.Popen[bytes]]:
    return celery(settings, "beat", "--schedule", str(folder / "beat"))


def kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9 for the whole group: nothing is tidied up."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    """Waits until the condition holds; fails when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
