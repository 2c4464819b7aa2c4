"""Every school's standing after a night, the figures of the few units that a page shows, and their course.

A page shows the figures of a few schools of hundreds; which few, the database tells. What a target misses is
the rule of `figures.shortfall_of`, said in SQL; a test compares the two. OFFSET keeps the planner to one
walk along the index for each indicator: it expects few rows and would compare all with all, or read it all.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from lxsaas.core.clock import add_months, month_start
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.figures import Target
from lxsaas.indicators.models import IndicatorRun, SchoolStanding

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
_JUDGED = f"""
    {_PERIODS},
    one as materialized (
        select asked.*, period.starts_on
        from unnest(
            cast(:codes as text[]), cast(:periods as text[]), cast(:bits as bigint[]),
            cast(:targets as integer[]), cast(:few as integer[]), cast(:least_missing as integer[]),
            cast(:most_missing as integer[]), cast(:lower as boolean[])
        ) as asked (code, period, bit, target, few, least_missing, most_missing, lower_is_better)
        join period on period.name = asked.period and not period.is_before
    ),
    judged as materialized (
        select unit_id, max(denominator) filter (where code = '{SIZE}') as size,
            count(shortfall) as missed, coalesce(sum(shortfall), 0) as shortfall,
            coalesce(bit_or(bit) filter (where shortfall is not null), 0) as mask
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
        ) as figures
        group by unit_id
    )
"""
_SCHOOLS = """
    select school.id, school.name, school.township_id, township.name as township,
        school_activity.last_entry_on, standing.size, coalesce(standing.missed, 0) as missed,
        coalesce(standing.shortfall, 0) as shortfall, coalesce(standing.mask, 0) as mask,
        standing.unit_id is not null as reports
    from school
    left join township on township.id = school.township_id
    left join school_activity
        on school_activity.district_id = school.district_id and school_activity.unit_id = school.id
    left join {} as standing on standing.unit_id = school.id
    order by school.name
"""
_STANDINGS = f"with {_JUDGED} {_SCHOOLS.format('judged')}"
_KEPT_STANDINGS = _SCHOOLS.format(
    "(select * from school_standing where run_id = :run_id and judged_by = :judged_by)"
)
_KEEP = f"""
    with {_JUDGED}
    insert into school_standing (district_id, unit_id, run_id, judged_by, size, missed, shortfall, mask)
    select :district_id, unit_id, :run_id, :judged_by, size, missed, shortfall, mask from judged
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
    from unnest(cast(:units as bigint[])) as asked (unit)
    cross join unnest(cast(:codes as text[]), cast(:periods as text[])) as one (code, period)
    cross join lateral (
        select {_COLUMNS} from district_indicator
        where one.period <> 'day' and level = :level and unit_id = asked.unit and indicator = one.code
            and starts_on between :since and :until
        union all
        select last.*
        from generate_series(cast(:since as timestamp), cast(:until as timestamp), interval '1 month')
            as month (first)
        cross join lateral (
            select {_COLUMNS} from district_indicator
            where level = :level and unit_id = asked.unit and indicator = one.code
                and starts_on >= month.first::date and starts_on < (month.first + interval '1 month')::date
            order by starts_on desc
            limit 1
        ) as last
        where one.period = 'day'
    ) as figure
"""


def standings(session: Session, run: IndicatorRun, targets: Mapping[str, Target]) -> Sequence[Any]:
    """Of each school id, name, township, day of the last entry, pupils, and its `units.Standing`.

    Those that the night kept, else judged now: after a target was changed, until the next night.
    """
    asked = _asked(run, targets)
    kept = {"run_id": run.id, "judged_by": _fingerprint(asked)}
    rows = session.execute(text(_KEPT_STANDINGS), kept).all()
    if any(row.reports for row in rows):
        return rows
    return session.execute(text(_STANDINGS), asked).all()


def keep_standings(session: Session, run: IndicatorRun, targets: Mapping[str, Target]) -> None:
    """Keeps every school's standing after a run, in the place of what was kept: by the aggregator's login."""
    asked = _asked(run, targets)
    session.execute(delete(SchoolStanding).where(SchoolStanding.district_id == run.district_id))
    known = {"district_id": run.district_id, "run_id": run.id, "judged_by": _fingerprint(asked)}
    session.execute(text(_KEEP), asked | known)


def _asked(run: IndicatorRun, targets: Mapping[str, Target]) -> dict[str, Any]:
    """What the judging depends on besides the figures."""
    # Only what has a target can be missed.
    codes = [code for code in INDICATORS if targets[code] is not None or code == SIZE]
    every = [INDICATORS[code] for code in codes]
    return _days(run) | {
        "codes": codes,
        "periods": [one.period for one in every],
        "bits": [1 << BITS[code] for code in codes],
        "targets": [targets[code] for code in codes],
        "few": [one.few for one in every],
        "least_missing": [one.missing[0] for one in every],
        "most_missing": [one.missing[1] for one in every],
        "lower": [one.lower_is_better for one in every],
    }


def _fingerprint(asked: Mapping[str, Any]) -> str:
    """Tells one way of judging from another: other targets, other rules."""
    return hashlib.sha256(repr(sorted(asked.items())).encode()).hexdigest()[:32]


def figures_of(
    session: Session, run: IndicatorRun, units: Sequence[Unit], change_of: Unit | None
) -> Sequence[Any]:
    """What is shown of these units for a run's day, its month and its term, as plain rows.

    The unit `change_of` comes with its rows of the period before, marked `is_before`.
    """
    asked = {
        "codes": list(INDICATORS),
        "periods": [one.period for one in INDICATORS.values()],
        "levels": [level for level, _ in units],
        "units": [unit_id for _, unit_id in units],
        "with_before": [unit == change_of for unit in units],
    }
    return session.execute(text(_FIGURES), asked | _days(run)).all()


def course_of(session: Session, run: IndicatorRun, unit: Unit, since: date) -> Sequence[Any]:
    """Plain rows, one a month and indicator: of daily indicators the last day that the month has."""
    level, unit_id = unit
    return courses_of(session, level, [unit_id], since, run.as_of)


def courses_of(
    session: Session, level: str, unit_ids: Sequence[int], since: date, until: date
) -> Sequence[Any]:
    """The same of several units of a level, in one statement."""
    asked = {
        "codes": list(INDICATORS),
        "periods": [one.period for one in INDICATORS.values()],
        "since": since,
        "until": until,
        "level": level,
        "units": list(unit_ids),
    }
    return session.execute(text(_COURSE), asked).all()


def _days(run: IndicatorRun) -> dict[str, date]:
    return {
        "as_of": run.as_of,
        "month": month_start(run.as_of),
        "month_ago": add_months(run.as_of, -1),
        "month_before": add_months(month_start(run.as_of), -1),
    }
