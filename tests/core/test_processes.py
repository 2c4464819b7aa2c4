"""Commands kept running side by side: named output, restart on death, an orderly end."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

import psutil
import pytest

SUPERVISOR = """
import sys
from lxsaas.core.processes import Command, run
commands = [Command(name, [sys.executable, "-c", code], {"WORD": name}) for name, code in zip(sys.argv[2::2], sys.argv[3::2])]
if sys.argv[2] == "missing":
    commands = [Command("missing", ["/nowhere/program"]), *commands[1:]]
sys.exit(run(commands, grace=float(sys.argv[1]), on_started=lambda: print("all started", flush=True)))
"""  # noqa: E501
TALK = "import os, time; print('I am', os.environ['WORD'], os.getpid())\nwhile True: time.sleep(1)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + TALK
WITH_CHILD = (
    "import subprocess, sys; c = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    "print('child', c.pid)\n" + TALK
)


class Supervised:
    """The supervisor in a process of its own, as `lxsaas up` is."""

    def __init__(self, *commands: str, grace: float = 5.0) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISOR, str(grace), *commands],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            start_new_session=True,
        )
        self._lines: Queue[str] = Queue()
        self._seen: list[str] = []
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))

    def line(self, pattern: str) -> re.Match[str]:
        """The first line not yet asked for in which `pattern` occurs."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            for line in self._seen:
                if match := re.search(pattern, line):
                    self._seen.remove(line)
                    return match
            with suppress(Empty):
                self._seen.append(self._lines.get(timeout=0.1))
        raise AssertionError(f"no {pattern!r} in {self._seen}")

    def pid(self, name: str) -> int:
        return int(self.line(rf"{name} .*I am {name} (\d+)")[1])

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(10)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(15)
        self._reader.join(5)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def supervise() -> Iterator[Callable[..., Supervised]]:
    started: list[Supervised] = []

    def begin(*commands: str, grace: float = 5.0) -> Supervised:
        started.append(Supervised(*commands, grace=grace))
        return started[-1]

    yield begin
    for one in started:
        one.close()


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_runs_all_under_their_names_and_ends_all(
    supervise: Callable[..., Supervised], number: signal.Signals
) -> None:
    both = supervise("web", TALK, "worker", TALK)
    both.line("all started")
    pids = [both.pid("web"), both.pid("worker")]
    assert both.end(number) == 0
    assert all(gone(pid) for pid in pids)


def test_starts_again_what_is_killed_and_sweeps_its_children(supervise: Callable[..., Supervised]) -> None:
    one = supervise("worker", WITH_CHILD)
    child = int(one.line(r"child (\d+)")[1])
    first = one.pid("worker")
    os.kill(first, signal.SIGKILL)
    one.line("ended .SIGKILL., starts again in 0.5 s")
    assert one.pid("worker") != first
    assert gone(child)
    assert one.end() == 0


def test_waits_longer_each_time_for_one_that_ends_at_once(supervise: Callable[..., Supervised]) -> None:
    one = supervise("web", "raise SystemExit(3)")
    one.line("ended .exit code 3., starts again in 0.5 s")
    one.line("starts again in 1 s")
    assert one.end() == 0


def test_kills_what_does_not_stop_in_time(supervise: Callable[..., Supervised]) -> None:
    one = supervise("web", STUBBORN, grace=0.3)
    pid = one.pid("web")
    assert one.end() == 1
    assert gone(pid)


def test_second_interrupt_does_not_wait(supervise: Callable[..., Supervised]) -> None:
    one = supervise("web", STUBBORN, grace=60)
    pid = one.pid("web")
    one.process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    assert one.end() == 1
    assert gone(pid)


def test_one_that_cannot_be_started_ends_all(supervise: Callable[..., Supervised]) -> None:
    both = supervise("missing", "", "web", TALK)
    both.line("cannot start /nowhere/program: No such file")
    assert both.process.wait(10) == 127


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent is gone")
def test_nothing_outlives_a_killed_supervisor(supervise: Callable[..., Supervised]) -> None:
    one = supervise("web", TALK)
    pid = one.pid("web")
    one.end(signal.SIGKILL)
    assert gone(pid)


def test_long_lines_come_whole(supervise: Callable[..., Supervised]) -> None:
    one = supervise("web", "print('x' * 200_000 + 'end'); import time; time.sleep(60)")
    assert len(one.line("x+end")[0]) == 200_003
