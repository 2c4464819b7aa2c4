"""Messages are hints: each task looks at the ledger for what there is to do."""

import gc

from celery import shared_task
from flask import current_app

from lxsaas.accounts.realms import RealmKind
from lxsaas.config import Settings
from lxsaas.core.celery import send_hint
from lxsaas.exports import making
from lxsaas.exports.workspace import sweep


@shared_task(name="lxsaas.exports.make")
def make(kind: RealmKind, owner_id: int, job_id: int) -> None:
    """Makes one file, unless somebody else is at it or has made it."""
    sweep(_settings().data_dir)
    making.make(kind, owner_id, job_id, _settings().data_dir)
    # A document is a tree that refers to itself: left to its own pace the collector lets dozens pile up, and
    # a worker that has made a hundred holds twice the memory for good.
    gc.collect()


@shared_task(name="lxsaas.exports.tick")
def tick() -> None:
    """Deletes files past their time, asks workers for what waits."""
    sweep(_settings().data_dir)
    for kind, owner_id, job_id in making.look_after_all():
        send_hint(make, kind, owner_id, job_id)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["lxsaas.settings"]
    return settings
