"""`lxsaas reports`: the mail that is due, and what became of it."""

from datetime import datetime

import click

from lxsaas.core import clock
from lxsaas.core.cli import in_app, print_json
from lxsaas.core.errors import ConfigurationError, RuleError
from lxsaas.core.scope import aggregating
from lxsaas.extensions import session_for
from lxsaas.indicators import engine
from lxsaas.indicators.commands import district_of
from lxsaas.reports import actions, messages, queries
from lxsaas.reports.due import owe_everywhere
from lxsaas.reports.sending import send_due

__all__ = ["messages", "reports"]


@click.group()
def reports() -> None:
    """Report emails: send what is due, see the outbox, resume after a fault."""


@reports.command("send-due")
@click.option("--now", "instant", help="Act as if it were this instant (ISO 8601 with a zone).")
@in_app
def send_due_command(instant: str | None) -> None:
    """Send what is due; sending twice sends nothing twice."""
    now = instant_given(instant)
    owe_everywhere(now)
    fates = send_due(now)
    print_json(dict(fates))
    if fates["paused"]:
        raise ConfigurationError("channel_paused")


def instant_given(text: str | None) -> datetime:
    if text is None:
        return clock.now()
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise RuleError("instant_invalid", instant=text) from None
    if instant.tzinfo is None:
        raise RuleError("instant_invalid", instant=text)
    return instant


@reports.command()
@click.option("--district", "slug", required=True)
@in_app
def status(slug: str) -> None:
    """The outbox of a district: counts by state, and what needs a look."""
    district_id = district_of(slug)
    with session_for(aggregating(district_id, ())) as session:
        counts = {row[0]: row[1] for row in session.execute(queries.counts_by_state(district_id))}
        troubled = [
            {"id": one.id, "state": one.state, "attempts": one.attempts, "error": one.error}
            for one in session.scalars(queries.open_messages(district_id).limit(50))
        ]
        print_json(
            {"counts": counts, "troubled": troubled, "paused": bool(session.scalar(queries.is_paused()))}
        )


@reports.command()
@in_app
def resume() -> None:
    """Let the channel send again, after the login was mended."""
    for district_id, _timezone in engine.districts()[:1]:
        with session_for(aggregating(district_id, ())) as session:
            actions.resume_channel(session)
            session.commit()
    click.echo("Sending is resumed.")


@reports.command()
@click.option("--district", "slug", required=True)
@click.argument("message_id", type=int)
@in_app
def resend(slug: str, message_id: int) -> None:
    """Put one message up again, whatever became of it."""
    district_id = district_of(slug)
    with session_for(aggregating(district_id, ())) as session:
        actions.resend(session, district_id, message_id, clock.now())
        session.commit()
    click.echo(f"Message {message_id} goes with the next send-due.")
