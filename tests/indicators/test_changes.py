"""Whatever changes between nights, in the past or now: all figures stand as if counted from nothing."""

from datetime import date

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from lxsaas.care.models import CareKind
from lxsaas.core.changes import note_change
from lxsaas.core.clock import month_end, month_start
from lxsaas.indicators import engine
from tests.factories import Factory, Place
from tests.indicators.districts import (
    Built,
    Child,
    Figures,
    SchoolData,
    add_child,
    build,
    children,
    counted,
    days,
    districts,
    kinds,
)
from tests.indicators.test_figures import DEFINITION, few, stored

Change = Child | tuple[CareKind, date]
Late = tuple[date, int, Change]
changes = st.tuples(days, st.integers(0, 99), children() | st.tuples(kinds, days))
"""The night before the change, which school or child it concerns, and a late child or a late record."""


@few
@given(data=districts, late=st.lists(changes, min_size=1, max_size=4))
def test_late_records_and_children_reach_closed_periods(
    app: Flask, factory: Factory, data: list[SchoolData], late: list[Late]
) -> None:
    built = build(factory, data)
    nights = sorted(night for night, _, _ in late)
    for night, (_, number, change) in zip(nights, late, strict=True):
        run_night(app, built, night)
        data = changed(factory, built, data, number, change)
    run_night(app, built, nights[-1])
    for place, school in zip(built.schools, data, strict=True):
        expected = from_nothing(school, nights)
        assert {key: value for key, value in stored(app, place).items() if key in expected} == expected


def run_night(app: Flask, built: Built, night: date) -> None:
    with app.app_context():
        engine.run_as_of(built.place.id, night)


def changed(
    factory: Factory, built: Built, data: list[SchoolData], number: int, change: Change
) -> list[SchoolData]:
    """Writes the change with its note, as the actions do, and gives the data as they are then."""
    index = number % len(data)
    school, teacher, pupils = built.schools[index], built.teachers[index], built.pupils[index]
    children_now = list(data[index].children)
    if isinstance(change, Child):
        class_id = factory.school_class(school, teacher)
        pupils.append(add_child(factory, school, class_id, teacher, change))
        children_now.append(change)
        note(factory, school, change.enrolled_on, None)
    elif children_now:
        one = number % len(children_now)
        old = children_now[one]
        factory.care(school, pupils[one], teacher, *change)
        note(factory, school, change[1], change[1])
        children_now[one] = Child(old.enrolled_on, old.left_on, old.spells, (*old.records, change))
    return [*data[:index], SchoolData(data[index].township, tuple(children_now)), *data[index + 1 :]]


def note(factory: Factory, school: Place, starts_on: date, ends_on: date | None) -> None:
    with factory.session(school.scope) as session:
        note_change(session, school_id=school.id, starts_on=starts_on, ends_on=ends_on)


def from_nothing(school: SchoolData, known: list[date]) -> Figures:
    """Each known day; each known month up to its end, the newest up to the newest day."""
    newest = max(known)
    expected: Figures = {}
    for day in known:
        last = newest if month_start(day) == month_start(newest) else month_end(day)
        expected |= {key: value for key, value in counted(school, day, DEFINITION).items() if key[0] in DAILY}
        expected |= {
            key: value for key, value in counted(school, last, DEFINITION).items() if key[0] not in DAILY
        }
    return expected


DAILY = ("left_behind_share", "care_targets")
