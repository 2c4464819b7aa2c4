"""A database of its own, real servers, the application in its own logins, and people to act as.

Tests commit for real: each makes districts and schools of its own, and tenancy keeps them apart. What
rolled-back transactions would hide (row security at commit, workers, mail) is what these tests are about.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from lxsaas.accounts import passwords
from lxsaas.app import create_app
from lxsaas.commands.database import temporary_database
from lxsaas.config import Settings
from lxsaas.core import services
from lxsaas.extensions import db
from tests.factories import CHEAP, Factory

# What a crash of the machine would lose nobody misses here, so nothing waits for the disk.
RECKLESS = ("fsync", "synchronous_commit", "full_page_writes")

LONGEST_FIRST = (
    "browser/test_accessibility",
    "indicators/test_faults",
    "browser/",
    "indicators/",
    "reports/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins, so that no process ends long after the others; pages stay together."""
    items.sort(key=lambda item: _rank(item.nodeid.removeprefix("tests/")))


def _rank(name: str) -> int:
    return next(
        (rank for rank, start in enumerate(LONGEST_FIRST) if name.startswith(start)), len(LONGEST_FIRST)
    )


@contextmanager
def taking_turns(name: str) -> Iterator[None]:
    """One process of the test run at a time: servers and logins are shared."""
    with Path(name).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def shared_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One directory for the whole run, also when pytest-xdist spreads it over processes."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def settings(shared_dir: Path) -> Iterator[Settings]:
    """Settings for a fresh database on the embedded servers, or on those of DATABASE_URL and REDIS_URL."""
    data_dir = shared_dir / "servers"
    with taking_turns(f"{shared_dir}/turn"):
        if not ("DATABASE_URL" in os.environ and "REDIS_URL" in os.environ):
            make_reckless(services.start(data_dir).database_url)
            started = shared_dir / "users"
            started.write_text(str(int(started.read_text() if started.exists() else "0") + 1))
        base = Settings.of(LXSAAS_DATA_DIR=data_dir, LXSAAS_TICK_SECONDS=1)
    with temporary_database(base) as fresh:
        yield fresh
    with taking_turns(f"{shared_dir}/turn"):
        if (started := shared_dir / "users").exists():
            left = int(started.read_text()) - 1
            started.write_text(str(left))
            died = [one.log for one in services.status(data_dir).servers if not one.running]
            if died:
                services.stop(data_dir)
                pytest.fail("\n".join(f"{log} ends:\n{log.read_text()[-3000:]}" for log in died))
            if left == 0:
                services.discard(data_dir)


def make_reckless(database_url: str) -> None:
    """Has the run's own server write to memory only; servers that were named to us stay as they are."""
    with psycopg.connect(database_url.replace("+psycopg", "", 1), autocommit=True) as connection:
        for setting in RECKLESS:
            connection.execute(f"ALTER SYSTEM SET {setting} = off".encode())
        connection.execute("SELECT pg_reload_conf()")


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """As the factory's are; else each first sign-in would renew one at the product's cost."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", CHEAP)
        yield


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    app.testing = True
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that nobody has signed in with."""
    return app.test_client()


@pytest.fixture
def factory(app: Flask) -> Factory:
    """Makes districts, schools, staff and pupils of the test's own."""
    return Factory(app)
