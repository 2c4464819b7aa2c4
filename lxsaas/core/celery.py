"""Celery as lxsaas uses it: messages are hints, the truth is a ledger in PostgreSQL."""

from pathlib import Path
from typing import Any

import structlog
from celery import Celery, Task
from flask import Flask
from kombu.exceptions import OperationalError

SOFT_LIMIT = 600
"""Seconds after which a task is asked to stop."""
HARD_LIMIT = 660
VISIBILITY_TIMEOUT = 900
"""Seconds after which a message that nobody confirmed goes to another worker; above the limits."""

log = structlog.get_logger()


def send_hint(task: Task, *arguments: object) -> None:
    """Asks a worker to look; without a broker nothing is lost: what is to be done stands in the database."""
    try:
        task.delay(*arguments)
    except OperationalError as error:
        log.warning("hint_without_broker", task=task.name, error=type(error).__name__)


def make_celery(
    app: Flask, *, broker_url: str, queue: str, data_dir: Path, schedule: dict[str, Any]
) -> Celery:
    """The Celery application whose tasks run inside `app`'s context; beat keeps its clock in `data_dir`."""

    class ContextTask(Task):
        def __call__(self, *args: object, **kwargs: object) -> object:
            with app.app_context():
                return self.run(*args, **kwargs)

    celery = Celery("lxsaas", task_cls=ContextTask)
    celery.conf.update(
        broker_url=broker_url,
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_default_queue=queue,
        # A task is confirmed when it is done, and given again when its worker was killed.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_soft_time_limit=SOFT_LIMIT,
        task_time_limit=HARD_LIMIT,
        worker_prefetch_multiplier=1,
        worker_soft_shutdown_timeout=10,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=True,
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "visibility_timeout": VISIBILITY_TIMEOUT,
            # Without it a killed worker's messages wait a hundred seconds instead of twenty.
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
        },
        beat_schedule=schedule,
        beat_schedule_filename=str(data_dir / "celerybeat-schedule"),
        enable_utc=True,
        timezone="UTC",
    )
    celery.set_default()
    app.extensions["celery"] = celery
    return celery
