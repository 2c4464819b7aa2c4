"""Nights in any order with changes between them: everything stands as if counted from nothing at the end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any, Literal, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lxsaas.activities.family_models import ParentsSession
from lxsaas.activities.models import Activity, HomeOpening
from lxsaas.care.models import CareKind, CareRecord
from lxsaas.core.changes import note_change
from lxsaas.core.clock import month_end, month_start
from lxsaas.core.db import SchoolOwned, table_of
from lxsaas.core.scope import operating
from lxsaas.indicators import engine
from lxsaas.indicators.definitions import Period, codes_of
from lxsaas.organisation.models import ClassActivity, GroupMeeting, PlanDocument
from lxsaas.portfolio.models import Exam
from lxsaas.pupils.models import Pupil
from lxsaas.schools.actions import choose_care_definition, set_filing_day, set_term
from lxsaas.schools.commands import note_everywhere
from lxsaas.schools.models import District
from lxsaas.support.models import MustVisit
from tests.factories import Factory
from tests.indicators.oracle import Figures, count_by_hand
from tests.indicators.random_districts import DEFINITIONS, LENGTH, Dice, dice, sizes
from tests.indicators.test_exact import check, few_examples
from tests.indicators.world_children import REASONS, BuiltSchool, withdrawn, write_facts
from tests.indicators.world_data import (
    Child,
    Dated,
    DistrictData,
    Event,
    Facts,
    Record,
    SchoolData,
    Spell,
    TermData,
)
from tests.indicators.worlds import BuiltDistrict, build_district, write_school

pytestmark = pytest.mark.usefixtures("in_app")

About = Literal["care_record"]
Row = TypeVar("Row")


@dataclass
class Changing:
    """A school in the middle of its change: what it is made of, and the days of which facts changed."""

    session: Session
    dice: Dice
    terms: tuple[TermData, ...]
    built: BuiltSchool
    school: SchoolData

    def note(self, first: date, last: date | None, about: About | None = None) -> None:
        """As the actions do."""
        school_id = self.built.place.id
        note_change(self.session, school_id=school_id, starts_on=first, ends_on=last, about=about)

    def alter(self, model: type[SchoolOwned], row_id: int, **values: object) -> None:
        table = table_of(model)
        self.session.execute(update(table).where(table.c.id == row_id).values(values))

    def some_child(self) -> int:
        return self.dice.random.randrange(len(self.school.children))

    def some_place(self, rows: Sequence[object]) -> int | None:
        """One of the rows, by its place; None where there is none."""
        return self.dice.random.randrange(len(rows)) if rows else None

    def replace_child(self, number: int, child: Child) -> None:
        self.school = replace(self.school, children=with_one(self.school.children, number, child))

    def replace_facts(self, number: int, facts: Facts) -> None:
        self.replace_child(number, replace(self.school.children[number], facts=facts))


def add_more(one: Changing) -> None:
    """A child who comes late, and whatever else a school enters late: exams, activities, documents."""
    count = 0 if one.dice.one_in(2) else 1
    more = replace(one.dice.school(count, one.terms, known=len(one.school.children)), teachers=())
    write_school(one.session, one.built, more)
    for dated in (*more.meetings, *more.openings, *more.class_activities):
        one.note(dated.day, dated.day)
    if more.children or more.exams or more.documents or more.filings or more.activities or more.sessions:
        one.note(date(2023, 1, 1), None)
    one.school = one.school.with_more(more)


def add_facts(one: Changing) -> None:
    """Records of the past, pairings and visits of one child."""
    number, facts = one.some_child(), one.dice.later_facts()
    # A child has one open visit for each reason.
    room = len(REASONS) - len(one.school.children[number].facts.visits)
    facts = replace(facts, visits=facts.visits[:room])
    write_facts(one.session, one.built, {number: facts})
    for record in facts.records:
        one.note(record.day, record.day, "care_record")
    for pairing in facts.pairings:
        one.note(pairing.starts_on, pairing.ends_on)
    for visit in facts.visits:
        one.note(visit.due_on, None)
    one.replace_facts(number, one.school.children[number].facts.with_more(facts))


def change_a_record(one: Changing) -> None:
    """A record is withdrawn, or its day corrected."""
    number = one.some_child()
    facts = one.school.children[number].facts
    if (place := one.some_place(facts.records)) is None:
        return
    old = facts.records[place]
    new = replace(old, is_withdrawn=True) if one.dice.one_in(2) else replace(old, day=one.dice.day())
    values = {"occurred_on": new.day} | withdrawn(new.is_withdrawn)
    one.alter(CareRecord, one.built.records[number][place], **values)
    for day in (old.day, new.day):
        one.note(day, day, "care_record")
    one.replace_facts(number, replace(facts, records=with_one(facts.records, place, new)))


def close_a_visit(one: Changing) -> None:
    """A must-visit is done."""
    number = one.some_child()
    facts = one.school.children[number].facts
    if (place := one.some_place(facts.visits)) is None:
        return
    new = replace(facts.visits[place], closed_on=one.dice.day())
    one.alter(MustVisit, one.built.visits[number][place], closed_on=new.closed_on)
    one.note(new.due_on, None)
    one.replace_facts(number, replace(facts, visits=with_one(facts.visits, place, new)))


def correct_a_birthday(one: Changing) -> None:
    """By the register: also the birthdays of the past were another day."""
    number = one.some_child()
    child = replace(one.school.children[number], born_on=one.dice.born())
    one.alter(Pupil, one.built.pupils[number], born_on=child.born_on)
    one.note(child.enrolled_on, None)
    one.replace_child(number, child)


def leave_or_come_back(one: Changing) -> None:
    """A child moves to another school, or is in the register again as if it had never left."""
    number = one.some_child()
    child = one.school.children[number]
    day = max(child.enrolled_on, one.dice.day())
    new = replace(child, left_on=None if child.left_on else day)
    one.alter(Pupil, one.built.pupils[number], left_on=new.left_on)
    one.note(child.left_on or day, None)
    one.replace_child(number, new)


def withdraw(one: Changing) -> None:
    """Something that was entered by mistake."""
    name = one.dice.random.choice([*WITHDRAWN])
    rows = getattr(one.school, name)
    if (place := one.some_place(rows)) is None:
        return
    old = rows[place]
    one.alter(WITHDRAWN[name], one.built.kept[name][place], **withdrawn(True))
    if name == "exams":
        one.note(old.taken_on, None)
    elif name == "documents":
        one.note(old.published_on or one.dice.season, None)
    else:
        day = old.held_on if isinstance(old, Event) else old.day
        one.note(day, day)
    changed: dict[str, Any] = {name: with_one(rows, place, replace(old, is_withdrawn=True))}
    one.school = replace(one.school, **changed)


WITHDRAWN: Mapping[str, type[SchoolOwned]] = {
    "exams": Exam, "activities": Activity, "sessions": ParentsSession, "openings": HomeOpening,
    "meetings": GroupMeeting, "class_activities": ClassActivity, "documents": PlanDocument,
}  # fmt: skip


def with_one(rows: tuple[Row, ...], place: int, row: Row) -> tuple[Row, ...]:
    return (*rows[:place], row, *rows[place + 1 :])


CHANGES = (
    add_more, add_facts, add_facts, change_a_record, close_a_visit, correct_a_birthday, leave_or_come_back,
    withdraw,
)  # fmt: skip


def change_something(factory: Factory, dice: Dice, built: BuiltDistrict, data: DistrictData) -> DistrictData:
    """One change in one school, now and then one of the district's rules."""
    if dice.one_in(6):
        return change_a_rule(factory, dice, built, data)
    index = dice.random.randrange(len(data.schools))
    place, school = built.schools[index], data.schools[index]
    with factory.session(place.place.scope) as session:
        one = Changing(session, dice, data.terms, place, school)
        change = dice.random.choice(CHANGES) if school.children else add_more
        change(one)
    return data.with_school(index, one.school)


