"""A district with every night, month and term of two years published, and officers who look at it."""

from datetime import date

from flask import Flask
from sqlalchemy import text

from benchmarks.bulk import administrator, without_indexes
from lxsaas.core.clock import add_months, month_end
from lxsaas.core.scope import Scope, aggregating, operating
from lxsaas.extensions import session_for
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.models import IndicatorRun
from lxsaas.schools.models import Term
from tests.factories import Factory, Place

AS_OF = date(2026, 11, 22)
TERM_STARTS = (3, 9)
"""Months in which terms begin."""

_FIGURES = text(
    """
    insert into district_indicator (district_id, level, unit_id, indicator, starts_on, as_of, numerator,
        denominator, hidden, slack, schools_reporting, schools_expected)
    select :district_id, level, unit, code, starts_on, least(:as_of, case period when 'day' then starts_on
            when 'month' then (starts_on + interval '1 month')::date - 1 else starts_on + 150 end),
        case when hidden is null then case when is_rate then due * (55 + mixed % 46) / 100 else due end end,
        case when is_rate then due end, hidden, case when level = 'school' then 0 else due / 50 end, 1, 1
    from (
        select *, case when level = 'school' and is_rate and mixed % 17 = 0 then 'few' end as hidden
        from (
            select *, 30 + unit % 300 as due,
                abs(hashtext(unit || code || starts_on::text)) as mixed
            from unnest(cast(:levels as text[]), cast(:units as bigint[])) as place (level, unit)
            cross join unnest(cast(:codes as text[]), cast(:periods as text[]), cast(:rates as boolean[]))
                as one (code, period, is_rate)
            join lateral (
                select generate_series(:as_of - :months * 30, :as_of, interval '1 day')::date
                where period = 'day'
                union all
                select generate_series(
                    date_trunc('month', cast(:as_of as date)) - make_interval(months => :months - 1),
                    :as_of, interval '1 month'
                )::date where period = 'month'
                union all
                select starts_on from term where district_id = :district_id and period = 'term'
            ) as day (starts_on) on true
        ) as drawn
    ) as made
    order by starts_on, code, unit
    """
)
"""Each night, month and term of every unit, as nights would have left them."""
_RECORDS = """
    insert into care_record (school_id, pupil_id, kind, occurred_on, recorded_by)
    overriding system value
    select school.id, 1 + number % 200, 1 + number % 9, current_date - (number % 700)::int, 1
    from (select array_agg(id) as ids from school) as all_schools
    cross join generate_series(1, %(records)s) as number
    join school on school.id = ids[1 + number % cardinality(ids)]
"""
"""Records of nobody: triggers and keys stand back, and the district's login may read none of them anyway."""


def build(factory: Factory, schools: int, months: int) -> Place:
    """A district with published figures for every month, as nights would have left them."""
    district = factory.district()
    townships = [factory.township(district) for _ in range(10)]
    with session_for(operating()) as session:
        for back in range(months + 6):
            first = add_months(AS_OF.replace(day=1), -back)
            if first.month in TERM_STARTS:
                name = f"{first:%Y-%m}"
                ends_on = month_end(add_months(first, 4))
                session.add(Term(district_id=district.id, name=name, starts_on=first, ends_on=ends_on))
        session.commit()
    ids = [factory.school(district, townships[number % 10]).id for number in range(schools)]
    units = [
        ("district", district.id),
        *(("township", one) for one in townships),
        *(("school", one) for one in ids),
    ]
    scope: Scope = aggregating(district.id, ids)
    with session_for(scope) as session:
        for back in range(months):
            as_of = min(month_end(add_months(AS_OF.replace(day=1), -back)), AS_OF)
            session.add(
                IndicatorRun(district_id=district.id, as_of=as_of, state="done", schools_expected=schools)
            )
        session.flush()
        session.execute(_FIGURES, {
            "district_id": district.id, "as_of": AS_OF, "months": months,
            "units": [unit for _, unit in units], "levels": [level for level, _ in units],
            "codes": list(INDICATORS),
            "periods": [one.period for one in INDICATORS.values()],
            "rates": [one.is_rate for one in INDICATORS.values()],
        })  # fmt: skip
        session.commit()
    return district


def settle(app: Flask, records: int) -> None:
    """So many care records beside the figures, and statistics as a database has that was not just filled."""
    with administrator(app.extensions["lxsaas.settings"]) as connection:
        if records:
            with without_indexes(connection, "care_record"):
                connection.execute(_RECORDS, {"records": records})
        connection.execute("vacuum analyze")
