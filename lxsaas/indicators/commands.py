"""`lxsaas indicators`: compute figures, show them, see how the runs went."""

import time
from datetime import date, timedelta
from typing import Any

import click
from sqlalchemy import select

from lxsaas.core import clock
from lxsaas.core.cli import Day, in_app, print_json
from lxsaas.core.errors import LxsaasError, NotFoundError, RuleError
from lxsaas.core.scope import Login, acting_for_district, acting_for_school, looking_up, operating
from lxsaas.extensions import session_for
from lxsaas.indicators import actions, engine, published, queries
from lxsaas.indicators import messages as own_messages
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.figures import Targets, figure_of
from lxsaas.indicators.handbook import handbook
from lxsaas.indicators.models import DistrictIndicator, IndicatorRun, SchoolIndicator
from lxsaas.indicators.night import targets_of
from lxsaas.indicators.tasks import hint
from lxsaas.pupils.definitions import DEFINITIONS
from lxsaas.schools import messages
from lxsaas.schools.actions import choose_care_definition, find_district
from lxsaas.schools.commands import note_everywhere
from lxsaas.schools.models import District, School, Township

__all__ = ["indicators", "messages", "own_messages"]

PATIENCE = 3.0
"""Seconds in which no unit is claimed or moves, after which this process does the work itself."""
POLL = 0.1


@click.group()
def indicators() -> None:
    """The indicators of schools and districts."""


@indicators.command()
@click.option("--district", "slug", help="Slug of the district.")
@click.option("--all", "everywhere", is_flag=True, help="Every district.")
@click.option("--as-of", type=Day(), help="The day to compute; today in the district's zone by default.")
@click.option("--full", is_flag=True, help="Each school, also where nothing can differ from its last count.")
@click.option("--wait", is_flag=True, help="Until the figures are published.")
@click.option("--json", "as_json", is_flag=True)
@in_app
def run(
    slug: str | None, everywhere: bool, as_of: date | None, full: bool, wait: bool, as_json: bool
) -> None:
    """Start a run and let the workers compute it."""
    if (slug is None) == (not everywhere):
        raise RuleError("place_required")
    wanted = engine.districts()
    if slug is not None:
        wanted_id = district_of(slug)
        wanted = [one for one in wanted if one[0] == wanted_id]
    started = [begin(district_id, as_of or clock.today(timezone), full) for district_id, timezone in wanted]
    results = [finished(district_id, run_id) if wait else {"run": run_id} for district_id, run_id in started]
    if as_json:
        print_json(results)
    else:
        click.echo(
            f"{len(results)} run{'s' if len(results) != 1 else ''} {'finished' if wait else 'started'}."
        )
    dead = sum(result.get("dead", 0) for result in results)
    if dead:
        raise LxsaasError("units_dead", count=dead)


def begin(district_id: int, as_of: date, full: bool) -> tuple[int, int]:
    run_id = engine.begin_run(district_id, as_of, full=full)
    hint(district_id)
    return district_id, run_id


def finished(district_id: int, run_id: int) -> dict[str, Any]:
    """Waits for a run, putting up again what killed workers leave; does the work where no worker answers.

    The ledger tells whether one does, not a ping: a worker of another queue would answer that.
    """
    start = moved = time.monotonic()
    seen: tuple[int | None, dict[str, int]] | None = None
    while (current := engine.running_run(district_id)) is not None and engine.is_running(district_id, run_id):
        engine.pending_batches(district_id, current)
        now = current, engine.progress(district_id, current)
        if now != seen or now[1]["claimed"]:
            seen, moved = now, time.monotonic()
        elif time.monotonic() - moved > PATIENCE:
            click.echo("No worker answers; computing here.", err=True)
            engine.work_off(district_id, run_id)
        time.sleep(POLL)
    counts = engine.progress(district_id, run_id)
    return {
        "run": run_id, "done": counts["done"], "dead": counts["dead"],
        "seconds": round(time.monotonic() - start, 2),
    }  # fmt: skip


@indicators.command()
@click.option("--district", "slug", required=True)
@click.option("--from", "first", type=Day(), required=True)
@click.option("--to", "last", type=Day(), help="Yesterday in the district's zone by default.")
@in_app
def backfill(slug: str, first: date, last: date | None) -> None:
    """Compute every day, month and term of a stretch of the past; takes up where it was broken off.

    Each month is a run of the ledger: workers may help, and what is done stays done.
    """
    district_id = district_of(slug)
    timezone = dict(engine.districts())[district_id]
    last = last or clock.today(timezone) - timedelta(days=1)
    if last < first:
        raise RuleError("days_reversed", field="last")
    months = engine.months_between(first, last)
    for number, (since, until) in enumerate(months, 1):
        state = engine.backfill_month(district_id, since, until)
        click.echo(f"{number}/{len(months)}  {since} to {until}  {state}")


@indicators.command("handbook")
def print_handbook() -> None:
    """Print docs/indicators.md: every indicator in both languages."""
    click.echo(handbook(), nl=False)


