"""How the nights of all districts stand at an instant: a constant number of statements, nothing written."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TypeVar
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Row

from lxsaas.core.scope import Login, looking_up, watching
from lxsaas.extensions import session_for
from lxsaas.indicators import engine
from lxsaas.indicators.models import IndicatorRun
from lxsaas.reports.queries import counts_by_state, is_paused
from lxsaas.schools.models import District
from lxsaas.watch import queries
from lxsaas.watch.models import NightAlarm

HISTORY = 10
"""Runs that are looked at."""

log = structlog.get_logger()
Owned = TypeVar("Owned", IndicatorRun, NightAlarm)


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
class Night:
    """The computation of one day of a district."""

    as_of: date
    began_at: datetime
    """Its hour."""
    deadline: datetime
    """By when it should be complete; with the offset of the district's zone."""
    judged_by: RunState | None
    """The run that made it complete first, else the newest that computes this day."""

    @property
    def is_complete(self) -> bool:
        """Whether some run, the night's own or a later one, has published the day with every school."""
        return self.judged_by is not None and self.judged_by.is_complete

    def lag(self, now: datetime) -> float:
        """Seconds from the night's hour to its completion, or until now while it is not complete."""
        finished = self.judged_by.run.finished_at if self.judged_by and self.is_complete else None
        return ((finished or now) - self.began_at).total_seconds()


@dataclass(frozen=True)
class DistrictState:
    """A district's nights, mail and alarms."""

    id: int
    slug: str
    name: str
    night: Night
    """The night that should be computed by now or is being computed."""
    is_due: bool
    """Whether the district existed on the night's day."""
    runs: Sequence[RunState]
    last_complete: Night | None
    """The newest night that is complete."""
    outbox: Mapping[str, int]
    alarms: Sequence[tuple[NightAlarm, Night]]
    """Those that are open, each with its night."""
    has_mail_in_hand: bool
    """Whether an alarm's mail is being sent, or was when its sender was killed; also of a closed one."""

    def is_night_late(self, now: datetime) -> bool:
        """Whether the night due is not complete by the set hour."""
        return self.is_due and now >= self.night.deadline and not self.night.is_complete

    def is_late(self, now: datetime) -> bool:
        """Whether the night due is late, or the alarm of another one stands."""
        return bool(self.alarms) or self.is_night_late(now)

    def age(self, now: datetime) -> float | None:
        """Seconds since the end of the newest day that is complete; None before the first."""
        if self.last_complete is None:
            return None
        return (now - self.last_complete.began_at + engine.NIGHT_HOUR).total_seconds()

    def alarm_mails(self) -> Mapping[str, int]:
        """How many of the open alarms' mails are in which state."""
        return Counter(alarm.mail for alarm, _ in self.alarms)


@dataclass(frozen=True)
class Watched:
    """What one look shows."""

    districts: Sequence[DistrictState]
    is_mail_paused: bool
    sent_lately: Mapping[int, int]
    """By district: report mails of the last five minutes."""
    silenced: Mapping[int, int]
    """By district: subscriptions that were paused because their mail came back."""


@dataclass(frozen=True)
class _Found:
    """What the database said, by district or run."""

    runs: Mapping[int, Sequence[IndicatorRun]]
    over: Mapping[tuple[int, date], IndicatorRun]
    complete: Mapping[int, IndicatorRun]
    states: Mapping[int, RunState]
    outboxes: Mapping[int, Mapping[str, int]]
    alarms: Mapping[int, Sequence[NightAlarm]]
    is_mail_paused: bool
    sent_lately: Mapping[int, int]
    silenced: Mapping[int, int]


def hours_of(zone: tzinfo, as_of: date, deadline: time) -> tuple[datetime, datetime]:
    """When the night of a day begins and by when it should be complete, as instants."""
    morning = datetime.combine(as_of + timedelta(days=1), time(), tzinfo=zone)
    due = datetime.combine(as_of + timedelta(days=1), deadline, tzinfo=zone)
    # Through UTC, or the sum would be one of wall clocks.
    return morning.astimezone(UTC) + engine.NIGHT_HOUR, due


def zone_of(district: District) -> tzinfo:
    """A district's time zone; UTC for a name that is none: the others' nights are watched all the same."""
    try:
        return ZoneInfo(district.timezone)
    except (KeyError, ValueError, OSError):
        log.error("timezone_unknown", district=district.slug)
        return UTC


