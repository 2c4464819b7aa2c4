"""Servers, a fresh database and the measuring itself, shared by the benchmarks."""

import gc
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from flask import Flask
from psycopg.sql import SQL, Identifier

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
        start_servers(data_dir)
        try:
            with (
                temporary_database(Settings.of(LXSAAS_DATA_DIR=data_dir)) as settings,
                running(settings) as app,
            ):
                yield app
        finally:
            services.discard(data_dir)


MEMORY = {"shared_buffers": "2GB"}
"""What the servers of a benchmark hold of the tables: less than a tenth of this machine's memory, where a
quarter is usual; PostgreSQL's 128 MB are meant for a small one. A scan of a larger table goes past it."""
ALONE = {"io_method": "sync"}
"""From PostgreSQL 18 on, other processes read ahead for a scan; the floor is what one process does alone."""


def start_servers(data_dir: Path) -> None:
    """Starts embedded servers, with the memory that a server for so many schools has."""
    services.start(data_dir)
    url = Settings.of(LXSAAS_DATA_DIR=data_dir).admin_url.set(database="postgres", drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        wanted = MEMORY | (ALONE if connection.info.server_version >= 180000 else {})
        now = {
            name: connection.execute(SQL("show {}").format(Identifier(name))).fetchone() for name in wanted
        }
        for name, value in wanted.items():
            connection.execute(SQL("alter system set {} = {}").format(Identifier(name), value))
    if now != {name: (value,) for name, value in wanted.items()}:
        services.stop(data_dir)
        services.start(data_dir)


@contextmanager
def running(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        yield app
        for engine in db.engines.values():
            engine.dispose()


@dataclass(frozen=True)
class Took:
    """Seconds by the clock on the wall, and of all processors together in our processes and the server's."""

    seconds: float
    cpu: float | None = None


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
    server: int | None = None,
) -> dict[str, Took]:
    """The medians of each job; all take turns, so that what else the machine does hits all alike.

    `before` names what is made ready, not measured, before each round of a job; nothing is measured cold.
    `server` is the process of the database server whose processors' time counts too.
    """
    took: dict[str, list[Took]] = {name: [] for name in jobs}
    for number in range(rounds + 1):
        for name, job in jobs.items():
            (before or {}).get(name, lambda: None)()
            once = measured(job, server)
            if number:
                took[name].append(once)
    return {name: median(times) for name, times in took.items()}


def median(times: Sequence[Took]) -> Took:
    """The median of each clock by itself."""
    cpu = [one.cpu for one in times if one.cpu is not None]
    return Took(statistics.median(one.seconds for one in times), statistics.median(cpu) if cpu else None)


def measured(job: Callable[[], object], server: int | None = None) -> Took:
    """One round of a job."""
    gc.collect()
    used = processor_seconds(server)
    start = time.perf_counter()
    job()
    seconds = time.perf_counter() - start
    return Took(seconds, processor_seconds(server) - used)


def processor_seconds(server: int | None) -> float:
    """What this process, the server and everything they started have used of processors so far."""
    families = [psutil.Process()] + ([psutil.Process(server)] if server else [])
    total = 0.0
    for one in (member for root in families for member in (root, *root.children(recursive=True))):
        try:
            total += sum(one.cpu_times()[:4])
        except psutil.NoSuchProcess:  # Its time is its parent's now.
            continue
    return total


def show_ratio(
    name: str, size: str, took: Took, floor: str, base: Took, rounds: int = ROUNDS, **more: object
) -> None:
    """Prints one JSON line with the ratio of two medians, of the clock's and of the processors' seconds."""
    processors = round(took.cpu / base.cpu, 3) if took.cpu and base.cpu else None
    show(
        name=name, size=size, ratio=round(took.seconds / base.seconds, 3), processor_ratio=processors,
        floor=floor, median_seconds=round(took.seconds, 5), floor_seconds=round(base.seconds, 5),
        rounds=rounds, **more,
    )  # fmt: skip


def show(**line: object) -> None:
    """Prints one JSON line."""
    print(json.dumps(line, ensure_ascii=False), flush=True)  # noqa: T201 - what a benchmark is for