def change_a_rule(factory: Factory, dice: Dice, built: BuiltDistrict, data: DistrictData) -> DistrictData:
    """Another definition from a day on; a term that ends earlier; another day for its statistics."""
    index = dice.random.randrange(len(data.terms))
    term, since = data.terms[index], data.terms[index].starts_on
    rule = dice.random.choice(("definition", "end", "filing"))
    with factory.session(operating()) as session:
        district = session.scalars(select(District).where(District.id == built.place.id)).one()
        if rule == "definition":
            since, definition = dice.day(), dice.random.choice(DEFINITIONS)
            choose_care_definition(session, district=district, definition=definition, since=since)
            others = (choice for choice in data.choices if choice[0] != since)
            data = replace(data, choices=(*others, (since, definition)))
        elif rule == "end":
            term = replace(term, ends_on=term.ends_on - timedelta(days=dice.random.randrange(9)))
            set_term(session, district=district, name=term.name, starts_on=since, ends_on=term.ends_on)
        else:
            term = replace(term, filing_due_on=max(since, dice.day()))
            set_filing_day(session, district=district, term=term.name, due_on=term.filing_due_on)
    note_everywhere(built.place.id, since)
    return replace(data, terms=with_one(data.terms, index, term))


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


def enter_a_greeting(one: Changing) -> None:
    """After the month of the birthday, within three days of it."""
    enter_a_record(one, CareKind.BIRTHDAY_GREETING, date(2024, 3, 2))


