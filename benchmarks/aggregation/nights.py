"""The nights that are measured, and what schools change before them."""

from datetime import date, timedelta

from benchmarks.aggregation.place import Province
from benchmarks.province import LAST
from lxsaas.indicators import engine

NEXT = LAST + timedelta(days=1)
"""The day of the ordinary night: the records end the day before."""
CLOSED = date(2026, 9, 15)
"""A day in a month that is over."""

_RECORD = """
    with made as (
        insert into care_record (school_id, pupil_id, recorded_by, kind, occurred_on)
        select p.school_id, p.id, (select min(id) from staff where school_id = p.school_id), kind, %(day)s
        from pupil p, unnest(array[1, 2, 3]) kind
        where p.id = (select min(id) + kind * 7 from pupil other where other.school_id = p.school_id)
            and mod(p.school_id, %(every)s) = %(which)s
        returning school_id, occurred_on
    )
    insert into change_log (school_id, starts_on, ends_on, about)
    select school_id, occurred_on, occurred_on, 'care_record' from made
"""
"""Three records of three children in some schools, each noted in the change log as the application does."""


def scan(place: Province) -> None:
    """The floor: every care record counted by one sequential scan in one process."""
    place.execute("select count(*) from care_record")


def full_night(place: Province) -> None:
    """Every running period of every school, all indicators, rolled up and published; in this process."""
    for district_id in place.districts:
        with place.app.app_context():
            engine.run_as_of(district_id, LAST, full=True)


def next_night(place: Province) -> None:
    """The night after: what neither changed nor depends on the date is carried forward."""
    for district_id in place.districts:
        with place.app.app_context():
            engine.run_as_of(district_id, NEXT)


def change_a_fifth(place: Province) -> None:
    """A fifth of the schools enter some records of the day."""
    place.execute(_RECORD, {"day": NEXT, "every": 5, "which": 0})


def change_a_closed_month(place: Province) -> None:
    """One school in a hundred enters records of a month that is over."""
    place.execute(_RECORD, {"day": CLOSED, "every": 100, "which": 7})
