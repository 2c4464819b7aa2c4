"""Every school's standing after a night, without its figures: what it misses, its size, its last entry.

A page shows the figures of a few schools of hundreds; which few, the database tells. What a target misses is
the rule of `figures.shortfall_of`, said in SQL; a test compares the two.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Boolean, Date, Integer, Text, TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from lxsaas.core.clock import month_start
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.figures import Target
from lxsaas.indicators.models import IndicatorRun

# Where a small cell is not shown, its numerator lies between `least` and `most` (Figure.bounds).
_STANDINGS = """
    select school.id, school.name, school.township_id, township.name as township,
        school_activity.last_entry_on,
        standing.size, coalesce(standing.shortfalls, '{}') as shortfalls,
        standing.unit_id is not null as reports
    from school
    left join township on township.id = school.township_id
    left join school_activity
        on school_activity.district_id = school.district_id and school_activity.unit_id = school.id
    left join (
        select unit_id, max(denominator) filter (where indicator = 'left_behind_share') as size,
            jsonb_object_agg(indicator, shortfall) filter (where shortfall is not null) as shortfalls
        from (
            select figure.unit_id, figure.indicator, figure.denominator, case
                    when one.lower_is_better then case when least > one.target then 0 end
                    when figure.denominator > 0 and most * 100 < one.target * figure.denominator
                        then one.target - (most * 100)::float8 / figure.denominator
                end as shortfall
            from unnest(
                    cast(:codes as text[]), cast(:starts as date[]), cast(:targets as integer[]),
                    cast(:few as integer[]), cast(:least_missing as integer[]),
                    cast(:most_missing as integer[]), cast(:lower as boolean[])
                ) as one (code, starts_on, target, few, least_missing, most_missing, lower_is_better)
            join district_indicator as figure on figure.level = 'school' and figure.indicator = one.code
                and figure.starts_on = coalesce(
                    one.starts_on, (select max(term.starts_on) from term where term.starts_on <= :as_of)
                )
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
_INTEGERS = ARRAY(Integer)


def standings(run: IndicatorRun, targets: Mapping[str, Target]) -> TextClause:
    """Of each school id, name, township, day of the last entry, pupils, and by how much it misses what."""
    starts: dict[str, Any] = {"day": run.as_of, "month": month_start(run.as_of), "term": None}
    every = INDICATORS.values()
    return text(_STANDINGS).bindparams(
        bindparam("codes", list(INDICATORS), ARRAY(Text)),
        bindparam("starts", [starts[one.period] for one in every], ARRAY(Date)),
        bindparam("targets", [targets[code] for code in INDICATORS], _INTEGERS),
        bindparam("few", [one.few for one in every], _INTEGERS),
        bindparam("least_missing", [one.missing[0] for one in every], _INTEGERS),
        bindparam("most_missing", [one.missing[1] for one in every], _INTEGERS),
        bindparam("lower", [one.lower_is_better for one in every], ARRAY(Boolean)),
        bindparam("as_of", run.as_of, Date),
    )
