"""Counts the schools of a claim: which periods, and their rows replaced; the caller commits once."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from lxsaas.core.clock import month_end, month_start
from lxsaas.core.scope import narrowed
from lxsaas.indicators import queries, statements
from lxsaas.indicators.definitions import INDICATORS, codes_of
from lxsaas.indicators.models import IndicatorRun, IndicatorRunPeriod, IndicatorUnit, SchoolIndicator
from lxsaas.indicators.periods import (
    Calendar,
    Span,
    Wanted,
    merged,
    wanted_by_changes,
    wanted_by_run,
)

_parsed = cache(text)
"""A counting statement is 17 kB: it is parsed once in a process."""
CHUNK = 500
"""Schools times days a statement: what it needs of memory does not grow with a backfill's years."""


def count_claimed(session: Session, *, district_id: int, run_id: int, claim: uuid.UUID) -> int:
    """Counts the schools of a claim, replaces their rows and marks them done; how many they were."""
    held = (
        select(IndicatorUnit.school_id)
        .where(IndicatorUnit.run_id == run_id, IndicatorUnit.claim == claim, IndicatorUnit.state == "claimed")
        .with_for_update()
    )
    schools = sorted(session.scalars(held))
    if not schools:
        return 0
    run = session.scalars(select(IndicatorRun).where(IndicatorRun.id == run_id)).one()
    known = session.scalars(queries.known_days(district_id, run_id)).all()
    calendar = queries.calendar_of(session, district_id, known)
    note_counted(session, calendar, run, count_schools(session, calendar, run, schools))
    session.execute(
        update(IndicatorUnit)
        .where(IndicatorUnit.run_id == run_id, IndicatorUnit.claim == claim)
        .values(state="done", claim=None, error=None, finished_at=func.now())
    )
    return len(schools)


Counted = list[tuple[Sequence[str], Collection[tuple[int, date]]]]
"""Indicators, and the schools and as-of days for which they were counted."""


def count_schools(session: Session, calendar: Calendar, run: IndicatorRun, schools: Sequence[int]) -> Counted:
    """Counts what a run wants of some schools and what changed in them; what was counted or carried forward.

    Beside the run's own day and the month and term in which it lies, closed periods are counted where
    something changed in them, and those whose last count came before their end. A school in which nothing
    changed and nothing depends on the date keeps its figures; they are carried forward to the day, and
    counted as far as care records alone changed.
    """
    changes, of_care = take_changes(session, schools, run.as_of)
    counted = {row.school_id: row for row in session.execute(queries.standing_of(schools))}
    late = behind(run, schools, counted)
    steady = [] if run.is_full else steady_schools(calendar, run, counted.values(), {*changes, *late})
    moving = [school_id for school_id in schools if school_id not in steady]
    whole = merged(
        wanted_by_run(calendar, moving, run.since or run.as_of, run.as_of),
        wanted_by_changes(calendar, changes),
        wanted_by_changes(calendar, {one: of_care[one] for one in moving if one in of_care}),
        unfinished(session, calendar, late),
    )
    with_care = {one: of_care[one] for one in steady if one in of_care}
    care = merged(wanted_by_changes(calendar, with_care))
    carried = carry_forward(session, calendar, run, steady, with_care) if steady else []
    wanted: Counted = [
        *((codes_of(*periods), pairs) for periods, pairs in whole.items()),
        *((statements.care_codes_of(*periods), pairs) for periods, pairs in care.items()),
    ]
    for codes, pairs in wanted:
        count(session, calendar, codes, pairs, run.id)
    note_standing(session, calendar, moving, run.as_of)
    forget_lost_terms(session, calendar, changes)
    return wanted + carried


Changes = dict[int, list[Span]]
"""The spans of days in which each school changed something."""


def take_changes(session: Session, schools: Sequence[int], as_of: date) -> tuple[Changes, Changes]:
    """What each school changed since its last count: in anything, and in care records up to the day alone.

    Taken away here, in the transaction that counts them; what commits later stays for the next run. The day
    of the school's last entry is kept.
    """
    taken = text("""
        with gone as (
            delete from change_log where school_id = any (:schools)
            returning school_id, starts_on, ends_on, about = 'care_record' and ends_on <= :as_of as of_care,
                recorded_at
        ), entered as (
            insert into school_activity (district_id, unit_id, last_entry_on)
            select school.district_id, school.id,
                max((recorded_at at time zone district.timezone)::date) as last_entry_on
            from gone join school on school.id = gone.school_id
            join district on district.id = school.district_id
            group by school.district_id, school.id
            on conflict (district_id, unit_id) do update set
                last_entry_on = greatest(school_activity.last_entry_on, excluded.last_entry_on)
        )
        select school_id, of_care, lower(span) as first, upper(span) - 1 as last
        from (select school_id, of_care, unnest(range_agg(daterange(starts_on, ends_on, '[]'))) as span
              from gone group by school_id, of_care) as changed
    """)
    found: Changes = {}
    of_care: Changes = {}
    for row in session.execute(taken, {"schools": list(schools), "as_of": as_of}):
        kind = of_care if row.of_care else found
        kind.setdefault(row.school_id, []).append((row.first, row.last))
    return found, of_care


def steady_schools(
    calendar: Calendar, run: IndicatorRun, counted: Iterable[Any], changed: Collection[int]
) -> list[int]:
    """Those whose last count still stands on the run's day, as nothing changed in them."""
    day = run.as_of
    if day != calendar.newest or (run.since or day) != day:
        return []
    formula = calendar.formula(day)
    return [
        one.school_id
        for one in counted
        if one.school_id not in changed and one.counted_on <= day < one.changes_on and one.formula == formula
    ]


