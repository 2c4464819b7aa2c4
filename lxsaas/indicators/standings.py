"""Every school's standing after a night, the figures of the few units that a page shows, and their course.

A page shows the figures of a few schools of hundreds; which few, the database tells. What a target misses is
the rule of `figures.shortfall_of`, said in SQL; a test compares the two. OFFSET keeps the planner to one
walk along the index for each indicator: it expects few rows and would compare all with all, or read it all.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, BindParameter, Boolean, Date, Integer, Text, TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from lxsaas.core.clock import add_months, month_start
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.figures import Target
from lxsaas.indicators.models import IndicatorRun

SIZE = "left_behind_share"
"""The indicator whose denominator says how many pupils a school has."""
BITS = {code: bit for bit, code in enumerate(INDICATORS)}
"""Which bit of a standing's mask stands for which indicator."""
Unit = tuple[str, int]
"""Level and id."""
_PERIODS = """
    running (term) as materialized (select max(starts_on) from term where starts_on <= :as_of),
    period (name, is_before, starts_on) as materialized (
        values ('day', false, cast(:as_of as date)), ('month', false, cast(:month as date)),
            ('term', false, (select term from running)),
            ('day', true, (
                select max(as_of) from indicator_run where state = 'done' and as_of <= :month_ago
            )),
            ('month', true, cast(:month_before as date)),
            ('term', true, (select max(starts_on) from term where starts_on < (select term from running)))
    )
"""
"""The periods of a run's day, and those before: a night at least a month ago, the whole month, the term."""

# Where a small cell is not shown, its numerator lies between `least` and `most` (Figure.bounds).
_STANDINGS = f"""
    with {_PERIODS},
    one as materialized (
        select asked.*, period.starts_on
        from unnest(
            cast(:codes as text[]), cast(:periods as text[]), cast(:bits as bigint[]),
            cast(:targets as integer[]), cast(:few as integer[]), cast(:least_missing as integer[]),
            cast(:most_missing as integer[]), cast(:lower as boolean[])
        ) as asked (code, period, bit, target, few, least_missing, most_missing, lower_is_better)
        join period on period.name = asked.period and not period.is_before
    )
    select school.id, school.name, school.township_id, township.name as township,
        school_activity.last_entry_on, standing.size, coalesce(standing.missed, 0) as missed,
        coalesce(standing.shortfall, 0) as shortfall, coalesce(standing.mask, 0) as mask,
        standing.unit_id is not null as reports
    from school
    left join township on township.id = school.township_id
    left join school_activity
        on school_activity.district_id = school.district_id and school_activity.unit_id = school.id
    left join (
        select unit_id, max(denominator) filter (where code = '{SIZE}') as size,
            count(shortfall) as missed, sum(shortfall) as shortfall,
            bit_or(bit) filter (where shortfall is not null) as mask
        from (
            select figure.unit_id, one.code, one.bit, figure.denominator, case
                    when one.lower_is_better then case when least > one.target then 0 end
                    when figure.denominator > 0 and most * 100 < one.target * figure.denominator
                        then one.target - (most * 100)::float8 / figure.denominator
                end as shortfall
            from one
            cross join lateral (
                select unit_id, numerator, denominator, hidden, slack from district_indicator
                where level = 'school' and indicator = one.code and starts_on = one.starts_on
                offset 0
            ) as figure
            cross join lateral (
                select case coalesce(hidden, '') when '' then numerator when 'few' then 1 when 'some' then 1
                        when 'most' then denominator - most_missing end as least,
                    case coalesce(hidden, '') when '' then numerator + slack when 'few' then few
                        when 'most' then denominator - least_missing
                        when 'some' then denominator - least_missing end as most
            ) as bounds
        ) as judged
        group by unit_id
    ) as standing on standing.unit_id = school.id
    order by school.name
"""
_FIGURES = f"""
    with {_PERIODS},
    one as materialized (
        select asked.code, period.starts_on, period.is_before
        from unnest(cast(:codes as text[]), cast(:periods as text[])) as asked (code, period)
        join period on period.name = asked.period
    )
    select unit.level, unit.id as unit_id, one.code as indicator, figure.*, one.is_before
    from unnest(cast(:levels as text[]), cast(:units as bigint[]), cast(:with_before as boolean[]))
        as unit (level, id, has_before)
    join one on unit.has_before or not one.is_before
    cross join lateral (
        select numerator, denominator, hidden, slack, schools_reporting, schools_expected
        from district_indicator
        where level = unit.level and unit_id = unit.id and indicator = one.code
            and starts_on = one.starts_on
        offset 0
    ) as figure
"""
_COLUMNS = (
    "level, unit_id, indicator, starts_on, numerator, denominator, hidden, slack,"
    " schools_reporting, schools_expected"
)
_COURSE = f"""
    select figure.*
    from unnest(cast(:codes as text[]), cast(:periods as text[])) as one (code, period)
    cross join lateral (
        select {_COLUMNS} from district_indicator
        where one.period <> 'day' and level = :level and unit_id = :unit_id and indicator = one.code
            and starts_on between :since and :until
        union all
        select last.*
        from generate_series(cast(:since as timestamp), cast(:until as timestamp), interval '1 month')
            as month (first)
        cross join lateral (
            select {_COLUMNS} from district_indicator
            where level = :level and unit_id = :unit_id and indicator = one.code
                and starts_on >= month.first::date and starts_on < (month.first + interval '1 month')::date
            order by starts_on desc
            limit 1
        ) as last
        where one.period = 'day'
    ) as figure
"""
_INTEGERS = ARRAY(Integer)


