"""What stands before the night that is measured: past nights, and the way back to the state before it."""

from benchmarks.aggregation.place import Province
from benchmarks.province import FIRST
from lxsaas.indicators.definitions import codes_of

_FIGURES = ("school_indicator", "district_indicator")
_WHOLE = ("indicator_standing", "change_log")
_LEDGER = ("indicator_unit", "indicator_run_period")
_ANALYSED = (*_FIGURES, *_WHOLE, *_LEDGER, "indicator_run")

_PAST_RUNS = """
    insert into indicator_run (district_id, as_of, number, state, schools_expected, started_at, finished_at)
    select d.id, day, 0, 'done', (select count(*) from school where district_id = d.id), day, day
    from district d, generate_series(cast(%(first)s as date), %(last)s - 1, interval '1 day') day
"""
_PAST_UNITS = """
    insert into indicator_unit (school_id, run_id, state, attempts, finished_at)
    select s.id, r.id, 'done', 1, r.finished_at from indicator_run r join school s using (district_id)
    where r.as_of < %(last)s
"""
_PERIODS = {
    "day": "select day as first, day as last from"
    " generate_series(cast(%(first)s as date), %(last)s - 1, interval '1 day') day",
    "month": "select day as first, day + interval '1 month - 1 day' as last from"
    " generate_series(cast(%(first)s as date), date_trunc('month', %(last)s) - interval '1 day',"
    " interval '1 month') day",
    "term": "select distinct starts_on as first, ends_on as last from term"
    " where ends_on between %(first)s and %(last)s",
}


def reset(place: Province) -> None:
    """Forgets every night: a province that was kept begins like a new one."""
    place.execute(f"truncate {', '.join(_ANALYSED)}")
    if place.execute("select to_regclass('kept.last')").fetchone() != (None,):
        place.execute("delete from care_record where id > (select record from kept.last)")


def add_past_nights(place: Province) -> None:
    """Runs and figures of all days, months and terms since the first record, as nights would have left them.

    The figures are those of the newest run: what they say does not matter, that they stand there does.
    """
    last = _newest(place)
    values = {"first": FIRST, "last": last}
    place.execute(_PAST_RUNS, values)
    place.execute(_PAST_UNITS, values)
    for table in _FIGURES:
        columns = [
            row[0]
            for row in place.execute(
                "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0"
                " and not attisdropped",
                (table,),
            )
        ]
        shown = ", ".join(
            {"starts_on": "past.first", "as_of": "past.last"}.get(one, f"now.{one}") for one in columns
        )
        for period in ("day", "month", "term"):
            place.execute(
                f"insert into {table} ({', '.join(columns)}) select {shown} from {table} as now,"
                f" ({_PERIODS[period]}) as past where now.as_of = %(last)s"
                f" and now.indicator = any (%(codes)s)",
                values | {"codes": list(codes_of(period))},
            )


def keep(place: Province) -> None:
    """Remembers the state after a night; `restore` brings it back."""
    place.execute("drop schema if exists kept cascade")
    place.execute("create schema kept")
    place.execute(
        "create table kept.last as select (select max(id) from care_record) as record,"
        " (select max(id) from indicator_run) as run, (select max(as_of) from indicator_run) as as_of"
    )
    for table in _WHOLE:
        place.execute(f"create table kept.{table} as select * from {table}")
    for table in _FIGURES:
        place.execute(
            f"create table kept.{table} as select * from {table} where as_of = (select as_of from kept.last)"
        )
    tidy(place)


def restore(place: Province) -> None:
    """Back to what `keep` saw, ids included, so that the same night can be measured again."""
    place.execute("delete from care_record where id > (select record from kept.last)")
    for table in _LEDGER:
        place.execute(f"delete from {table} where run_id > (select run from kept.last)")
    place.execute("delete from indicator_run where id > (select run from kept.last)")
    for table in _WHOLE:
        place.execute(f"delete from {table}")
    for table in _FIGURES:
        place.execute(f"delete from {table} where as_of >= (select as_of from kept.last)")
    # Closed periods that were counted anew: nothing is published twice.
    place.execute(
        "update school_indicator set run_id = kept.last.run from kept.last where run_id > kept.last.run"
    )
    for table in (*_WHOLE, *_FIGURES):
        place.execute(f"insert into {table} select * from kept.{table}")
    place.execute("select setval(pg_get_serial_sequence('indicator_run', 'id'), run) from kept.last")
    tidy(place)


def tidy(place: Province) -> None:
    """Leaves the tables of the night vacuumed and analysed, and nothing to be written by the way."""
    place.execute(f"vacuum (analyze) {', '.join(_ANALYSED)}")
    place.execute("checkpoint")


def _newest(place: Province) -> object:
    row = place.execute("select max(as_of) from indicator_run").fetchone()
    assert row is not None
    return row[0]
