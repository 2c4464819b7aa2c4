"""Where the province stands: on servers of its own for this run, or kept in a directory for the next."""

import argparse
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import psycopg
from flask import Flask
from psycopg.abc import Params
from psycopg.sql import SQL, Identifier

from benchmarks.bulk import administrator
from benchmarks.harness import fresh_app, running, start_servers
from benchmarks.province import Size, generate, size_of
from lxsaas.commands.database import upgrade_database
from lxsaas.config import Settings
from lxsaas.core import services
from lxsaas.extensions import db

ROOT = Path(__file__).parents[2]


@dataclass
class Province:
    """A generated province, the application on it, and the administrator's connection."""

    app: Flask
    settings: Settings
    size: Size
    admin: psycopg.Connection | None = None

    def execute(self, statement: str, values: Params | None = None) -> psycopg.Cursor:
        """A statement as the administrator, beyond row security, without parallel workers."""
        if self.admin is None or self.admin.closed:
            self.admin = administrator(self.settings)
            self.admin.execute("set max_parallel_workers_per_gather = 0")
        return self.admin.execute(statement.encode(), values)

    def release(self) -> None:
        """Closes every connection, so that the database may be copied; they come back when needed."""
        if self.admin is not None:
            self.admin.close()
        with self.app.app_context():
            for pool in db.engines.values():
                pool.dispose()

    @property
    def server(self) -> int | None:
        """The server's process, where it is an embedded one."""
        return services.status(self.settings.data_dir).postgres.pid

    @cached_property
    def districts(self) -> list[int]:
        return [row[0] for row in self.execute("select id from district order by id")]


@contextmanager
def province(options: argparse.Namespace) -> Iterator[Province]:
    """The province that the options ask for, in the application's context; generated unless it is kept."""
    size = size_of(options)
    if options.data_dir is None:
        with fresh_app() as app:
            settings = app.extensions["lxsaas.settings"]
            generate(settings, size)
            place = Province(app, settings, size)
            yield place
            place.release()
        return
    settings = kept(options.data_dir.absolute(), size)
    with running(settings) as app:
        place = Province(app, settings, size)
        yield place
        place.release()


def kept(data_dir: Path, size: Size) -> Settings:
    """Settings for servers of the directory, which go on running, with a province of this size in them."""
    start_servers(data_dir)
    settings = Settings.of(LXSAAS_DATA_DIR=data_dir, LXSAAS_QUEUE=f"bench_{os.getpid()}")
    note, wanted = data_dir / "province.json", asdict(size) | {"made_by": made_by()}
    if note.exists() and json.loads(note.read_text()) == wanted:
        return settings
    note.unlink(missing_ok=True)
    database = settings.admin_url.set(database="postgres", drivername="postgresql")
    with psycopg.connect(database.render_as_string(hide_password=False), autocommit=True) as connection:
        name = Identifier(str(settings.admin_url.database))
        connection.execute(SQL("drop database if exists {} with (force)").format(name))
        connection.execute(SQL("create database {}").format(name))
    upgrade_database(settings)
    generate(settings, size)
    note.write_text(json.dumps(wanted))
    return settings


def made_by() -> str:
    """What tells whether a kept province is that of this code: migrations and generator."""
    files = [*ROOT.glob("migrations/versions/*.py"), *ROOT.glob("benchmarks/province*.py")]
    return hashlib.sha256(b"".join(file.read_bytes() for file in sorted(files))).hexdigest()


@contextmanager
def copied(place: Province, name: str) -> Iterator[Province]:
    """A copy of the whole database under another name, dropped at the end."""
    url = place.settings.admin_url
    fresh = f"{url.database}_{name}"
    place.release()
    elsewhere = url.set(database="postgres", drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(elsewhere, autocommit=True) as connection:
        connection.execute(SQL("drop database if exists {} with (force)").format(Identifier(fresh)))
        # A database with sessions is not copied, and those of a killed process may still be there.
        gone = "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s"
        connection.execute(gone, (url.database,))
        copy = SQL("create database {} template {}")
        connection.execute(copy.format(Identifier(fresh), Identifier(str(url.database))))
        settings = Settings.of(
            LXSAAS_DATA_DIR=place.settings.data_dir,
            DATABASE_URL=url.set(database=fresh).render_as_string(hide_password=False),
            REDIS_URL=place.settings.redis_url,
            LXSAAS_QUEUE=f"{place.settings.queue}_{name}",
        )
        try:
            with running(settings) as app:
                yield Province(app, settings, place.size)
        finally:
            connection.execute(SQL("drop database {} with (force)").format(Identifier(fresh)))