def behind(run: IndicatorRun, schools: Iterable[int], counted: Mapping[int, Any]) -> list[int]:
    """The schools that were not counted on the day before the run's first: nights of theirs were missed."""
    before = (run.since or run.as_of) - timedelta(days=1)
    return [one for one in schools if one not in counted or counted[one].counted_on < before]


def carry_forward(
    session: Session,
    calendar: Calendar,
    run: IndicatorRun,
    schools: Sequence[int],
    with_care: Iterable[int],
) -> Counted:
    """Gives the day the figures of the last one counted, and counts those that a child's day changed.

    Month and term stand as they are; only at their end is noted that they were counted to it.
    """
    day, term = run.as_of, calendar.term_on(run.as_of)
    ended = [(code, month_start(day)) for code in codes_of("month") if day == month_end(day)]
    ended += [(code, term.starts_on) for code in codes_of("term") if term and day == term.ends_on]
    parameters: dict[str, Any] = {
        "schools": list(schools), "as_of": day, "run_id": run.id, "day": list(codes_of("day")),
        "codes": [code for code, _ in ended], "starts": [start for _, start in ended],
        "definition": calendar.definition_on(day),
        "first_birthday": day.month * 100 + day.day,
        "last_birthday": day.month * 100 + (31 if day == month_end(day) else day.day),
    }  # fmt: skip
    differing = set(session.scalars(_parsed(statements.FEW_SQL), parameters))
    session.execute(_parsed(statements.CARRIED_SQL), parameters)
    if ended:
        session.execute(_parsed(statements.ENDED_SQL), parameters)
    session.execute(_parsed(statements.COUNTED_SQL), parameters)
    few = [(school_id, day) for school_id in differing]
    count(session, calendar, statements.FEW_CODES, few, run.id)
    if some := sorted(differing.union(with_care)):
        with narrowed(session, some):
            session.execute(_parsed(statements.FEW_STANDING_SQL), {"schools": some, "as_of": day})
    return [(statements.FEW_CODES, few), (codes_of("day"), [(school_id, day) for school_id in schools])]


def note_counted(session: Session, calendar: Calendar, run: IndicatorRun, counted: Counted) -> None:
    """Notes what this claim counted of which periods for which schools, for the run's publication.

    The running periods also where no figure of theirs was counted: they stand to the day.
    """
    found: dict[tuple[str, date], tuple[date, set[int]]] = {}

    def add(codes: Iterable[str], day: date, schools: Iterable[int]) -> None:
        for code in codes:
            if (start := calendar.start(INDICATORS[code].period, day)) is not None:
                last, ids = found.get((code, start), (day, set()))
                found[code, start] = max(last, day), ids.union(schools)

    for codes, pairs in counted:
        by_day: dict[date, list[int]] = defaultdict(list)
        for school_id, day in pairs:
            by_day[day].append(school_id)
        for day, schools in by_day.items():
            add(codes, day, schools)
    add(INDICATORS, run.as_of, ())
    together: dict[tuple[date, date, frozenset[int]], list[str]] = defaultdict(list)
    for (code, start), (last, ids) in found.items():
        together[start, last, frozenset(ids)].append(code)
    rows = [
        {
            "district_id": run.district_id, "run_id": run.id, "codes": codes,
            "starts_on": start, "as_of": last, "school_ids": sorted(ids),
        }
        for (start, last, ids), codes in together.items()
    ]  # fmt: skip
    session.execute(insert(IndicatorRunPeriod), rows)


def forget_lost_terms(session: Session, calendar: Calendar, changed: Collection[int]) -> None:
    """Takes away what was counted of terms that were moved since and have none of the known days any more."""
    if changed:
        session.execute(
            delete(SchoolIndicator).where(
                SchoolIndicator.school_id == queries.one_of(changed),
                SchoolIndicator.indicator.in_(codes_of("term")),
                SchoolIndicator.starts_on.not_in([*calendar.known_terms]),
            )
        )


def unfinished(session: Session, calendar: Calendar, schools: Sequence[int]) -> Wanted:
    """Months and terms that are over and whose last count came before their end: nights were missed."""
    found: Wanted = {}
    if not schools:
        return found
    for period, query in queries.unfinished(schools, calendar.newest).items():
        found[(period,)] = {(row[0], row[1]) for row in session.execute(query)}
    return found


def count(
    session: Session, calendar: Calendar, codes: Sequence[str], pairs: Iterable[tuple[int, date]], run_id: int
) -> None:
    """Replaces the rows of these indicators for schools and as-of days."""
    ordered = sorted(pairs)
    for start in range(0, len(ordered), CHUNK):
        chunk = ordered[start : start + CHUNK]
        with narrowed(session, {school_id for school_id, _ in chunk}):
            parameters = calendar.wanted(chunk) | {"run_id": run_id}
            session.execute(_parsed(statements.counting_sql(codes)), parameters)


def note_standing(session: Session, calendar: Calendar, schools: Sequence[int], as_of: date) -> None:
    """Notes until when the figures of these schools stand, unless a later day was counted."""
    if schools and as_of == calendar.newest:
        parameters = {
            "schools": list(schools), "as_of": as_of, "definition": calendar.definition_on(as_of),
            "calendar_changes_on": calendar.changes_on(as_of), "formula": calendar.formula(as_of),
        }  # fmt: skip
        with narrowed(session, schools):
            session.execute(_parsed(statements.STANDING_SQL), parameters)
