"""Web servers of their own, as in production: the application, and a bare Flask view beside it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from flask import Flask, Response

from lxsaas.app import create_app
from lxsaas.config import Settings
from lxsaas.core.embedded import free_port
from lxsaas.district.revalidation import KeptAnswers
from tests.worker import environment

OURS = "lxsaas.app:create_app()"
ASKING = "benchmarks.dashboard.serving:asking_app()"
BARE = "benchmarks.dashboard.serving:bare_app()"
_BODY = "BENCHMARK_BODY"


def asking_app() -> Flask:
    """The application, which looks a browser up at each request instead of every other second."""
    KeptAnswers.trusted_for = 0.0
    return create_app()


def bare_app() -> Flask:
    """Flask with one view that returns the bytes of a file, held in memory, and nothing else."""
    body = Path(os.environ[_BODY]).read_bytes()
    app = Flask("bare")
    app.add_url_rule("/", view_func=lambda: Response(body, content_type="text/html; charset=utf-8"))
    return app


@contextmanager
def served(settings: Settings, application: str, *, body: Path | None = None) -> Iterator[int]:
    """The port on which gunicorn, with the product's own configuration, serves an application."""
    port = free_port()
    more = {"LXSAAS_BIND": f"127.0.0.1:{port}"} | ({_BODY: str(body)} if body else {})
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", "python:lxsaas.core.gunicorn", application],
        env=environment(settings) | more,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def wait_for(port: int) -> None:
    """Returns once somebody answers on the port; TimeoutError after half a minute."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"nobody answers on {port}")
