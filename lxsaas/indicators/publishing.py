"""From the schools' figures to what the district sees; small cells hidden wherever they could be worked out.

A small cell is one or two children: those counted (numerator), those missing (denominator less numerator),
or all of them (denominator). 39 of 40 tells as much of one child as 1 of 40. What is hidden is shown under
a sign:

- 'all': one or two children in all. Neither part is shown.
- 'few': the denominator is shown, and that the numerator is at least 1 and at most `Indicator.few` ("<3").
- 'most': the denominator is shown, and that as many are missing as `Indicator.missing` says: one or two.
- 'some': so small a denominator that few and most overlap; the numerator is neither 0 nor all.

Why nothing recovers it:

1. Each sign leaves at least two numerators possible, and of them some with another small cell or none.
2. Sums. Every sum of a township or the district is a sum of what is shown: of a hidden numerator the least
   that it can be, and nothing of a school hidden whole, which does not report. Whoever holds what is shown
   of the schools can compute each sum, so sums tell nothing more, now or by subtraction over time. `slack`
   says by how much the true sum may be higher: the price is that a district of a hundred schools knows its
   rate to about a point.
3. Other indicators of the same school. The care targets C of a day are the denominator of many rates; C is
   hidden in all of them alike, and in `care_targets`, or in none. Contacts overlap: home visits H and calls
   P of C children leave T >= H + P - C with three-way contact. Where that is at least 2, 'few' up to 2
   would say exactly 2; so three-way contact is hidden up to 4. The other way round at most T + C - P were
   visited: where that is C - 2, 'most' of one or two missing would say exactly two; so visits, calls and
   letters (of a term's first month) are hidden up to three missing. At the other end H + P - C reaches
   C - 1 only where a part is hidden itself. Care targets are left behind by the register's definition too:
   nine of ten pupils being care targets, 'most' left behind of nine would say nine; so `left_behind_share`
   hides also that all are.
4. Other days. A running month only grows; two signs, or a sign and a value, never leave one number between
   them.

`tests/indicators/test_small_cells.py` lets a solver try, with everything shown over several nights.
"""

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from lxsaas.indicators import published, queries
from lxsaas.indicators.definitions import INDICATORS, codes_of
from lxsaas.indicators.hooks import run_finished
from lxsaas.indicators.models import IndicatorRun, IndicatorRunPeriod
from lxsaas.indicators.night import targets_of
from lxsaas.indicators.standings import keep_standings

_CODES = """
    unnest(cast(:codes as text[]), cast(:few as bigint[]), cast(:least_missing as bigint[]),
        cast(:most_missing as bigint[])) as code (code, few, least_missing, most_missing)
"""
_TOUCHED = f"""
    with touched as materialized (
        select indicator, starts_on, as_of, few, least_missing, most_missing
        from (
            select unnest(codes) as indicator, starts_on, max(as_of) as as_of
            from indicator_run_period where run_id = :run_id group by 1, 2
        ) as counted join {_CODES} on code.code = counted.indicator
    )
"""