def standings(run: IndicatorRun, targets: Mapping[str, Target]) -> TextClause:
    """Of each school id, name, township, day of the last entry, pupils, and its `units.Standing`."""
    # Only what has a target can be missed.
    codes = [code for code in INDICATORS if targets[code] is not None or code == SIZE]
    every = [INDICATORS[code] for code in codes]
    return _of_run(_STANDINGS, run, codes).bindparams(
        bindparam("targets", [targets[code] for code in codes], _INTEGERS),
        bindparam("bits", [1 << BITS[code] for code in codes], ARRAY(BigInteger)),
        bindparam("few", [one.few for one in every], _INTEGERS),
        bindparam("least_missing", [one.missing[0] for one in every], _INTEGERS),
        bindparam("most_missing", [one.missing[1] for one in every], _INTEGERS),
        bindparam("lower", [one.lower_is_better for one in every], ARRAY(Boolean)),
    )


def figures_of(run: IndicatorRun, units: Sequence[Unit], change_of: Unit | None) -> TextClause:
    """What is shown of these units for a run's day, its month and its term, as plain rows.

    The unit `change_of` comes with its rows of the period before, marked `is_before`.
    """
    return _of_run(_FIGURES, run, INDICATORS).bindparams(
        bindparam("levels", [level for level, _ in units], ARRAY(Text)),
        bindparam("units", [unit_id for _, unit_id in units], ARRAY(BigInteger)),
        bindparam("with_before", [unit == change_of for unit in units], ARRAY(Boolean)),
    )


def course_of(run: IndicatorRun, unit: Unit, since: date) -> TextClause:
    """Plain rows, one a month and indicator: of daily indicators the last day that the month has."""
    level, unit_id = unit
    return text(_COURSE).bindparams(
        *_declared(INDICATORS),
        bindparam("since", since, Date),
        bindparam("until", run.as_of, Date),
        bindparam("level", level, Text),
        bindparam("unit_id", unit_id, BigInteger),
    )


def _declared(codes: Iterable[str]) -> tuple[BindParameter[Any], ...]:
    chosen = list(codes)
    periods = [INDICATORS[code].period for code in chosen]
    return bindparam("codes", chosen, ARRAY(Text)), bindparam("periods", periods, ARRAY(Text))


def _of_run(statement: str, run: IndicatorRun, codes: Iterable[str]) -> TextClause:
    days: dict[str, Any] = {
        "as_of": run.as_of,
        "month": month_start(run.as_of),
        "month_ago": add_months(run.as_of, -1),
        "month_before": add_months(month_start(run.as_of), -1),
    }
    return text(statement).bindparams(
        *_declared(codes),
        *(bindparam(name, day, Date) for name, day in days.items()),
    )
