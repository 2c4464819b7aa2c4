"""`lxsaas` commands in a process of their own, forked from one that has imported all.

Starting Python and importing everything would take most of what these tests take.
"""

import multiprocessing
import os
import subprocess
import sys
import warnings
from collections.abc import Mapping
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path
from tempfile import TemporaryDirectory

from lxsaas.cli import COMMANDS, main
from lxsaas.config import Settings
from tests.worker import environment

SECONDS = 120


def lxsaas(
    settings: Settings, *arguments: str, stdin: bytes = b"", **more: str
) -> subprocess.CompletedProcess[str]:
    """What the command answered and said; `more` adds to its environment."""
    with TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "stdin").write_bytes(stdin)
        process = _server().Process(target=_run, args=(arguments, environment(settings) | more, folder))
        process.start()
        process.join(SECONDS)
        if process.exitcode is None:
            process.kill()
            raise TimeoutError(f"lxsaas {arguments[0]} takes more than {SECONDS} seconds")
        said = [(place / name).read_text() for name in ("stdout", "stderr")]
        return subprocess.CompletedProcess(["lxsaas", *arguments], process.exitcode, *said)


@cache
def _server() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["lxsaas.app", *COMMANDS.values()])
    return context


def _run(arguments: tuple[str, ...], variables: Mapping[str, str], folder: str) -> None:
    os.environ.clear()
    os.environ.update(variables)
    warnings.simplefilter("ignore")
    for number, name in ((1, "stdout"), (2, "stderr")):
        with (Path(folder) / name).open("wb") as file:
            os.dup2(file.fileno(), number)
    sys.stdin = (Path(folder) / "stdin").open()
    sys.argv = ["lxsaas", *arguments]
    main()