# OFFSET keeps the planner to one walk along the key for each indicator: it would compare all with all.
_SCHOOLS = f"""
    insert into district_indicator (district_id, level, unit_id, indicator, starts_on, as_of, numerator,
        denominator, hidden, schools_reporting, schools_expected)
    select :district_id, 'school', school_id, indicator, starts_on, as_of,
        case when hidden is null then numerator end,
        case when hidden is distinct from 'all' then denominator end,
        hidden, case when hidden is distinct from 'all' then 1 else 0 end, 1
    from (
        select counted.*, one.*,
            case
                when few is null then null
                when denominator is null then case when numerator between 1 and few then 'few' end
                when denominator between 1 and 2 then 'all'
                when numerator < 1 or denominator - numerator < least_missing then null
                when denominator <= few + most_missing then 'some'
                when numerator <= few then 'few'
                when denominator - numerator <= most_missing then 'most'
            end as hidden
        from (
            select unnest(codes) as indicator, starts_on, as_of, school_ids
            from indicator_run_period where run_id = :run_id
        ) as counted
        join {_CODES} on code.code = counted.indicator
        cross join lateral (
            select one.school_id, one.numerator, one.denominator from school_indicator as one
            where one.school_id = any (counted.school_ids) and one.indicator = counted.indicator
                and one.starts_on = counted.starts_on
            offset 0
        ) as one
    ) as figure
    on conflict (district_id, level, unit_id, indicator, starts_on) do update set
        as_of = excluded.as_of, numerator = excluded.numerator, denominator = excluded.denominator,
        hidden = excluded.hidden, schools_reporting = excluded.schools_reporting, computed_at = now()
    where (district_indicator.numerator, district_indicator.denominator, district_indicator.hidden)
        is distinct from (excluded.numerator, excluded.denominator, excluded.hidden)
"""

_SUMS = f"""
    insert into district_indicator (district_id, level, unit_id, indicator, starts_on, as_of, numerator,
        denominator, slack, schools_reporting, schools_expected)
    {_TOUCHED},
    place as materialized (select id, township_id from school where district_id = :district_id),
    expected as materialized (
        select township_id, count(*) as schools from place group by grouping sets ((), (township_id))
    )
    select :district_id, case when whole = 0 then 'township' else 'district' end,
        coalesce(township_id, :district_id), indicator, starts_on, as_of, least, due, slack, reporting,
        (select max(schools) from expected where whole = 1 or expected.township_id = sum.township_id)
    from (
        select township_id, grouping(township_id) as whole, touched.indicator, touched.starts_on,
            touched.as_of,
            coalesce(sum(
                case when hidden is null then numerator when hidden in ('few', 'some') then 1
                    when hidden = 'most' then denominator - most_missing end
            ), 0) as least,
            case when bool_or(denominator is not null or hidden = 'all') then coalesce(sum(denominator), 0)
                end as due,
            coalesce(sum(
                case hidden when 'few' then few - 1 when 'some' then denominator - least_missing - 1
                    when 'most' then most_missing - least_missing end
            ), 0) as slack,
            sum(schools_reporting) as reporting
        from district_indicator as one
        join touched on touched.indicator = one.indicator and touched.starts_on = one.starts_on
        join place on place.id = one.unit_id
        where one.district_id = :district_id and one.level = 'school' and one.indicator = any (:codes)
            and one.starts_on = any (array(select starts_on from touched))
        group by grouping sets (
            (touched.indicator, touched.starts_on, touched.as_of),
            (touched.indicator, touched.starts_on, touched.as_of, township_id)
        )
        having grouping(township_id) = 1 or township_id is not null
    ) as sum
    on conflict (district_id, level, unit_id, indicator, starts_on) do update set
        as_of = excluded.as_of, numerator = excluded.numerator, denominator = excluded.denominator,
        slack = excluded.slack, schools_reporting = excluded.schools_reporting,
        schools_expected = excluded.schools_expected, computed_at = now()
"""
"""Sums of what is shown of the schools."""

# The planner expects one row of each and would compare all with all.
_HASHED = "select set_config('enable_nestloop', :switch, true)"

# A school whose unit died does not report in the periods that the others counted further than it.
_DIED = f"""
    {_TOUCHED}
    delete from district_indicator as old using touched, indicator_unit as unit
    where unit.run_id = :run_id and unit.state = 'dead' and old.district_id = :district_id
        and old.level = 'school' and old.unit_id = unit.school_id and old.indicator = touched.indicator
        and old.starts_on = touched.starts_on and not exists (
            select from school_indicator one where one.school_id = unit.school_id
                and one.indicator = touched.indicator and one.starts_on = touched.starts_on
                and one.as_of >= touched.as_of
        )
"""

