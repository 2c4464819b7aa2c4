"""Servers, a fresh database and the measuring itself, shared by the benchmarks."""

import gc
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
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
    """Prints one JSON line: the median of `work` as a ratio to that of `against`, rounds interleaved."""
    medians = interleaved({"work": work, "floor": against})
    show_ratio(name, size, medians["work"], floor, medians["floor"])


def interleaved(
    jobs: Mapping[str, Callable[[], object]],
    rounds: int = ROUNDS,
    before: Mapping[str, Callable[[], object]] | None = None,
) -> dict[str, float]:
    """The median seconds of each job; all take turns, so that what else the machine does hits all alike.

    `before` names what is made ready, not measured, before each round of a job; nothing is measured cold.
    """
    took: dict[str, list[float]] = {name: [] for name in jobs}
    for number in range(rounds + 1):
        for name, job in jobs.items():
            (before or {}).get(name, lambda: None)()
            once = seconds(job)
            if number:
                took[name].append(once)
    return {name: statistics.median(times) for name, times in took.items()}


def show_ratio(
    name: str, size: str, median: float, floor: str, base: float, rounds: int = ROUNDS, **more: object
) -> None:
    """Prints one JSON line with the ratio of two medians."""
    show(
        name=name, size=size, ratio=round(median / base, 3), floor=floor, median_seconds=round(median, 5),
        floor_seconds=round(base, 5), rounds=rounds, **more,
    )  # fmt: skip


def show(**line: object) -> None:
    """Prints one JSON line."""
    print(json.dumps(line, ensure_ascii=False), flush=True)  # noqa: T201 - what a benchmark is for


def seconds(job: Callable[[], object]) -> float:
    gc.collect()
    start = time.perf_counter()
    job()
    return time.perf_counter() - start
