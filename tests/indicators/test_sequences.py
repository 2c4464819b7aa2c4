"""Nights in any order with changes between them: everything stands as if counted from nothing at the end."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.orm import Session

from lxsaas.care.models import CareRecord
from lxsaas.core import clock
from lxsaas.core.changes import note_change
from lxsaas.core.clock import month_end, month_start
from lxsaas.core.db import table_of
from lxsaas.indicators import engine
from lxsaas.indicators.definitions import Period, codes_of
from lxsaas.support.models import MustVisit
from tests.factories import Factory
from tests.indicators.oracle import Figures, count_by_hand
from tests.indicators.random_districts import LENGTH, Dice, dice, sizes
from tests.indicators.test_exact import check, few_examples, in_app
from tests.indicators.world_children import BuiltSchool, write_facts
from tests.indicators.world_data import DistrictData, Facts, SchoolData
from tests.indicators.worlds import BuiltDistrict, build_district, write_school

__all__ = ["in_app"]

Noted = tuple[date, date | None, Literal["care_record"] | None]
"""First and last day, and what the change is about alone."""
Change = Callable[[Session, Dice, BuiltSchool, SchoolData, DistrictData], tuple[SchoolData, Iterable[Noted]]]
"""Writes a change; gives the school as it is then, and the days of which facts changed."""


def add_more(
    session: Session, dice: Dice, built: BuiltSchool, school: SchoolData, district: DistrictData
) -> tuple[SchoolData, Iterable[Noted]]:
    """Children who come late, and whatever else a school enters late: exams, activities, documents."""
    count = 0 if dice.one_in(2) else 1
    more = dice.school(count, district.terms, known=len(school.children))
    more = replace(more, teachers=())
    write_school(session, built, more)
    dated = (*more.meetings, *more.openings, *more.class_activities)
    spans: list[Noted] = [(one.day, one.day, None) for one in dated]
    if more.children or more.exams or more.documents or more.filings or more.activities or more.sessions:
        spans.append((date(2023, 1, 1), None, None))
    return school.with_more(more), spans


def add_facts(
    session: Session, dice: Dice, built: BuiltSchool, school: SchoolData, district: DistrictData
) -> tuple[SchoolData, Iterable[Noted]]:
    """Records of the past, pairings and visits of one child."""
    number = dice.random.randrange(len(school.children))
    facts = dice.later_facts()
    write_facts(session, built, {number: facts})
    spans: list[Noted] = [(one.day, one.day, "care_record") for one in facts.records]
    spans += [(one.starts_on, one.ends_on, None) for one in facts.pairings]
    spans += [(one.due_on, None, None) for one in facts.visits]
    return with_facts(school, number, lambda old: old.with_more(facts)), spans


def withdraw_or_move_a_record(
    session: Session, dice: Dice, built: BuiltSchool, school: SchoolData, district: DistrictData
) -> tuple[SchoolData, Iterable[Noted]]:
    """A record is withdrawn, or its day corrected."""
    number = dice.random.randrange(len(school.children))
    records = list(school.children[number].facts.records)
    if not records:
        return school, []
    place = dice.random.randrange(len(records))
    old = records[place]
    new = replace(old, is_withdrawn=True) if dice.one_in(2) else replace(old, day=dice.day())
    records[place] = new
    changed = {"occurred_on": new.day, "withdrawn_at": clock.now() if new.is_withdrawn else None}
    records_table = table_of(CareRecord)
    session.execute(
        update(records_table).where(records_table.c.id == built.records[number][place]).values(changed)
    )
    return (
        with_facts(school, number, lambda facts: replace(facts, records=tuple(records))),
        [(old.day, old.day, "care_record"), (new.day, new.day, "care_record")],
    )


def close_a_visit(
    session: Session, dice: Dice, built: BuiltSchool, school: SchoolData, district: DistrictData
) -> tuple[SchoolData, Iterable[Noted]]:
    """A must-visit is done."""
    number = dice.random.randrange(len(school.children))
    visits = list(school.children[number].facts.visits)
    if not visits:
        return school, []
    place = dice.random.randrange(len(visits))
    new = replace(visits[place], closed_on=dice.day())
    visits[place] = new
    table = table_of(MustVisit)
    session.execute(
        update(table).where(table.c.id == built.visits[number][place]).values(closed_on=new.closed_on)
    )
    return with_facts(school, number, lambda facts: replace(facts, visits=tuple(visits))), [
        (new.due_on, None, None)
    ]


CHANGES: tuple[Change, ...] = (add_more, add_facts, add_facts, withdraw_or_move_a_record, close_a_visit)


def with_facts(school: SchoolData, number: int, change: Callable[[Facts], Facts]) -> SchoolData:
    child = school.children[number]
    changed = replace(child, facts=change(child.facts))
    return replace(school, children=(*school.children[:number], changed, *school.children[number + 1 :]))


def change_something(factory: Factory, dice: Dice, built: BuiltDistrict, data: DistrictData) -> DistrictData:
    """One change in one school, noted as the actions do."""
    index = dice.random.randrange(len(data.schools))
    school, place = data.schools[index], built.schools[index]
    change = dice.random.choice(CHANGES) if school.children else add_more
    with factory.session(place.place.scope) as session:
        school, spans = change(session, dice, place, school, data)
        for first, last, about in spans:
            note_change(session, school_id=place.place.id, starts_on=first, ends_on=last, about=about)
    return data.with_school(index, school)


def run_a_night(dice: Dice, district_id: int, known: set[date], day: date) -> None:
    """An ordinary night, one that computes everything, or one that makes up for missed ones."""
    since = day - timedelta(days=dice.random.randrange(1, 4)) if dice.one_in(4) else None
    run_id = engine.begin_run(district_id, day, since=since, full=dice.one_in(5))
    engine.work_off(district_id, run_id, announce=False)
    known |= {(since or day) + timedelta(days=number) for number in range((day - (since or day)).days + 1)}


def standing(data: DistrictData, school: SchoolData, known: set[date]) -> Figures:
    """All that should stand: the known days, and the months and terms in which they lie, as far as known."""
    newest = max(known)
    found: Figures = {}
    for day in known:
        found |= part(count_by_hand(data, school, day), "day")
        end = min(month_end(day), newest)
        found |= part(count_by_hand(data, school, end), "month", month_start(day))
        for term in data.terms:
            if term.starts_on <= day <= term.ends_on:
                last = min(term.ends_on, newest)
                found |= part(count_by_hand(data, school, last), "term", term.starts_on)
    return found


def part(figures: Figures, period: Period, start: date | None = None) -> Figures:
    codes = codes_of(period)
    return {
        key: parts for key, parts in figures.items() if key[0] in codes and (start is None or key[1] == start)
    }


@few_examples
@given(dice=dice, sizes=sizes, steps=st.integers(1, 6))
def test_after_any_nights_and_changes_all_stands_as_if_counted_from_nothing(
    factory: Factory, dice: Dice, sizes: list[int], steps: int
) -> None:
    data = dice.district(sizes)
    built = build_district(factory, data)
    known: set[date] = set()
    for _ in range(steps):
        for _ in dice.few(3):
            data = change_something(factory, dice, built, data)
        # Days of a night lie in any order; often one follows the other.
        day = max(known) + timedelta(days=1) if known and dice.one_in(2) else dice.day()
        run_a_night(dice, built.place.id, known, day)
    last = max(known) + timedelta(days=dice.random.choice((0, 1, 1, 5)))
    run_a_night(dice, built.place.id, known, min(last, dice.season + timedelta(days=2 * LENGTH)))
    figures = [standing(data, school, known) for school in data.schools]
    check(built, data, figures)
    engine.run_as_of(built.place.id, max(known), full=True)
    check(built, data, figures)
