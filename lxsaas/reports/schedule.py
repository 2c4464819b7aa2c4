"""Which reports are due when, on the district's own clock. Pure functions.

A report is of a period that is over: a night's day, a week from Monday, a month, a term. Its due instant
follows from the subscription and the zone; what was owed is told by the period alone, so a zone or an hour
that is changed moves instants and neither repeats a report nor skips one.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from lxsaas.core.clock import add_months, month_end, month_start

Report = Literal["night", "week", "month", "term"]
EXPIRES: Mapping[str, timedelta] = {
    "night": timedelta(days=3),
    "week": timedelta(days=7),
    "month": timedelta(days=28),
    "term": timedelta(days=60),
    "alarms": timedelta(days=3),
    "filings": timedelta(days=7),
}
"""How long after its due instant a report is still sent; later it is history."""
_DAY = timedelta(days=1)


class Schedule(Protocol):
    """What of a subscription says when: the model's own columns."""

    @property
    def report(self) -> str: ...
    @property
    def send_at(self) -> time: ...
    @property
    def weekday(self) -> int | None: ...
    @property
    def day_of_month(self) -> int | None: ...
    @property
    def days_after(self) -> int | None: ...


@dataclass(frozen=True)
class TermSpan:
    """A term of the district; both days are included."""

    name: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class DistrictClock:
    """What of a district decides when its reports are due: its zone and its terms."""

    zone: str
    terms: Sequence[TermSpan]


@dataclass(frozen=True)
class Due:
    """A report that is due."""

    period_on: date
    """First day of the period, of a night its day: what tells one report from the next."""
    last_day: date
    """Last day of the period."""
    at: datetime
    """In UTC."""


def dues(
    schedule: Schedule, zone: str, terms: Sequence[TermSpan], after: datetime, until: datetime
) -> list[Due]:
    """The reports that fall due in (after, until], in their order."""
    return [one for one in _from(schedule, zone, terms, after, until) if after < one.at <= until]


def next_due(
    schedule: Schedule,
    zone: str,
    terms: Sequence[TermSpan],
    after: datetime,
    *,
    since: date | None = None,
    owed: Container[date] = (),
) -> Due | None:
    """The first report that falls due after an instant; None where no term is known that will end.

    Of periods before `since` there is none, nor one of those that are owed already.
    """
    horizon = after + timedelta(days=800 if schedule.report == "term" else 70)
    return next(
        (
            one
            for one in _from(schedule, zone, terms, after, horizon)
            if one.at > after and one.period_on not in owed and (since is None or one.period_on >= since)
        ),
        None,
    )


def since_now(schedule: Schedule, zone: str, terms: Sequence[TermSpan], now: datetime) -> date | None:
    """From which period on reports are wanted by somebody who asks now: none that is due already."""
    back = now - timedelta(days=800 if schedule.report == "term" else 40)
    past = dues(schedule, zone, terms, back, now)
    return past[-1].period_on + _DAY if past else None


def _from(
    schedule: Schedule, zone: str, terms: Sequence[TermSpan], after: datetime, until: datetime
) -> Iterator[Due]:
    """All reports whose due day lies in a stretch of instants, and perhaps some around it."""
    first, last = (instant.astimezone(ZoneInfo(zone)).date() for instant in (after, until))
    # A day more at either end: an hour that summer time skips comes later, perhaps on the next day.
    day, end = first - _DAY, last + _DAY
    while day <= end:
        period = _period_due_on(schedule, terms, day)
        if period is not None:
            yield Due(*period, instant_of(day, schedule.send_at, zone))
        day += _DAY


def _period_due_on(schedule: Schedule, terms: Sequence[TermSpan], day: date) -> tuple[date, date] | None:
    """First and last day of the period whose report is due on a day, if one is."""
    if schedule.report == "night":
        return day - _DAY, day - _DAY
    if schedule.report == "week" and day.isoweekday() == schedule.weekday:
        monday = day - timedelta(days=day.isoweekday() + 6)
        return monday, monday + timedelta(days=6)
    if schedule.report == "month" and day.day == min(schedule.day_of_month or 1, month_end(day).day):
        start = add_months(month_start(day), -1)
        return start, month_end(start)
    if schedule.report == "term":
        ended = day - timedelta(days=schedule.days_after or 1)
        return next(((one.starts_on, one.ends_on) for one in terms if one.ends_on == ended), None)
    return None


def latest_period(report: str, terms: Sequence[TermSpan], today: date) -> date | None:
    """First day of the newest period that is over on a day, of a night its day; None before a term's end."""
    if report == "week":
        return today - timedelta(days=today.isoweekday() + 6)
    if report == "month":
        return add_months(month_start(today), -1)
    if report == "term":
        return max((one.starts_on for one in terms if one.ends_on < today), default=None)
    return today - _DAY


def period_of(report: str, period_on: date, terms: Sequence[TermSpan]) -> tuple[date, date]:
    """First and last day of the period that a message names."""
    if report == "week":
        return period_on, period_on + timedelta(days=6)
    if report == "month":
        return period_on, month_end(period_on)
    term = next((one for one in terms if report == "term" and one.starts_on == period_on), None)
    return period_on, term.ends_on if term else period_on


def instant_of(day: date, hour: time, zone: str) -> datetime:
    """The instant of a wall-clock time, in UTC.

    A time that summer time skips comes as much after the gap; of one that comes twice the first is meant.
    """
    return datetime.combine(day, hour, ZoneInfo(zone)).astimezone(UTC)
