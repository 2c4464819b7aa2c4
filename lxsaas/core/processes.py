"""Keeps several commands running until Ctrl-C: names before their output, whoever dies is started again."""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import FileIO
from typing import TextIO

_FIRST_DELAY = 0.5
_LONGEST_DELAY = 20.0
_STEADY_SECONDS = 10.0
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Command:
    """One program to keep running. `env` is added to the present environment."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] | None = None


def run(
    commands: Sequence[Command],
    *,
    grace: float = 10.0,
    output: TextIO = sys.stdout,
    on_started: Callable[[], None] | None = None,
) -> int:
    """Keeps `commands` running until SIGINT, SIGTERM or SIGHUP, then ends them and all their children.

    First they get SIGTERM; after `grace` seconds, or at a second signal at once, SIGKILL. Returns an exit
    code: 0 after an orderly end, 1 where a command had to be killed, 127 where one cannot be started at
    all. To be called in the main thread. `on_started` is called once, when all were started.
    """
    return asyncio.run(_Supervisor(commands, grace, output).run(on_started))


class _Supervisor:
    def __init__(self, commands: Sequence[Command], grace: float, output: TextIO) -> None:
        self._commands = commands
        self._grace = grace
        self._output = output
        self._width = max((len(command.name) for command in commands), default=0)
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._stopping = asyncio.Event()
        self._signals = 0
        self._exit_code = 0

    async def run(self, on_started: Callable[[], None] | None) -> int:
        loop = asyncio.get_running_loop()
        signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        for number in signals:
            loop.add_signal_handler(number, self._interrupted)
        try:
            keepers = [asyncio.create_task(self._keep(command)) for command in self._commands]
            # Started one after the other is soon enough, and the order of the list is kept.
            while not self._stopping.is_set() and len(self._running) < len(self._commands):
                await asyncio.sleep(0.01)
            if on_started is not None and not self._stopping.is_set():
                on_started()
            await self._stopping.wait()
            await self._end_all()
            await asyncio.gather(*keepers)
        finally:
            for number in signals:
                loop.remove_signal_handler(number)
        return self._exit_code

    def _interrupted(self) -> None:
        self._signals += 1
        self._stopping.set()
        if self._signals > 1:
            self._kill_all()

    async def _keep(self, command: Command) -> None:
        """Starts `command` again whenever it ends, later each time that it ends soon."""
        delay = _FIRST_DELAY
        while not self._stopping.is_set():
            started = time.monotonic()
            try:
                code = await self._run_once(command)
            except OSError as error:
                self._say(command.name, f"cannot start {command.argv[0]}: {error.strerror}")
                self._exit_code = 127
                self._stopping.set()
                return
            if self._stopping.is_set():
                return
            if time.monotonic() - started > _STEADY_SECONDS:
                delay = _FIRST_DELAY
            self._say(command.name, f"ended ({_how(code)}), starts again in {delay:g} s")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), delay)
            delay = min(delay * 2, _LONGEST_DELAY)

    async def _run_once(self, command: Command) -> int:
        """Runs `command` to its end, passing on what it writes; its return code."""
        # A pipe of our own: with asyncio's, wait() would also wait for children that hold the other end.
        read_end, write_end = os.pipe()
        with open(read_end, "rb", buffering=0) as lines:
            try:
                process = await self._launch(command, write_end)
            finally:
                os.close(write_end)
            self._running[command.name] = process
            reader = asyncio.create_task(self._forward(command.name, lines))
            code = await process.wait()
            # Children that outlive their leader would hold its port, its claims and our pipe.
            _signal_group(process, signal.SIGKILL)
            await reader
            return code

    async def _launch(self, command: Command, write_end: int) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *command.argv,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(command.env or {})},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=write_end,
            stderr=asyncio.subprocess.STDOUT,
            # A group of its own: Ctrl-C at the terminal reaches us alone, and we end it in order.
            process_group=0,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )

    async def _forward(self, name: str, lines: FileIO) -> None:
        reader = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), lines
        )
        rest = b""
        while chunk := await reader.read(65536):
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                self._say(name, line.decode(errors="replace"))
        if rest:
            self._say(name, rest.decode(errors="replace"))
        transport.close()

    def _say(self, name: str, line: str) -> None:
        # Whoever read our output may be gone, as in `lxsaas up | head`: then all end in order.
        try:
            self._output.write(f"{name:<{self._width}} | {line.rstrip()}\n")
            self._output.flush()
        except BrokenPipeError:
            self._stopping.set()

    async def _end_all(self) -> None:
        waiting = []
        for process in self._running.values():
            # Not its children: a worker that stops in order lets them finish what they are at.
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            waiting.append(process.wait())
        try:
            await asyncio.wait_for(asyncio.gather(*waiting), self._grace)
        except TimeoutError:
            self._kill_all()

    def _kill_all(self) -> None:
        for name, process in self._running.items():
            if process.returncode is None:
                self._exit_code = self._exit_code or 1
                self._say(name, "does not stop, killed")
                _signal_group(process, signal.SIGKILL)


def _signal_group(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _how(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


_libc = ctypes.CDLL(None)


def _die_with_parent() -> None:
    """In the new process: it is told to end when we are killed and can no longer tell it."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
