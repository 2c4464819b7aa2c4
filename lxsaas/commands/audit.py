"""`lxsaas audit`: whether the logs are whole, and their ends for safekeeping elsewhere."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click
from flask import current_app

from lxsaas.accounts.logs import AUDIT_HEADS, Log, heads_of_all, logs
from lxsaas.config import Settings
from lxsaas.core import audit_chain
from lxsaas.core.cli import in_app
from lxsaas.extensions import session_for

BREAKS = {
    "changed": "entry {number} was changed",
    "removed": "entry {number} was removed",
    "unchained": "row {number} was added outside the chain",
    "cut": "the end is missing from entry {number} on",
    "not_as_exported": "entry {number} is not the one whose hash was exported",
}


@click.group()
def audit() -> None:
    """The log of who did and saw what."""


@audit.command()
@click.option("--school", help="Only this school's log.")
@click.option("--district", help="Only this district's log.")
@in_app
def verify(school: str | None, district: str | None) -> None:
    """Walk the chains, compare them with the exported heads; exits 1 if one is not whole."""
    exported = list(audit_chain.exported_heads(_directory()))
    broken = False
    for log in _chosen(school, district):
        own = [one for one in exported if (one.kind, one.slug) == (log.kind, log.slug)]
        with session_for(log.scope) as session:
            found = audit_chain.verify(session, log.kind, log.id, own)
            head = audit_chain.head_of(session, log.kind, log.id, log.slug)
        broken = broken or found is not None
        state = BREAKS[found.code].format(number=found.number) if found else "whole"
        click.echo(f"{log.kind} {log.slug}: {state}, {head.number if head else 0} entries")
    sys.exit(1 if broken else 0)


@audit.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Append to this file.")
@in_app
def head(out: Path | None) -> None:
    """Export the ends of all logs: what is kept elsewhere betrays a log that was cut off or written anew."""
    count = audit_chain.write_heads(heads_of_all(), out or Path("/dev/stdout"))
    if out:
        click.echo(f"{count} heads")


def _chosen(school: str | None, district: str | None) -> Iterator[Log]:
    for log in logs():
        wanted = {"school": school, "district": district}
        if not (school or district) or wanted[log.kind] == log.slug:
            yield log


def _directory() -> Path:
    settings: Settings = current_app.extensions["lxsaas.settings"]
    return settings.data_dir / AUDIT_HEADS
