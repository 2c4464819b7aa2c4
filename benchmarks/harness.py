"""Servers, a fresh database and the measuring itself, shared by the benchmarks."""

import gc
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from lxsaas.app import create_app
from lxsaas.commands.database import temporary_database
from lxsaas.config import Settings
from lxsaas.core import services
from lxsaas.extensions import db

ROUNDS = 7
"""Odd, so that the median is a round that happened; never fewer than five."""


@contextmanager
def fresh_app() -> Iterator[Flask]:
    """The application on a database of its own; on embedded servers unless the environment names others."""
    named = Settings()
    if named.database_url and named.redis_url_setting:
        with temporary_database(named) as settings, running(settings) as app:
            yield app
        return
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder)
        data_dir.chmod(0o755)
        services.start(data_dir)
        try:
            with (
                temporary_database(Settings.of(LXSAAS_DATA_DIR=data_dir)) as settings,
                running(settings) as app,
            ):
                yield app
        finally:
            services.discard(data_dir)


@contextmanager
def running(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        yield app
        for engine in db.engines.values():
            engine.dispose()


def compare(
    name: str, size: str, floor: str, work: Callable[[], object], against: Callable[[], object]
) -> None:
    """Prints one JSON line: the median of `work` as a ratio to the median of `against`, rounds interleaved.

    The ratio is of medians in one run: what else the machine does hits both alike.
    """
    for warm in (work, against):
        warm()
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for times, job in zip(took, (work, against), strict=True):
            times.append(seconds(job))
    median, base = map(statistics.median, took)
    line = {
        "name": name, "size": size, "ratio": round(median / base, 3), "floor": floor,
        "median_seconds": round(median, 5), "floor_seconds": round(base, 5), "rounds": ROUNDS,
    }  # fmt: skip
    print(json.dumps(line, ensure_ascii=False), flush=True)  # noqa: T201 - what a benchmark is for


def seconds(job: Callable[[], object]) -> float:
    gc.collect()
    start = time.perf_counter()
    job()
    return time.perf_counter() - start
