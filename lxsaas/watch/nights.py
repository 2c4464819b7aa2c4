"""How the nights of all districts stand at an instant: one scope, four statements a district."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from lxsaas.core.scope import Login, aggregating, looking_up
from lxsaas.extensions import session_for
from lxsaas.indicators import engine
from lxsaas.indicators.models import IndicatorRun
from lxsaas.schools.models import District, School
from lxsaas.watch import queries
from lxsaas.watch.models import NightAlarm

HISTORY = 10
"""Runs that are looked at."""


@dataclass(frozen=True)
class RunState:
    """A run with its units by state and those that were given up."""

    run: IndicatorRun
    units: Mapping[str, int]
    dead: Sequence[tuple[str, str | None, int]]
    """(school's slug, class of the error, attempts)."""

    @property
    def seconds(self) -> float | None:
        """From its start to its end; None while it is running."""
        if self.run.finished_at is None:
            return None
        return (self.run.finished_at - self.run.started_at).total_seconds()

    @property
    def is_complete(self) -> bool:
        """Published, with every school."""
        return self.run.state == "done" and not self.dead


@dataclass(frozen=True)
class DistrictState:
    """A district's nights, mail and alarms."""

    id: int
    slug: str
    name: str
    timezone: str
    as_of: date
    """The day whose night should be computed by now or is being computed."""
    began_at: datetime
    """The hour of that night."""
    deadline: datetime
    night: RunState | None
    runs: Sequence[RunState]
    outbox: Mapping[str, int] = field(default_factory=dict)
    alarms: Sequence[NightAlarm] = ()

    @property
    def is_complete(self) -> bool:
        return self.night is not None and self.night.is_complete

    def lag(self, now: datetime) -> float:
        """Seconds from the night's hour to its completion, or until now while it is not complete."""
        finished = self.night.run.finished_at if self.night and self.is_complete else None
        return ((finished or now) - self.began_at).total_seconds()

    def is_late(self, now: datetime) -> bool:
        """Not complete by the set hour."""
        return now >= self.deadline and not self.is_complete


def hours_of(timezone: str, as_of: date, deadline: time) -> tuple[datetime, datetime]:
    """When the night of a day begins and by when it should be complete, as instants."""
    morning = datetime.combine(as_of + timedelta(days=1), time(), tzinfo=ZoneInfo(timezone))
    due = datetime.combine(as_of + timedelta(days=1), deadline, tzinfo=ZoneInfo(timezone))
    return (morning + engine.NIGHT_HOUR).astimezone(UTC), due.astimezone(UTC)


def state_of_all(now: datetime, deadline: time, *, slug: str | None = None) -> list[DistrictState]:
    """Every district, or the one with this slug."""
    with session_for(looking_up(Login.AGGREGATOR)) as session:
        query = select(District.id, District.slug, District.name, District.timezone).order_by(District.slug)
        districts = session.execute(query if slug is None else query.where(District.slug == slug)).all()
        pairs = session.execute(select(School.district_id, School.id)).all()
    schools: dict[int, list[int]] = {}
    for district_id, school_id in pairs:
        schools.setdefault(district_id, []).append(school_id)
    return [
        _state_of((row[0], row[1], row[2], row[3]), schools.get(row[0], []), now, deadline)
        for row in districts
    ]


def _state_of(
    district: tuple[int, str, str, str], schools: Sequence[int], now: datetime, deadline: time
) -> DistrictState:
    district_id, slug, name, timezone = district
    as_of = engine.night_of(timezone, now)
    began_at, due = hours_of(timezone, as_of, deadline)
    with session_for(aggregating(district_id, schools)) as session:
        runs = list(session.scalars(queries.last_runs(district_id, HISTORY)))
        night = session.scalars(queries.night_of(district_id, as_of)).one_or_none()
        states = _with_units(session, {run.id: run for run in [*runs, *([night] if night else [])]})
        return DistrictState(
            district_id, slug, name, timezone, as_of, began_at, due,
            states.get(night.id) if night else None,
            [states[run.id] for run in runs],
            {row[0]: row[1] for row in session.execute(queries.outbox_of(district_id))},
            list(session.scalars(queries.open_alarms(district_id))),
        )  # fmt: skip


def _with_units(session: Session, runs: Mapping[int, IndicatorRun]) -> dict[int, RunState]:
    units: dict[int, dict[str, int]] = {run_id: dict.fromkeys(engine.UNIT_STATES, 0) for run_id in runs}
    for run_id, state, count in session.execute(queries.units_of(list(runs))):
        units[run_id][state] = count
    dead: dict[int, list[tuple[str, str | None, int]]] = {run_id: [] for run_id in runs}
    for run_id, school, error, attempts in session.execute(queries.dead_units(list(runs))):
        dead[run_id].append((school, error, attempts))
    return {run_id: RunState(run, units[run_id], dead[run_id]) for run_id, run in runs.items()}