def enter_a_talk(one: Changing) -> None:
    """With a child at high risk, who is followed for the next 13 days."""
    enter_a_record(one, CareKind.TALK, date(2024, 3, 18))


def enter_a_record(one: Changing, kind: CareKind, day: date) -> None:
    facts = Facts(records=(Record(kind, day),))
    write_facts(one.session, one.built, {0: facts})
    one.note(day, day, "care_record")
    one.replace_facts(0, one.school.children[0].facts.with_more(facts))


def enter_a_class_activity(one: Changing) -> None:
    """Before the month of the Sunday to which its week belongs."""
    day = date(2024, 2, 27)
    more = SchoolData(class_activities=(Dated(day),))
    write_school(one.session, one.built, more)
    one.note(day, day)
    one.school = one.school.with_more(more)


@pytest.mark.parametrize(
    ("enter", "code", "start"),
    [
        (enter_a_greeting, "birthday_greeted", date(2024, 2, 1)),
        (enter_a_class_activity, "weekly_activity", date(2024, 3, 1)),
        (enter_a_talk, "high_risk_followed", date(2024, 3, 31)),
    ],
)
def test_what_is_entered_late_reaches_the_closed_period_beside_its_day(
    factory: Factory, enter: Callable[[Changing], None], code: str, start: date
) -> None:
    since = date(2023, 9, 1)
    facts = Facts(spells=(Spell("register", since, None),), risks=(Spell("3", since, None),))
    child = Child(date(2016, 2, 28), since, None, ((0, since, None),), facts)
    term = TermData("2023-2", date(2024, 2, 1), date(2024, 7, 5), None)
    school = SchoolData(children=(child,))
    data = DistrictData("Asia/Shanghai", (term,), "register", (), (school,))
    built = build_district(factory, data)
    known = {date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 10)}
    for day in sorted(known):
        engine.run_as_of(built.place.id, day)
    before = standing(data, school, known)[code, start]
    place = built.schools[0]
    with factory.session(place.place.scope) as session:
        one = Changing(session, Dice(Random(0), since), data.terms, place, school)
        enter(one)
    known.add(date(2024, 4, 11))
    engine.run_as_of(built.place.id, max(known))
    figures = standing(data, one.school, known)
    assert figures[code, start] != before
    check(built, data.with_school(0, one.school), [figures])
