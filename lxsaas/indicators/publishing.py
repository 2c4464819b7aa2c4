"""From the schools' figures to what the district sees; small cells left out of everything.

A school's figure of one or two children is published as suppressed, and the school is left out of that
figure's sums. Why nothing recovers it:

1. Sums. Every sum of a township or the district is a sum of published figures. Whoever holds all that is
   published about schools can compute each sum, so sums tell nothing more, now or by subtraction over time.
2. Other indicators of the same school. Populations are nested: care targets C and pupils left behind L are
   among the pupils enrolled E. C is hidden in `care_targets` and in every monthly rate alike, whose base it
   is on the same day. L and E go together: `left_behind_share` is hidden when either is small, else a
   school of two pupils with nobody left behind would be shown as 0/2. A hidden C may be 1 or 2 whatever is
   shown of L and E, since C <= L <= E and a shown L is then at least three; a hidden L or E likewise.
   `tests/indicators/test_small_cells.py` tries every school that fits what is published.
3. Other days. Another day's figures bound a hidden one by nothing: children come and go.

The price is that a sum may lack one or two children for each small school; `schools_reporting` beside
`schools_expected` says so. A sum of no school is 0 with nobody reporting.
"""

from datetime import date

from sqlalchemy import func, text, update
from sqlalchemy.orm import Session

from lxsaas.indicators import queries
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.hooks import run_finished
from lxsaas.indicators.models import IndicatorRun

SMALL = 3
"""Fewest children from whom a figure may be computed and shown (domain document, Indicators)."""

_DELETE = """
    delete from district_indicator as old
    using (select distinct indicator, starts_on from school_indicator
           where school_id = any (:schools) and run_id = :run_id) as touched
    where old.district_id = :district_id and old.indicator = touched.indicator
        and old.starts_on = touched.starts_on
"""

# A school whose count is older than the others' (its unit died) does not report in this period.
_PUBLISH = """
    insert into district_indicator (district_id, level, unit_id, indicator, starts_on, as_of, numerator,
        denominator, is_suppressed, schools_reporting, schools_expected)
    with touched as (
        select indicator, starts_on, max(as_of) as as_of from school_indicator
        where school_id = any (:schools) and run_id = :run_id group by indicator, starts_on
    ),
    figure as (
        select one.school_id, school.township_id, one.indicator, one.starts_on, touched.as_of,
            one.numerator, one.denominator,
            (one.indicator = any (:children_above) and one.numerator between 1 and :small - 1)
                or (one.indicator = any (:children_below) and one.denominator between 1 and :small - 1)
                as is_small
        from school_indicator as one
        join touched on touched.indicator = one.indicator and touched.starts_on = one.starts_on
            and touched.as_of = one.as_of
        join school on school.id = one.school_id
        where one.school_id = any (:schools)
    )
    select :district_id, 'school', school_id, indicator, starts_on, as_of,
        case when not is_small then numerator end, case when not is_small then denominator end,
        is_small, case when is_small then 0 else 1 end, 1
    from figure
    union all
    select :district_id, case when grouping(township_id) = 0 then 'township' else 'district' end,
        coalesce(township_id, :district_id), indicator, starts_on, as_of,
        coalesce(sum(numerator) filter (where not is_small), 0),
        case when count(denominator) > 0 then coalesce(sum(denominator) filter (where not is_small), 0) end,
        false, count(*) filter (where not is_small), 0
    from figure
    group by grouping sets ((indicator, starts_on, as_of), (indicator, starts_on, as_of, township_id))
    having grouping(township_id) = 1 or township_id is not null
"""

_EXPECTED = """
    update district_indicator as sum set schools_expected = (
        select count(*) from school
        where school.district_id = :district_id
            and (sum.level = 'district' or school.township_id = sum.unit_id)
    )
    from (select distinct indicator, starts_on from school_indicator
          where school_id = any (:schools) and run_id = :run_id) as touched
    where sum.district_id = :district_id and sum.level <> 'school'
        and sum.indicator = touched.indicator and sum.starts_on = touched.starts_on
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
    parameters = {"district_id": district_id, "run_id": run_id, "schools": schools}
    above, below = (
        [code for code, one in INDICATORS.items() if part in one.children]
        for part in ("numerator", "denominator")
    )
    session.execute(text(_DELETE), parameters)
    session.execute(
        text(_PUBLISH), parameters | {"children_above": above, "children_below": below, "small": SMALL}
    )
    session.execute(text(_EXPECTED), parameters)
