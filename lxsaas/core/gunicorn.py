"""gunicorn's settings: threads for slow networks, a log without query strings."""

import gc
import os
import sys
from typing import Any

bind = os.environ.get("LXSAAS_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("LXSAAS_WEB_WORKERS", "2"))
# A phone in a village holds its connection for long; it should not hold a process.
worker_class = "gthread"
threads = int(os.environ.get("LXSAAS_WEB_THREADS", "8"))
timeout = 60


def post_worker_init(_worker: Any) -> None:
    """Threads of a worker share one processor: with turns of 5 ms the last of eight waits for forty.

    What was imported is never garbage; looking through it again and again holds up whoever asks just then.
    """
    sys.setswitchinterval(0.001)
    gc.collect()
    gc.freeze()


graceful_timeout = 20
# Memory that a library leaks is given back; not all workers at once.
max_requests = 200_000
max_requests_jitter = 20_000
accesslog = "-"
# Method, path without its query, status, bytes, milliseconds: no address, no referrer, nobody.
access_log_format = (
    '{"event": "request", "method": "%(m)s", "path": "%(U)s", "status": %(s)s, "bytes": %(B)s, "ms": %(M)s}'
)
errorlog = "-"
loglevel = "warning"
