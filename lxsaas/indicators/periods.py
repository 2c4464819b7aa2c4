"""Which days, months and terms are counted for which schools: the calendar of a district. Pure functions."""

import hashlib
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from lxsaas.core.clock import month_end, month_start
from lxsaas.indicators.definitions import INDICATORS, Period

Span = tuple[date, date | None]
"""First and last day; None: from then on."""

REACH: Mapping[Period, tuple[timedelta, timedelta]] = {
    # A contact counts for a child at high risk on the 13 days after it.
    "day": (timedelta(0), timedelta(days=13)),
    # A greeting may lie three days outside the month, a week begins six days before the Sunday it belongs to.
    "month": (timedelta(days=3), timedelta(days=6)),
    "term": (timedelta(0), timedelta(0)),
}
"""How many days before and after a changed day periods still depend on it."""


@dataclass(frozen=True)
class TermDays:
    """A term as counting needs it."""

    name: str
    starts_on: date
    ends_on: date
    filing_due_on: date | None


@dataclass(frozen=True)
class Calendar:
    """A district's terms, the definitions it chose, and the days for which figures stand."""

    terms: Sequence[TermDays]
    first_definition: str
    choices: Sequence[tuple[date, str]]
    """From which day which definition, in order."""
    known: Sequence[date]
    """Days of all runs, in order; at least one."""

    def definition_on(self, day: date) -> str:
        """Code of the definition whose children are counted on a day."""
        chosen = [definition for since, definition in self.choices if since <= day]
        return chosen[-1] if chosen else self.first_definition

    def term_on(self, day: date) -> TermDays | None:
        """The term in which a day lies, if any."""
        return next((term for term in self.terms if term.starts_on <= day <= term.ends_on), None)

    def start(self, period: Period, day: date) -> date | None:
        """First day of the period in which a day lies; None for the term of a day in the holidays."""
        if period == "term":
            term = self.term_on(day)
            return None if term is None else term.starts_on
        return day if period == "day" else month_start(day)

    def wanted(self, pairs: Sequence[tuple[int, date]]) -> dict[str, Any]:
        """The arrays of the relation `wanted` (`lxsaas.indicators.relations`) for schools and as-of days."""
        days = {day: (self.definition_on(day), self.term_on(day)) for _, day in pairs}
        terms = [days[day][1] for _, day in pairs]
        return {
            "schools": [school_id for school_id, _ in pairs],
            "days": [day for _, day in pairs],
            "definitions": [days[day][0] for _, day in pairs],
            "term_starts": [term and term.starts_on for term in terms],
            "terms": [term and term.name for term in terms],
        }

    @property
    def newest(self) -> date:
        """The last day for which figures stand."""
        return self.known[-1]

    @cached_property
    def months(self) -> Mapping[date, date]:
        """First days of the known months, each with its last day to count: its end once it is over."""
        starts = dict.fromkeys(day.replace(day=1) for day in self.known)
        return {start: min(month_end(start), self.newest) for start in starts}

    @cached_property
    def known_terms(self) -> Mapping[date, date]:
        """First days of the known terms, each with its last day to count."""
        terms = [term for term in map(self.term_on, self.known) if term is not None]
        return {term.starts_on: min(term.ends_on, self.newest) for term in terms}

    def ends(self, period: Period, span: Span) -> Iterable[date]:
        """The as-of days of the known periods that depend on a day of the span."""
        before, after = REACH[period]
        first, last = span[0] - before, span[1] and span[1] + after
        if period == "day":
            stop = len(self.known) if last is None else bisect_right(self.known, last)
            return self.known[bisect_left(self.known, first) : stop]
        periods = self.months if period == "month" else self.known_terms
        return [
            end
            for start, end in periods.items()
            if (month_end(end) if period == "month" else end) >= first and (last is None or start <= last)
        ]

    def changes_on(self, day: date) -> date:
        """The next day on which a week or month is over, or a term begins, is over or has a filing due."""
        sunday = day + timedelta(days=7 - day.isoweekday() % 7)
        of_terms = (
            one
            for term in self.terms
            for one in (term.starts_on, term.ends_on + timedelta(days=1), term.filing_due_on)
        )
        later = (one for one in of_terms if one is not None and one > day)
        return min(sunday, month_end(day) + timedelta(days=1), *later)

    def formula(self, day: date) -> str:
        """What a school's running figures depend on besides its rows; changes when any of it does."""
        versions = [(one.code, one.version) for one in INDICATORS.values()]
        parts = repr((versions, self.definition_on(day), self.terms))
        return hashlib.sha256(parts.encode()).hexdigest()[:16]


Wanted = dict[tuple[Period, ...], set[tuple[int, date]]]
"""For the indicators of some periods: schools and as-of days."""


def wanted_by_run(calendar: Calendar, schools: Iterable[int], since: date, as_of: date) -> Wanted:
    """What a run counts by itself: each of its days, and the months and terms in which they lie.

    No run takes a month or term back: it is counted to the newest known day in it.
    """
    wanted: Wanted = defaultdict(set)
    schools = list(schools)
    ends: dict[Period, set[date]] = {
        "day": {day for day in calendar.known if since <= day <= as_of},
        "month": {last for first, last in calendar.months.items() if month_start(since) <= first <= as_of},
        "term": {last for first, last in calendar.known_terms.items() if first <= as_of and last >= since},
    }
    # The running day, month and term together read each child once.
    together = all(as_of in days for period, days in ends.items() if period != "term")
    for period, days in ends.items():
        for day in days:
            key: tuple[Period, ...] = ("day", "month", "term") if together and day == as_of else (period,)
            wanted[key].update((school_id, day) for school_id in schools)
    return wanted


def wanted_by_changes(calendar: Calendar, changes: Mapping[int, Sequence[Span]]) -> Wanted:
    """The known periods that depend on what changed, whatever their age."""
    wanted: Wanted = defaultdict(set)
    for school_id, spans in changes.items():
        for span in spans:
            for period in REACH:
                wanted[(period,)].update((school_id, day) for day in calendar.ends(period, span))
    return wanted


def merged(*parts: Wanted) -> Wanted:
    """Everything that any of them wants, once; what is wanted for all periods of a day together."""
    result: Wanted = defaultdict(set)
    for part in parts:
        for periods, pairs in part.items():
            result[periods] |= pairs
    every: tuple[Period, ...] = ("day", "month", "term")
    result[every] |= result[("day",)] & result[("month",)] & result[("term",)]
    for period in every:
        result[(period,)] -= result[every]
    return result
