"""`lxsaas indicators status`: how the nights went, with an exit status that monitoring understands."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import click
from flask import current_app

from lxsaas.config import Settings
from lxsaas.core import clock
from lxsaas.core.cli import in_app, print_json
from lxsaas.core.errors import NotFoundError
from lxsaas.indicators.commands import indicators
from lxsaas.watch.nights import DistrictState, RunState, state_of_all

__all__ = ["indicators"]


@indicators.command()
@click.option("--district", "slug", help="Every district by default.")
@click.option("--last", default=5, show_default=True, help="Runs to show.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
@in_app
def status(context: click.Context, slug: str | None, last: int, as_json: bool) -> None:
    """Last runs, units pending and dead, durations, lag; ends with 1 where a night is late or missing."""
    settings: Settings = current_app.extensions["lxsaas.settings"]
    now = clock.now()
    watched = state_of_all(now, settings.night_deadline, slug=slug)
    districts = watched.districts
    if slug is not None and not districts:
        raise NotFoundError("district_unknown", slug=slug)
    late = [one for one in districts if one.is_late(now)]
    if as_json:
        print_json([described(one, last, now) for one in districts])
    else:
        if watched.is_mail_paused:
            click.echo("MAIL PAUSED, by hand or by a refused login; see lxsaas reports resume")
        for one in districts:
            for line in lines_of(one, last, now):
                click.echo(line)
    if late:
        context.exit(1)


def lines_of(one: DistrictState, last: int, now: datetime) -> Iterator[str]:
    """A district's night due, the alarms that stand, its last runs."""
    night = one.night
    state = "complete" if night.is_complete else "LATE" if one.is_night_late(now) else "running"
    yield f"{one.slug}  night of {night.as_of}  {state}  {night.lag(now) / 60:.0f} min after its hour"
    for alarm, _ in one.alarms:
        since, error = f"{alarm.raised_at:%Y-%m-%d %H:%M}Z", f" ({alarm.error})" if alarm.error else ""
        yield f"  ALARM: night of {alarm.as_of}  since {since}  mail {alarm.mail}{error}"
    for run in one.runs[:last]:
        yield f"  {line_of(run)}"


def line_of(state: RunState) -> str:
    """A run in one line, and one for each school that was given up."""
    run, seconds = state.run, state.seconds
    counts = ", ".join(f"{count} {name}" for name, count in state.units.items() if count)
    took = "–" if seconds is None else f"{seconds:.1f} s"
    since = f"{run.since} to " if run.since and run.since != run.as_of else ""
    dead = "".join(
        f"\n    dead: {school}  {error}  {attempts} attempts" for school, error, attempts in state.dead
    )
    return f"{run.id}  {since}{run.as_of} no. {run.number}  {run.state}  {counts}  {took}{dead}"


def described(one: DistrictState, last: int, now: datetime) -> dict[str, Any]:
    """A district as JSON."""
    age = one.age(now)
    return {
        "district": one.slug,
        "as_of": one.night.as_of,
        "complete": one.night.is_complete,
        "late": one.is_late(now),
        "deadline": one.night.deadline,
        "lag_seconds": round(one.night.lag(now)),
        "age_seconds": None if age is None else round(age),
        "alarms": [
            {"as_of": alarm.as_of, "since": alarm.raised_at, "mail": alarm.mail, "error": alarm.error}
            for alarm, _ in one.alarms
        ],
        "outbox": dict(one.outbox),
        "runs": [
            {
                "run": state.run.id, "as_of": state.run.as_of, "since": state.run.since,
                "number": state.run.number, "state": state.run.state, "units": dict(state.units),
                "dead": [
                    {"school": school, "error": error, "attempts": attempts}
                    for school, error, attempts in state.dead
                ],
                "seconds": state.seconds,
            }
            for state in one.runs[:last]
        ],
    }  # fmt: skip
