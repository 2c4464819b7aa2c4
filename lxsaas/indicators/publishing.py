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

from datetime import date

from sqlalchemy import func, text, update
from sqlalchemy.orm import Session

from lxsaas.indicators import queries
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.hooks import run_finished
from lxsaas.indicators.models import IndicatorRun

# A school whose count is older than the others' and does not stand (its unit died) does not report.
_PUBLISH = """
    insert into district_indicator (district_id, level, unit_id, indicator, starts_on, as_of, numerator,
        denominator, hidden, slack, schools_reporting, schools_expected)
    with touched as materialized (
        select code.code, period.starts_on, period.as_of, few, least_missing, most_missing
        from indicator_run_period as period
        join unnest(cast(:codes as text[]), cast(:periods as text[]), cast(:few as bigint[]),
            cast(:least_missing as bigint[]), cast(:most_missing as bigint[])
        ) as code (code, period, few, least_missing, most_missing) on code.period = period.period
        where period.run_id = :run_id
    ),
    place as materialized (
        select school.id, school.township_id, standing.counted_on
        from school left join indicator_standing as standing on standing.school_id = school.id
        where school.district_id = :district_id
    ),
    figure as (
        select place.id as school_id, place.township_id, touched.code as indicator, touched.starts_on,
            touched.as_of,
            one.numerator, one.denominator, few, least_missing, most_missing,
            case
                when few is null then null
                when one.denominator is null then case when one.numerator between 1 and few then 'few' end
                when one.denominator between 1 and 2 then 'all'
                when one.numerator < 1 or one.denominator - one.numerator < least_missing then null
                when one.denominator <= few + most_missing then 'some'
                when one.numerator <= few then 'few'
                when one.denominator - one.numerator <= most_missing then 'most'
            end as hidden
        from place cross join touched
        -- LIMIT keeps the planner to one look at the key for each: it would compare all with all.
        cross join lateral (
            select one.as_of, one.numerator, one.denominator from school_indicator as one
            where one.school_id = place.id and one.indicator = touched.code
                and one.starts_on = touched.starts_on
            limit 1
        ) as one
        where one.as_of = touched.as_of or place.counted_on >= touched.as_of
    ),
    expected as materialized (
        select township_id, count(*) as schools from place
        group by grouping sets ((), (township_id))
    ),
    known as (
        select *,
            case when hidden is null then numerator when hidden in ('few', 'some') then 1
                when hidden = 'most' then denominator - most_missing end as least,
            case hidden when 'few' then few - 1 when 'some' then denominator - least_missing - 1
                when 'most' then most_missing - least_missing else 0 end as slack,
            case when hidden is distinct from 'all' then denominator end as due
        from figure
    )
    select :district_id, 'school', school_id, indicator, starts_on, as_of,
        case when hidden is null then numerator end, due, hidden, 0,
        case when hidden is distinct from 'all' then 1 else 0 end, 1
    from known
    union all
    select :district_id, case when whole = 0 then 'township' else 'district' end,
        coalesce(township_id, :district_id), indicator, starts_on, as_of, least, due, null, slack, reporting,
        (select max(schools) from expected where whole = 1 or expected.township_id = sum.township_id)
    from (
        select township_id, grouping(township_id) as whole, indicator, starts_on, as_of,
            coalesce(sum(least), 0) as least,
            case when count(denominator) > 0 then coalesce(sum(due), 0) end as due,
            coalesce(sum(slack), 0) as slack, count(*) filter (where hidden is distinct
                from 'all') as reporting
        from known
        group by grouping sets ((indicator, starts_on, as_of), (indicator, starts_on, as_of, township_id))
        having grouping(township_id) = 1 or township_id is not null
    ) as sum
    on conflict (district_id, level, unit_id, indicator, starts_on) do update set
        as_of = excluded.as_of, numerator = excluded.numerator, denominator = excluded.denominator,
        hidden = excluded.hidden, slack = excluded.slack, schools_reporting = excluded.schools_reporting,
        schools_expected = excluded.schools_expected, computed_at = now()
"""

# A school that did not report in a period has no row in it.
_SILENT = """
    delete from district_indicator as old using indicator_run_period as period
    where period.run_id = :run_id and old.district_id = :district_id and old.starts_on = period.starts_on
        and old.indicator = any (:codes) and old.as_of < period.as_of and old.level <> 'district'
        and (select code.period from unnest(cast(:codes as text[]), cast(:periods as text[]))
            as code (code, period)
             where code.code = old.indicator) = period.period
"""


def finish_run(
    session: Session, *, district_id: int, run_id: int, as_of: date, schools: list[int], announce: bool = True
) -> bool:
    """Publishes a run that has no unit left, tells the layers above, and marks it done; whether it did.

    Only one of several that try at once succeeds. To be committed by the caller.
    """
    if session.scalar(queries.has_open_units(run_id)):
        return False
    claimed = session.scalar(
        update(IndicatorRun)
        .where(IndicatorRun.id == run_id, IndicatorRun.state == "running")
        .values(state="done", finished_at=func.now())
        .returning(IndicatorRun.id)
    )
    if claimed is None:
        return False
    publish(session, district_id=district_id, run_id=run_id, schools=schools)
    if announce:
        for hook in run_finished:
            hook(session, district_id, as_of)
    return True


def publish(session: Session, *, district_id: int, run_id: int, schools: list[int]) -> None:
    """Replaces the district's figures of every period that this run counted."""
    parameters = {
        "district_id": district_id,
        "run_id": run_id,
        "codes": list(INDICATORS),
        "periods": [one.period for one in INDICATORS.values()],
        "few": [one.few if one.of_children else None for one in INDICATORS.values()],
        "least_missing": [one.missing[0] for one in INDICATORS.values()],
        "most_missing": [one.missing[1] for one in INDICATORS.values()],
    }
    session.execute(text(_PUBLISH), parameters)
    if session.scalar(queries.units_in(run_id, "dead")):
        session.execute(text(_SILENT), parameters)
