"""`lxsaas reports`: the mail that is due, and what became of it."""

import sys
from datetime import datetime

import click
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from lxsaas.core import clock
from lxsaas.core.cli import in_app, print_json
from lxsaas.core.errors import ConfigurationError, RuleError
from lxsaas.core.scope import Login, aggregating, looking_up, watching
from lxsaas.extensions import session_for
from lxsaas.indicators import engine
from lxsaas.indicators.commands import district_of
from lxsaas.reports import actions, bounces, channel_actions, messages, queries, returning
from lxsaas.reports.due import due_and_next, owe_everywhere
from lxsaas.reports.models import MailChannel
from lxsaas.reports.sending import send_due
from lxsaas.schools.models import District

__all__ = ["messages", "reports"]
STATES = ("pending", "claimed", "sending", "sent", "retry", "failed", "unknown", "expired", "bounced")
TRY_AGAIN = 75
"""EX_TEMPFAIL of sysexits.h, which mail servers understand."""


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
@click.option("--now", "instant", help="Look from this instant (ISO 8601 with a zone).")
@in_app
def due(slug: str, instant: str | None) -> None:
    """What of a district's subscriptions is due and not owed yet, and when each is due next."""
    district_id = district_of(slug)
    with session_for(aggregating(district_id, engine.schools_of(district_id))) as session:
        print_json(due_and_next(session, district_id, instant_given(instant)))


@reports.command()
@click.option("--district", "slug", help="Every district by default.")
@in_app
def status(slug: str | None) -> None:
    """How many messages are in which state, by district; whether mail is paused."""
    with session_for(looking_up(Login.AGGREGATOR)) as session:
        slugs = {one.id: one.slug for one in session.scalars(select(District).order_by(District.slug))}
    wanted = [district_of(slug)] if slug else list(slugs)
    with session_for(watching()) as session:
        rows = session.execute(queries.counts_by_state(wanted)).all()
        channel = session.get(MailChannel, queries.CHANNEL)
    paused_at, reason = (channel.paused_at, channel.reason) if channel else (None, None)
    print_json(
        {
            "paused_since": paused_at,
            "paused_reason": reason,
            "districts": {
                slugs[one]: {state: count for of, state, count in rows if of == one} for one in wanted
            },
        }
    )


@reports.command()
@click.option("--district", "slug", required=True)
@click.option("--state", type=click.Choice(STATES), help="By default those that want a look.")
@click.option("--limit", default=50, show_default=True)
@in_app
def queue(slug: str, state: str | None, limit: int) -> None:
    """A district's messages in a state: attempts, the next one, and why."""
    district_id = district_of(slug)
    with session_for(aggregating(district_id, ())) as session:
        found = session.scalars(
            queries.in_states(district_id, [state] if state else queries.TROUBLED).limit(limit)
        )
        print_json(
            [
                {
                    "id": one.id, "state": one.state, "period_on": one.period_on, "attempts": one.attempts,
                    "next_attempt_at": one.next_attempt_at, "error": one.error,
                }
                for one in found
            ]
        )  # fmt: skip


@reports.command()
@in_app
def pause() -> None:
    """Stop all mail until it is resumed."""
    with session_for(watching()) as session:
        channel_actions.pause_channel(session, channel_actions.BY_HAND)
        session.commit()
    click.echo("Sending is paused.")


@reports.command()
@in_app
def resume() -> None:
    """Let the channel send again, after it was paused or the login was mended."""
    with session_for(watching()) as session:
        channel_actions.resume_channel(session)
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


@reports.command()
@click.pass_context
@in_app
def bounce(context: click.Context) -> None:
    """Take a returned mail on standard input, as a mail server pipes it.

    What is none of ours is ignored, with status 0: a mail server would answer anything else to a stranger.
    With 75 it is asked to try again later.
    """
    raw = sys.stdin.buffer.read(bounces.LARGEST)
    try:
        click.echo(returning.take_returned(raw))
    except SQLAlchemyError:
        context.exit(TRY_AGAIN)
