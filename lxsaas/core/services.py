"""Embedded PostgreSQL and Valkey for development and demonstration: start, stop, status, discard.

Both run as daemons on free ports of 127.0.0.1, outlive whoever started them, and keep their files under
the data directory. `services.json` there remembers ports and passwords; only its owner can read it.
"""

import fcntl
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from lxsaas.core.embedded import (
    Account,
    DataDirError,
    account_of,
    plain_errors,
    unprivileged_account,
    write_private,
)
from lxsaas.core.embedded_postgres import SHARED, EmbeddedPostgres
from lxsaas.core.embedded_valkey import EmbeddedValkey

_LOCK_SECONDS = 180.0


@dataclass(frozen=True)
class Server:
    """One of the two servers as it is now; `port` and `url` are None where it does not run."""

    home: Path
    log: Path
    pid: int | None = None
    port: int | None = None
    url: str | None = field(default=None, repr=False)
    """With the password in it: not for logs."""

    @property
    def running(self) -> bool:
        return self.pid is not None


@dataclass(frozen=True)
class Status:
    """Both servers of a data directory."""

    data_dir: Path
    postgres: Server
    valkey: Server

    @property
    def database_url(self) -> str | None:
        """The superuser's URL of the database `lxsaas`; None where PostgreSQL does not run."""
        return self.postgres.url

    @property
    def redis_url(self) -> str | None:
        return self.valkey.url

    @property
    def servers(self) -> tuple[Server, Server]:
        return self.postgres, self.valkey

    @property
    def running(self) -> bool:
        """Whether both run."""
        return all(server.running for server in self.servers)


@dataclass(frozen=True)
class Running:
    """What `start` hands back: both servers accept connections."""

    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    status: Status


@dataclass(frozen=True)
class _State:
    """What must be remembered from one start to the next."""

    postgres_home: str
    """Relative to the data directory, or absolute where PostgreSQL's user cannot reach that."""
    postgres_password: str
    valkey_password: str
    postgres_port: int | None = None
    valkey_port: int | None = None


def start(data_dir: Path) -> Running:
    """Starts what does not run and waits until both servers answer; simultaneous callers take turns.

    Raises ServiceError in its kinds: binaries missing, data directory unusable, no free port, not started.
    """
    data_dir = data_dir.absolute()
    with plain_errors(data_dir):
        data_dir.mkdir(parents=True, exist_ok=True)
        with _turn(data_dir):
            state = _load(data_dir) or _prepare(data_dir)
            postgres, valkey = _servers(data_dir, state)
            _make_homes(postgres, valkey)
            ports = postgres.start(state.postgres_port), valkey.start(state.valkey_port)
            if ports != (state.postgres_port, state.valkey_port):
                _save(data_dir, replace(state, postgres_port=ports[0], valkey_port=ports[1]))
    return Running(postgres.url(ports[0]), valkey.url(ports[1]), status(data_dir))


def stop(data_dir: Path) -> Status:
    """Ends both servers cleanly; those that do not run are left as they are. Raises ServiceError."""
    data_dir = data_dir.absolute()
    if not data_dir.exists():
        return status(data_dir)
    with plain_errors(data_dir), _turn(data_dir):
        state = _load(data_dir)
        if state is not None:
            postgres, valkey = _servers(data_dir, state)
            valkey.stop()
            postgres.stop()
    return status(data_dir)


def status(data_dir: Path) -> Status:
    """Which servers run now, and where. Raises ServiceError where the data directory is another user's."""
    data_dir = data_dir.absolute()
    with plain_errors(data_dir):
        state = _load(data_dir)
        if state is None:
            return Status(data_dir, *(_asleep(data_dir / name) for name in ("postgres", "valkey")))
        postgres, valkey = _servers(data_dir, state)
        return Status(data_dir, _seen(postgres), _seen(valkey))


def discard(data_dir: Path) -> None:
    """Stops both servers and deletes them with all their data, wherever it is kept. Raises ServiceError."""
    data_dir = data_dir.absolute()
    stop(data_dir)
    if not data_dir.exists():
        return
    with plain_errors(data_dir), _turn(data_dir):
        state = _load(data_dir)
        if state is not None:
            for server in _servers(data_dir, state):
                shutil.rmtree(server.home, ignore_errors=True)
            (data_dir / "services.json").unlink()


@contextmanager
def _turn(data_dir: Path) -> Iterator[None]:
    """Holds the data directory's lock, which goes with the process that holds it."""
    # The directory itself is locked: a lock file made by root would shut out the user whose directory it is.
    handle = os.open(data_dir, os.O_RDONLY)
    try:
        deadline = time.monotonic() + _LOCK_SECONDS
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    reason = "another start or stop has been at work for too long"
                    raise DataDirError("data_dir_locked", path=data_dir, reason=reason) from None
                time.sleep(0.02)
        yield
    finally:
        os.close(handle)


def _load(data_dir: Path) -> _State | None:
    path = data_dir / "services.json"
    try:
        return _State(**json.loads(path.read_text()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        raise DataDirError("state_unreadable", path=path, reason="its content is damaged") from None


def _prepare(data_dir: Path) -> _State:
    """Chooses place and passwords, and remembers them before anything is made with them."""
    account = unprivileged_account()
    home = data_dir / "postgres"
    if home.exists():
        raise DataDirError(
            "state_missing", path=home, reason="services.json with its password is gone; restore or remove"
        )
    state = _State(
        postgres_home="postgres" if _can_keep(home, account) else str(SHARED / secrets.token_hex(8)),
        postgres_password=secrets.token_urlsafe(24),
        valkey_password=secrets.token_urlsafe(24),
    )
    _save(data_dir, state)
    return state


def _can_keep(home: Path, account: Account) -> bool:
    """Whether PostgreSQL's user could own and reach `home`."""
    home.mkdir(mode=0o700)
    try:
        account.own(home)
        return account.can_use(home)
    except PermissionError:  # A shared folder of a virtual machine keeps its owner.
        return False
    finally:
        home.rmdir()


def _save(data_dir: Path, state: _State) -> None:
    write_private(data_dir / "services.json", json.dumps(asdict(state), indent=1), account_of(data_dir))


def _servers(data_dir: Path, state: _State) -> tuple[EmbeddedPostgres, EmbeddedValkey]:
    # Processes know their directory by its real name.
    base = data_dir.resolve()
    return (
        EmbeddedPostgres(base / state.postgres_home, state.postgres_password),
        EmbeddedValkey(base / "valkey", state.valkey_password),
    )


def _make_homes(postgres: EmbeddedPostgres, valkey: EmbeddedValkey) -> None:
    if not postgres.home.exists():
        postgres.home.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        postgres.home.mkdir(mode=0o700)
        unprivileged_account().own(postgres.home)
    if not valkey.home.exists():
        valkey.home.mkdir(mode=0o700)
        account_of(valkey.home.parent).own(valkey.home)


def _asleep(home: Path) -> Server:
    return Server(home, home / f"{home.name}.log")


def _seen(server: EmbeddedPostgres | EmbeddedValkey) -> Server:
    pid, port = server.pid(), server.port()
    if pid is None or port is None:
        return Server(server.home, server.log)
    return Server(server.home, server.log, pid, port, server.url(port))