@indicators.command("target")
@click.argument("code")
@click.argument("target", type=int, required=False)
@click.option("--district", "slug", required=True)
@click.option("--from", "since", type=Day(), help="Today in the district's zone by default.")
@in_app
def set_target(code: str, target: int | None, slug: str, since: date | None) -> None:
    """Ask for TARGET per cent (of a count the number) from a day on; without TARGET for nothing."""
    district_id = district_of(slug)
    day = since or clock.today(dict(engine.districts())[district_id])
    with session_for(acting_for_district(district_id)) as session:
        actions.set_target(session, district_id=district_id, code=code, target=target, since=day, by=None)
        session.commit()
    click.echo(f"{code}: {'no target' if target is None else target} from {day} on.")


@indicators.command("definition")
@click.argument("definition")
@click.option("--district", "slug", required=True)
@click.option("--from", "since", type=Day(), required=True)
@in_app
def choose_definition(definition: str, slug: str, since: date) -> None:
    """Count the children of DEFINITION as care targets from a day on; the days before keep theirs."""
    if definition not in DEFINITIONS:
        raise RuleError("definition_unknown", field="definition", code=definition)
    with session_for(operating()) as session:
        district = find_district(session, slug)
        choose_care_definition(session, district=district, definition=definition, since=since)
        session.commit()
        district_id = district.id
    note_everywhere(district_id, since)
    click.echo(f"{slug} counts {definition} from {since} on.")


@indicators.command()
@click.option("--district", help="What is published to this district.")
@click.option("--school", help="The exact figures of this school.")
@click.option("--as-of", type=Day(), help="The last day computed by default.")
@click.option("--json", "as_json", is_flag=True)
@in_app
def show(district: str | None, school: str | None, as_of: date | None, as_json: bool) -> None:
    """Figures of a day and of the periods running on it."""
    if (district is None) == (school is None):
        raise RuleError("place_required")
    found = figures_of_school(str(school), as_of) if school else figures_of_district(str(district), as_of)
    if as_json:
        print_json(found)
        return
    for one in found:
        unit = one.get("unit", school)
        numerator = one["numerator"] if one.get("hidden") is None else f"({one['hidden']})"
        value = numerator if one["denominator"] is None else f"{numerator}/{one['denominator']}"
        click.echo(f"{one['as_of']}  {unit}  {one['indicator']}  {value}")


def district_of(slug: str) -> int:
    """Id of a district. Raises NotFoundError."""
    with session_for(looking_up(Login.AGGREGATOR)) as session:
        found = session.scalar(select(District.id).where(District.slug == slug))
    if found is None:
        raise NotFoundError("district_unknown", slug=slug)
    return found


def figures_of_school(slug: str, as_of: date | None) -> list[dict[str, Any]]:
    """A school's exact rows of a day and its month; of the last day computed by default."""
    with session_for(looking_up()) as session:
        school = session.scalars(select(School).where(School.slug == slug)).one_or_none()
    if school is None:
        raise NotFoundError("school_unknown", slug=slug)
    with session_for(acting_for_school(school.id, district_id=school.district_id)) as session:
        day = as_of or session.scalar(queries.last_counted_day(school.id))
        if day is None:
            return []
        targets = targets_of(session, school.district_id)
        rows = session.scalars(queries.own_figures_as_of(school.id, day))
        return [described(row, targets) for row in rows if row.indicator in INDICATORS]


def figures_of_district(slug: str, as_of: date | None) -> list[dict[str, Any]]:
    """What the district is shown of a day and its month: itself, its townships, its schools."""
    district_id = district_of(slug)
    with session_for(acting_for_district(district_id)) as session:
        last = select(IndicatorRun.as_of).where(IndicatorRun.state == "done")
        day = as_of or session.scalar(last.order_by(IndicatorRun.as_of.desc()).limit(1))
        if day is None:
            return []
        names = {("district", district_id): slug}
        names |= {("school", one.id): one.slug for one in session.scalars(select(School))}
        names |= {("township", one.id): one.name for one in session.scalars(select(Township))}
        targets = targets_of(session, district_id)
        rows = session.scalars(
            published.figures_as_of(day).order_by(
                DistrictIndicator.level, DistrictIndicator.unit_id, DistrictIndicator.indicator
            )
        )
        return [
            {"level": row.level, "unit": names.get((row.level, row.unit_id))}
            | described(row, targets)
            | {
                "hidden": row.hidden,
                "slack": row.slack,
                "schools_reporting": row.schools_reporting,
                "schools_expected": row.schools_expected,
            }
            for row in rows
            if row.indicator in INDICATORS
        ]


def described(row: SchoolIndicator | DistrictIndicator, targets: Targets) -> dict[str, Any]:
    """A figure as JSON: parts, rate, period and target."""
    figure = figure_of(row, targets)
    return {
        "indicator": row.indicator,
        "period": figure.indicator.period,
        "starts_on": row.starts_on,
        "as_of": row.as_of,
        "numerator": row.numerator,
        "denominator": row.denominator,
        "rate": figure.rate,
        "target": figure.target,
    }