# A township of which no school reports, or in which there is none any more, has no row.
_SILENT = f"""
    {_TOUCHED}
    delete from district_indicator as old using touched
    where old.district_id = :district_id and old.level <> 'school' and old.indicator = touched.indicator
        and old.starts_on = touched.starts_on and old.computed_at < now()
"""

# A term that was moved since leaves nothing behind: no school has a figure of it any more.
_LOST = """
    delete from district_indicator as old using (
        select one.indicator, one.starts_on from district_indicator as one
        where one.district_id = :district_id and one.level = 'district' and one.unit_id = :district_id
            and one.indicator = any (:of_terms) and not exists (
                select from school join school_indicator as figure on figure.school_id = school.id
                    and figure.indicator = one.indicator and figure.starts_on = one.starts_on
                where school.district_id = :district_id
            )
    ) as lost
    where old.district_id = :district_id and old.indicator = lost.indicator and old.starts_on = lost.starts_on
"""

# Of a school whose change log was emptied before days of entry were kept, the day of its newest care record:
# one look into an index. Schools that have a row cost nothing.
_ACTIVITY = """
    insert into school_activity (district_id, unit_id, last_entry_on)
    select district_id, id, (
        select max(occurred_on) from care_record
        where school_id = school.id and withdrawn_at is null
    )
    from school where district_id = :district_id and not exists (
        select from school_activity one where one.district_id = school.district_id and one.unit_id = school.id
    )
    on conflict do nothing
"""


def finish_run(session: Session, *, district_id: int, run_id: int, announce: bool = True) -> bool:
    """Publishes a run that has no unit left, tells the layers above, and marks it done; whether it did.

    Only one of several that try at once succeeds. To be committed by the caller.
    """
    if session.scalar(queries.has_open_units(run_id)):
        return False
    # Who comes second does not wait for the first to publish; if that one fails, the tick closes the run.
    free = (
        select(IndicatorRun.id)
        .where(IndicatorRun.id == run_id, IndicatorRun.state == "running")
        .with_for_update(key_share=True, skip_locked=True)
    )
    as_of = session.scalar(
        update(IndicatorRun)
        .where(IndicatorRun.id.in_(free))
        .values(state="done", finished_at=func.now())
        .returning(IndicatorRun.as_of)
    )
    if as_of is None:
        return False
    publish(session, district_id=district_id, run_id=run_id)
    session.execute(text(_ACTIVITY), {"district_id": district_id})
    # Of the newest night, whichever run this was: an older day's may have counted the same month.
    newest = session.scalars(published.finished_runs().limit(1)).one()
    keep_standings(session, newest, targets_of(session, district_id).on(newest.as_of))
    if announce:
        for hook in run_finished:
            hook(session, district_id, as_of)
    return True


def publish(session: Session, *, district_id: int, run_id: int) -> None:
    """Replaces the district's figures of every period that this run counted, of the schools it counted."""
    parameters = {
        "district_id": district_id,
        "run_id": run_id,
        "codes": list(INDICATORS),
        "of_terms": list(codes_of("term")),
        "few": [one.few if one.of_children else None for one in INDICATORS.values()],
        "least_missing": [one.missing[0] for one in INDICATORS.values()],
        "most_missing": [one.missing[1] for one in INDICATORS.values()],
    }
    session.execute(text(_SCHOOLS), parameters)
    died = session.scalar(queries.units_in(run_id, "dead"))
    if died:
        session.execute(text(_DIED), parameters)
    session.execute(text(_HASHED), {"switch": "off"})
    session.execute(text(_SUMS), parameters)
    session.execute(text(_HASHED), {"switch": "on"})
    if died or session.scalar(queries.has_empty_township(district_id)):
        session.execute(text(_SILENT), parameters)
    session.execute(text(_LOST), parameters)
    session.execute(delete(IndicatorRunPeriod).where(IndicatorRunPeriod.run_id == run_id))