def state_of_all(now: datetime, deadline: time, *, slug: str | None = None) -> Watched:
    """Every district, or the one with this slug."""
    with session_for(looking_up(Login.AGGREGATOR)) as session:
        zones = {district: zone_of(district) for district in session.scalars(queries.districts(slug))}
    days = {
        district.id: (now - engine.NIGHT_HOUR).astimezone(zone).date() - timedelta(days=1)
        for district, zone in zones.items()
    }
    found = _find(days)
    return Watched(
        [_state_of(district, zone, days[district.id], found, deadline) for district, zone in zones.items()],
        found.is_mail_paused,
        found.sent_lately,
        found.silenced,
    )


def _find(days: Mapping[int, date]) -> _Found:
    """Reads all that concerns these districts, whose nights of these days are due."""
    ids = list(days)
    with session_for(watching()) as session:
        alarms = _grouped(session.scalars(queries.standing_alarms(ids)))
        nights = set(days.items()) | {(one.district_id, one.as_of) for of in alarms.values() for one in of}
        runs = _grouped(session.scalars(queries.last_runs(ids, HISTORY)))
        over = {
            (run.district_id, day): run for day, run in session.execute(queries.runs_over(sorted(nights)))
        }
        complete = {run.district_id: run for run in session.scalars(queries.last_complete_runs(ids))}
        outboxes: dict[int, dict[str, int]] = defaultdict(dict)
        for district_id, state, count in session.execute(counts_by_state(ids)):
            outboxes[district_id][state] = count
        every = [*over.values(), *complete.values(), *(run for of in runs.values() for run in of)]
        by_id = {run.id: run for run in every}
        units = session.execute(queries.units_of(by_id.keys())).all()
        dead = session.execute(queries.dead_units(by_id.keys())).all()
        paused = bool(session.scalar(is_paused()))
        sent_lately = {row[0]: row[1] for row in session.execute(queries.sent_lately())}
        silenced = {row[0]: row[1] for row in session.execute(queries.silenced())}
    states = _with_units(by_id, units, dead)
    return _Found(runs, over, complete, states, outboxes, alarms, paused, sent_lately, silenced)


def _grouped(rows: Iterable[Owned]) -> dict[int, list[Owned]]:
    grouped: dict[int, list[Owned]] = defaultdict(list)
    for row in rows:
        grouped[row.district_id].append(row)
    return grouped


def _with_units(
    runs: Mapping[int, IndicatorRun],
    counts: Iterable[Row[int, str, int]],
    given_up: Sequence[Row[int, int, str | None, int]],
) -> dict[int, RunState]:
    units: dict[int, dict[str, int]] = {run_id: dict.fromkeys(engine.UNIT_STATES, 0) for run_id in runs}
    for run_id, state, count in counts:
        units[run_id][state] = count
    with session_for(looking_up(Login.AGGREGATOR)) as session:
        slugs = {row[0]: row[1] for row in session.execute(queries.slugs_of({row[1] for row in given_up}))}
    dead: dict[int, list[tuple[str, str | None, int]]] = defaultdict(list)
    for run_id, school_id, error, attempts in given_up:
        dead[run_id].append((slugs[school_id], error, attempts))
    return {run_id: RunState(run, units[run_id], sorted(dead[run_id])) for run_id, run in runs.items()}


def _state_of(district: District, zone: tzinfo, as_of: date, found: _Found, deadline: time) -> DistrictState:
    def night_of(day: date, run: IndicatorRun | None) -> Night:
        return Night(day, *hours_of(zone, day, deadline), found.states[run.id] if run else None)

    alarms = found.alarms.get(district.id, [])
    complete = found.complete.get(district.id)
    return DistrictState(
        district.id, district.slug, district.name,
        night=night_of(as_of, found.over.get((district.id, as_of))),
        is_due=as_of >= district.created_at.astimezone(zone).date(),
        runs=[found.states[run.id] for run in found.runs.get(district.id, [])],
        last_complete=night_of(complete.as_of, complete) if complete else None,
        outbox=found.outboxes.get(district.id, {}),
        alarms=[
            (one, night_of(one.as_of, found.over.get((district.id, one.as_of))))
            for one in alarms if one.closed_at is None
        ],
        has_mail_in_hand=any(one.mail == "sending" for one in alarms),
    )  # fmt: skip
