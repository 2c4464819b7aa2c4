"""A generated province, always the same: districts of two hundred schools, fourteen months of care."""

import argparse
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date

import psycopg
import structlog

from benchmarks import province_life, province_people
from benchmarks.bulk import administrator, follow_sequences, without_indexes
from lxsaas.config import Settings
from lxsaas.core.clock import add_months, month_end

FIRST = date(2025, 10, 1)
LAST = date(2026, 11, 25)
"""The days of the first and the last records. A month near its end, a term far advanced."""
DISTRICT_SCHOOLS = 200
BUSY = {1: 0.5, 2: 0.4, 7: 0.3, 8: 0.3}
"""Months with holidays in them have fewer records than others."""
KINDS = (1, 1, 1, 1, 1, 1, 2, 2, 3, 3, 3, 4, 5, 5, 6, 7, 8, 8, 9, 12)
"""Kinds of care records, each as often as it stands here; birthday greetings (11) come on their days."""

RECORDS = """
    insert into care_record (school_id, pupil_id, recorded_by, kind, occurred_on, recorded_at, withdrawn_at)
    select school_id, id, teacher_id, (%(kinds)s::smallint[])[1 + mod(pg_temp.dice(id, number * 3), 20)], day,
        day + time '16:00', case when pg_temp.dice(id, number * 3 + 1) < 10 then day + time '17:00' end
    from child,
        lateral (select %(rate)s * case when is_target then 2 else 1 end as wanted) one,
        generate_series(1, floor(wanted + pg_temp.dice(id, %(month)s + 90) / 1000.0)::int) n,
        lateral (select %(month)s * 1000 + n as number) two,
        lateral (select %(first)s + mod(pg_temp.dice(id, number * 3 + 2), %(days)s) as day) three
    order by day
"""
"""A month of records in the order of their days, as they are entered: a school's rows lie apart."""

BIRTHDAYS = """
    insert into care_record (school_id, pupil_id, recorded_by, kind, occurred_on, recorded_at)
    select school_id, id, teacher_id, 11, day, day + time '16:00'
    from child, generate_series(2025, 2026) year, lateral (select
        (born_on + make_interval(years => year - extract(year from born_on)::int))::date
            + mod(pg_temp.dice(id, 60), 5) - 2 as day) one
    where is_target and pg_temp.dice(id, 61) < 700 and day between %(first)s and %(last)s
    order by day
"""

LARGE = ("class_membership", "left_behind_spell", "exam_result", "activity_participant", "care_record")
"""Tables whose indexes are made when they are full."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Size:
    """How large a province; `records` is reached within a hundredth."""

    schools: int
    children: int
    records: int

    @property
    def places(self) -> dict[str, int]:
        """What the statements need: numbers of districts, classes, colleagues and so on."""
        classes = max(6, -(-self.children // 45))
        return {
            "schools": self.schools, "children": self.children, "classes": classes, "staff": 2 + 2 * classes,
            "districts": -(-self.schools // DISTRICT_SCHOOLS), "district_schools": DISTRICT_SCHOOLS,
            "district_townships": 10,
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.schools} schools × {self.children} children × {self.records / 1e6:g} million records"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds what `size_of` reads; the defaults are for a look, not for a report."""
    parser.add_argument("--schools", type=int, default=100)
    parser.add_argument("--children", type=int, default=200, help="of each school")
    parser.add_argument("--records-million", type=float, default=1.2, help="of the whole province")


def size_of(options: argparse.Namespace) -> Size:
    return Size(options.schools, options.children, round(options.records_million * 1e6))


def generate(settings: Settings, size: Size) -> None:
    """Fills an empty, migrated database, and leaves it vacuumed and analysed."""
    start = time.perf_counter()
    rows = (*province_people.PLACES, *province_people.PEOPLE, *province_people.KNOWN, *province_life.LIFE)
    with administrator(settings) as connection:
        connection.execute(province_people.DICE)
        with ExitStack() as indexes:
            for table in LARGE:
                indexes.enter_context(without_indexes(connection, table))
            # What changes in an exam moves everybody's standing: the trigger's rule, on all results at once.
            connection.execute("alter table exam_result enable always trigger exam_result_progress_insert")
            for statement in rows:
                connection.execute(statement.format(**size.places).encode())
            fill_records(connection, size)
        follow_sequences(connection)
        connection.execute("alter table exam_result enable trigger exam_result_progress_insert")
        connection.execute("vacuum (full) exam_result")
        connection.execute("vacuum (analyze)")
        connection.execute("checkpoint")
    log.info("province_generated", size=str(size), seconds=round(time.perf_counter() - start, 1))


def fill_records(connection: psycopg.Connection, size: Size) -> None:
    """Care records month by month; a care target has twice as many as another child."""
    months = [add_months(FIRST, number) for number in range(14)]
    row = connection.execute("select sum(case when is_target then 2 else 1 end) from child").fetchone()
    assert row is not None
    spans = [(min(month_end(first), LAST) - first).days + 1 for first in months]
    shares = [days / 30 * BUSY.get(first.month, 1.0) for first, days in zip(months, spans, strict=True)]
    birthdays = size.schools * size.children * 0.35
    rate = max(0.0, size.records - birthdays) / (float(row[0]) * sum(shares))
    for number, (first, days, share) in enumerate(zip(months, spans, shares, strict=True)):
        values = {"kinds": list(KINDS), "rate": rate * share, "month": number, "first": first, "days": days}
        connection.execute(RECORDS, values)
    connection.execute(BIRTHDAYS, {"first": FIRST, "last": LAST})
