"""Over a year, whatever the schedule, zone and outages: each due report once, none before its time."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lxsaas.core.clock import add_months, month_end
from lxsaas.reports.schedule import (
    EXPIRES,
    TermSpan,
    dues,
    instant_of,
    next_due,
    period_of,
    since_now,
)

SHANGHAI = "Asia/Shanghai"
# Summer time north and south, half an hour of it, gaps at midnight, both ends of the world.
ZONES = (
    SHANGHAI, "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Havana", "Africa/Cairo",
    "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Tehran",
)  # fmt: skip
DAY = timedelta(days=1)
TERMS = [
    TermSpan("spring", date(2023, 2, 20), date(2023, 7, 7)),
    TermSpan("autumn", date(2023, 9, 1), date(2024, 1, 19)),
    TermSpan("spring", date(2024, 2, 26), date(2024, 7, 5)),
]


@dataclass(frozen=True)
class Plan:
    """A schedule as the model's columns hold it."""

    report: str
    send_at: time = time(5)
    weekday: int | None = None
    day_of_month: int | None = None
    days_after: int | None = None


HOURS = st.times().map(lambda one: one.replace(second=0, microsecond=0))
PLANS = st.one_of(
    st.builds(Plan, st.just("night"), HOURS),
    st.builds(Plan, st.just("week"), HOURS, weekday=st.integers(1, 7)),
    st.builds(Plan, st.just("month"), HOURS, day_of_month=st.integers(1, 31)),
    st.builds(Plan, st.just("term"), HOURS, days_after=st.integers(1, 60)),
)
STARTS = st.integers(0, 396 * 24 * 60).map(
    lambda minutes: datetime(2023, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def expected(plan: Plan, first: date, last: date) -> list[date]:
    """The periods whose report is due on a local day of the stretch, told day by day without shared code."""
    found = []
    for number in range((last - first).days + 1):
        day = first + number * DAY
        if plan.report == "night":
            found.append(day - DAY)
        elif plan.report == "week" and day.isoweekday() == plan.weekday:
            found.append(day - (day.isoweekday() - 1) * DAY - 7 * DAY)
        elif plan.report == "month" and (
            day.day == plan.day_of_month or (day == month_end(day) and (plan.day_of_month or 0) > day.day)
        ):
            found.append((day.replace(day=1) - DAY).replace(day=1))
        elif plan.report == "term":
            found += [one.starts_on for one in TERMS if one.ends_on + (plan.days_after or 0) * DAY == day]
    return found


@settings(max_examples=120, deadline=None)
@given(PLANS, st.sampled_from(ZONES), STARTS)
def test_a_year_has_each_report_once_and_on_the_local_day(plan: Plan, zone: str, start: datetime) -> None:
    end = start + timedelta(days=366)
    found = dues(plan, zone, TERMS, start, end)
    periods = [one.period_on for one in found]
    assert len(set(periods)) == len(periods)
    assert [one.at for one in found] == sorted(one.at for one in found)
    local = ZoneInfo(zone)
    inner = expected(plan, start.astimezone(local).date() + DAY, end.astimezone(local).date() - DAY)
    outer = expected(plan, start.astimezone(local).date() - DAY, end.astimezone(local).date() + DAY)
    assert set(inner) <= set(periods) <= set(outer)
    for one in found:
        assert period_of(plan.report, one.period_on, TERMS) == (one.period_on, one.last_day)
        assert one.at.astimezone(local).date() > one.last_day


@dataclass
class Outbox:
    """What the database does: a message a period, and nothing that was due before it was asked for."""

    plan: Plan
    since: date | None
    owed: dict[date, datetime]

    def tick(self, zone: str, now: datetime) -> None:
        for one in dues(self.plan, zone, TERMS, now - EXPIRES[self.plan.report], now):
            if self.since is None or one.period_on >= self.since:
                self.owed.setdefault(one.period_on, now)


@settings(max_examples=120, deadline=None)
@given(
    PLANS,
    st.lists(st.sampled_from(ZONES), min_size=1, max_size=3),
    STARTS,
    st.lists(STARTS, max_size=2).map(sorted),
    st.integers(0),
)
def test_outages_ticks_and_changes_of_zone_neither_repeat_nor_skip_a_report(
    plan: Plan, zones: list[str], start: datetime, zone_changes: list[datetime], seed: int
) -> None:
    """Down for less than a report is sent late; the zone changes at any hour; what was owed stays told."""
    longest = EXPIRES[plan.report] - timedelta(hours=27)
    end = start + timedelta(days=366)
    now, random = start, Random(seed)
    outbox = Outbox(plan, since_now(plan, zones[0], TERMS, start), {})
    ticks: list[tuple[datetime, str]] = []
    while now < end:
        zone = zones[bisect_right(zone_changes, now) % len(zones)]
        outbox.tick(zone, now)
        ticks.append((now, zone))
        now += random.choice((timedelta(minutes=5), timedelta(hours=7), longest)) * random.random()
    first_zone, last_zone = ZoneInfo(ticks[0][1]), ZoneInfo(ticks[-1][1])
    # Two days around the ends depend on zones that are twenty-six hours apart.
    first, last = ticks[0][0].astimezone(first_zone).date(), ticks[-1][0].astimezone(last_zone).date()
    must = set(expected(plan, first + 3 * DAY, last - 2 * DAY))
    may = set(expected(plan, first - 2 * DAY, last + 2 * DAY))
    assert must <= set(outbox.owed) <= may
    for period_on, at in outbox.owed.items():
        zone = next(zone for instant, zone in ticks if instant == at)
        due = next(
            one for one in dues(plan, zone, TERMS, start - 60 * DAY, end) if one.period_on == period_on
        )
        assert due.at <= at


@settings(max_examples=60, deadline=None)
@given(PLANS, st.sampled_from(ZONES), STARTS)
def test_who_asks_now_gets_first_what_is_due_next(plan: Plan, zone: str, now: datetime) -> None:
    since, following = since_now(plan, zone, TERMS, now), next_due(plan, zone, TERMS, now)
    owed = [
        one.period_on
        for one in dues(plan, zone, TERMS, now - 60 * DAY, now + 120 * DAY)
        if since is None or one.period_on >= since
    ]
    if plan.report != "term":
        assert following is not None
        assert owed[0] == following.period_on


def test_a_clock_that_jumps_back_repeats_nothing() -> None:
    plan = Plan("night", time(6, 30))
    outbox = Outbox(plan, None, {})
    morning = datetime(2024, 5, 1, 23, tzinfo=UTC)
    for now in (morning, morning + 30 * DAY, morning, morning + DAY):
        outbox.tick(SHANGHAI, now)
    assert outbox.owed[date(2024, 5, 1)] == morning
    assert outbox.owed[date(2024, 5, 2)] == morning + DAY


def test_monday_at_five_in_shanghai_is_a_monday() -> None:
    (due,) = dues(
        Plan("week", weekday=1),
        SHANGHAI,
        [],
        datetime(2026, 11, 22, 12, tzinfo=UTC),
        datetime(2026, 11, 25, tzinfo=UTC),
    )
    assert due.at == datetime(2026, 11, 22, 21, tzinfo=UTC)
    assert (due.period_on, due.last_day) == (date(2026, 11, 16), date(2026, 11, 22))


@pytest.mark.parametrize(
    ("year", "days"), [(2023, [31, 28, 31, 30]), (2024, [31, 29, 31, 30])], ids=["plain", "leap"]
)
def test_the_thirty_first_is_the_last_day_of_a_shorter_month(year: int, days: list[int]) -> None:
    plan = Plan("month", time(5), day_of_month=31)
    found = dues(
        plan, SHANGHAI, [], datetime(year - 1, 12, 31, 16, tzinfo=UTC), datetime(year, 4, 30, 16, tzinfo=UTC)
    )
    assert [one.at.astimezone(ZoneInfo(SHANGHAI)).day for one in found] == days
    assert [one.period_on for one in found] == [add_months(date(year - 1, 12, 1), step) for step in range(4)]


@pytest.mark.parametrize(
    ("day", "hour", "utc"),
    [
        # 2:30 does not exist on this day; 1:30 comes twice on the day in November.
        (date(2024, 3, 10), time(2, 30), datetime(2024, 3, 10, 7, 30, tzinfo=UTC)),
        (date(2024, 11, 3), time(1, 30), datetime(2024, 11, 3, 5, 30, tzinfo=UTC)),
    ],
)
def test_hours_that_are_missing_or_come_twice(day: date, hour: time, utc: datetime) -> None:
    assert instant_of(day, hour, "America/New_York") == utc


def test_what_is_too_old_is_history() -> None:
    outbox = Outbox(Plan("week", weekday=1), None, {})
    outbox.tick(SHANGHAI, datetime(2024, 5, 6, tzinfo=UTC))
    outbox.tick(SHANGHAI, datetime(2024, 7, 3, tzinfo=UTC))
    assert sorted(outbox.owed) == [date(2024, 4, 29), date(2024, 6, 24)]


def test_without_a_term_that_ends_no_termly_report_is_due() -> None:
    assert next_due(Plan("term", days_after=7), SHANGHAI, [], datetime(2024, 5, 1, tzinfo=UTC)) is None
