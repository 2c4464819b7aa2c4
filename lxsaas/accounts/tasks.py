"""Periodic work on accounts' logs."""

from celery import shared_task
from flask import current_app

from lxsaas.accounts.logs import export_heads


@shared_task(name="lxsaas.accounts.export_audit_heads")
def export_audit_heads() -> None:
    """Writes down how each log ends, for who asks later whether its end was cut off."""
    export_heads(current_app.extensions["lxsaas.settings"].data_dir)
