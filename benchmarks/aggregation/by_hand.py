"""The statements of a night, written down as they are sent, and sent again by hand."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL, Engine, event

from benchmarks.aggregation.place import Province
from lxsaas.core.scope import Login
from lxsaas.extensions import db


def written_down(place: Province, night: Callable[[Province], None]) -> list[str]:
    """Every statement that a night sends as lx_aggregator, with its values, and where transactions end."""
    url = place.settings.login_url(Login.AGGREGATOR)
    with place.app.app_context():
        engine = db.engines[Login.AGGREGATOR.value]
    with psycopg.connect(plain(url)) as connection:
        pen = psycopg.ClientCursor(connection)
        with listening(engine, pen) as script:
            night(place)
    return script


@contextmanager
def listening(engine: Engine, pen: psycopg.ClientCursor[Any]) -> Iterator[list[str]]:
    """The script that grows while the engine is used."""
    script: list[str] = []

    def sent(_conn: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        for row in values if many else (values,):
            script.append(pen.mogrify(statement, row or None).strip().rstrip(";") + ";")

    def word(one: str) -> Callable[[Any], None]:
        return lambda _conn: script.append(one)

    heard: dict[str, Callable[..., None]] = {
        "before_cursor_execute": sent, "begin": word("begin;"), "commit": word("commit;"),
        "rollback": word("rollback;"),
    }  # fmt: skip
    for name, listener in heard.items():
        event.listen(engine, name, listener)
    try:
        yield script
    finally:
        for name, listener in heard.items():
            event.remove(engine, name, listener)


@contextmanager
def sender(place: Province, script: list[str]) -> Iterator[tuple[str, Callable[[], None]]]:
    """By what the script is sent, and what sends it once: psql, or psycopg where there is no psql."""
    url = place.settings.login_url(Login.AGGREGATOR)
    psql = shutil.which("psql")
    if psql is None:
        yield "psycopg", lambda: send(url, script)
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "night.sql"
        file.write_text("\n".join(script))
        command = [psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, "-f", str(file)]
        command.append(plain(url.set(password=None)))
        environment = os.environ | {"PGPASSWORD": str(url.password)}

        def run() -> None:
            subprocess.run(command, env=environment, check=True)

        yield "psql", run


def send(url: URL, script: list[str]) -> None:
    """One connection, one statement after the other."""
    with psycopg.connect(plain(url), autocommit=True) as connection:
        for statement in script:
            connection.execute(statement.encode())


def plain(url: URL) -> str:
    """The URL as libpq takes it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
