"""The statements of a night: count many schools at once, carry forward what stands, say how long it does."""

from collections.abc import Sequence
from functools import cache

from lxsaas.counselling.models import Risk
from lxsaas.indicators.definitions import FACTS, INDICATORS, Indicator, Period
from lxsaas.indicators.relations import (
    FOLLOWED_DAYS,
    FOLLOWING,
    ITEMS,
    SOURCES,
    WANTED,
    children,
    has_all,
    open_on,
)

SETTINGS = """
    select set_config('jit', 'off', true), set_config('work_mem', '64MB', true),
        set_config('enable_sort', 'off', true), set_config('synchronous_commit', 'off', true),
        set_config('client_connection_check_interval', '1s', true)
"""
"""For one transaction: compiling such a statement takes longer than running it; what it groups fits into
memory, and the planner, which expects few rows, would sort it; a crash of the server may take the last
results: then the ledger, written with them, does not know them. Who acts on them, the sender of mail, commits
to the disk, and theirs before. What a killed worker's session waits for it gives up within a second: its
row locks would say that somebody is still at work.
"""

_STARTS: dict[Period, str] = {"day": "w.as_of", "month": "w.month_start", "term": "w.term_start"}
"""First day of the period of the rows written; null (a day outside any term) writes none."""


@cache
def counting_sql(codes: Sequence[str]) -> str:
    """One INSERT that counts these indicators for each row of `wanted`, also where all is zero.

    Replaces what stood for the same school, indicator and period. Parameters: those of `wanted`
    (`relations.WANTED_PARAMETERS`, arrays of one length) and run_id. Only relations that a fact needs are
    read.
    """
    indicators = [INDICATORS[code] for code in codes]
    of_children = [one for one in indicators if one.items is None]
    items = list(dict.fromkeys(one.items for one in indicators if one.items is not None))
    relations = [_counted_children(of_children)] if of_children else []
    relations += [_counted_items(name) for name in items]
    sources = (["children"] if of_children else []) + items
    joins = " ".join(f"left join {name} on {name}.n = w.n" for name in sources)
    rows = ", ".join(_row(one) for one in indicators)
    return f"""
        insert into school_indicator
            (school_id, indicator, starts_on, as_of, numerator, denominator, definition_version, run_id)
        with {WANTED}, {", ".join(relations)}
        select w.school_id, part.indicator, part.starts_on, w.as_of, part.numerator, part.denominator,
            part.version, :run_id
        from wanted w {joins}
        cross join lateral (values {rows}) as part (indicator, starts_on, numerator, denominator, version)
        where part.starts_on is not null
        on conflict (school_id, indicator, starts_on) do update set
            as_of = excluded.as_of, numerator = excluded.numerator, denominator = excluded.denominator,
            definition_version = excluded.definition_version, run_id = excluded.run_id, computed_at = now()
    """


def _counted_children(indicators: Sequence[Indicator]) -> str:
    facts = dict.fromkeys(fact for one in indicators for fact in (*one.denominator, *one.numerator))
    counts = ", ".join(
        f"count(*) filter (where {has_all((*one.denominator, *one.numerator))}) as {one.code}"
        + (f", count(*) filter (where {has_all(one.denominator)}) as {one.code}_of" if one.is_rate else "")
        for one in indicators
    )
    return f"children as (select n, {counts} from ({children(facts)}) as child group by n)"


def _counted_items(name: str) -> str:
    return f"""{name} as (
        select n, count(*) filter (where is_counted) as counted, count(*) as total
            from ({ITEMS[name]}) as one group by n
    )"""


def _row(one: Indicator) -> str:
    if one.items is None:
        numerator, denominator = f"children.{one.code}", f"children.{one.code}_of" if one.is_rate else None
    elif one.goal is None:
        numerator, denominator = f"{one.items}.counted", f"{one.items}.total"
    else:
        numerator, denominator = f"least(coalesce({one.items}.counted, 0), {one.goal})", str(one.goal)
    parts = f"coalesce({numerator}, 0), " + (f"coalesce({denominator}, 0)" if denominator else "null::bigint")
    return f"('{one.code}', {_STARTS[one.period]}, {parts}, {one.version})"


@cache
def explaining_sql(code: str) -> str:
    """What an indicator counts for the one row of `wanted`: (item, day, is_counted), of children (id, null,
    …).

    The same relations as `counting_sql`: as many rows as the denominator, as many counted as the numerator;
    where a goal is the denominator, as many counted as there are.
    """
    one = INDICATORS[code]
    if one.items is not None:
        return (
            f"with {WANTED} select item, day, is_counted from ({ITEMS[one.items]}) as one order by day, item"
        )
    due = one.denominator if one.is_rate else one.numerator
    facts = (*one.denominator, *one.numerator)
    return f"""
        with {WANTED} select pupil_id as item, null::date as day, {has_all(facts)} as is_counted
        from ({children(facts)}) as child where {has_all(due)}
    """


def _next(table: str, *days: str, where: str = "true") -> str:
    """The next day after the as-of day in these columns: what is true from or until then changes on it."""
    columns = ", ".join(f"case when {day} > :as_of then {day} end" for day in days)
    later = " or ".join(f"{day} > :as_of" for day in days)
    return f"""
        select school_id, min(least({columns})) as day from {table}
        where school_id = any (:schools) and ({later}) and {where} group by school_id
    """


_LISTED = "withdrawn_at is null"
_CHANGING = (
    _next("pupil", "enrolled_on", "left_on"),
    _next("left_behind_spell", "starts_on", "ends_on"),
    _next("known_spell", "starts_on", "ends_on"),
    _next("pairing", "starts_on", "ends_on", where=_LISTED),
    _next("case_risk", "starts_on", "ends_on"),
    _next("care_record", "occurred_on", where=_LISTED),
    _next("class_teacher", "starts_on", "ends_on"),
    _next("plan_document", "published_on", where=_LISTED),
    _next("exam", "taken_on", where=_LISTED),
    _next("drop_out", "since_on", where=_LISTED),
    _next("group_meeting", "held_on", where=_LISTED),
    _next("parents_session", "held_on", where=_LISTED),
    _next("activity", "held_on", where=_LISTED),
    # Weeks and months that end, and terms that begin, end or have a filing due: for every school alike.
    "select unnest(cast(:schools as bigint[])), cast(:calendar_changes_on as date)",
)
_FEW_CHANGING = (
    _next("must_visit", "due_on", where=_LISTED),
    # The day on which the last contact with a child at high risk no longer counts.
    f"""
        select r.school_id, min(contact.day) + {FOLLOWED_DAYS} as day
        from case_risk r
        cross join lateral (
            select max(c.occurred_on) as day from care_record c
            where c.school_id = r.school_id and c.pupil_id = r.pupil_id and c.withdrawn_at is null
                and c.{FOLLOWING} and c.occurred_on between :as_of - {FOLLOWED_DAYS - 1} and :as_of
        ) as contact
        where r.school_id = any (:schools) and r.level = {int(Risk.HIGH)}
        group by r.school_id
    """,
)
_PARTS = " union all ".join(
    f"(select school_id, day, {few} from ({one}) as next (school_id, day))"
    for few, parts in (("false", _CHANGING), ("true", _FEW_CHANGING))
    for one in parts
)
STANDING_SQL = f"""
    insert into indicator_standing (school_id, counted_on, changes_on, few_change_on, formula)
    select school_id, :as_of, min(day) filter (where not few), min(day) filter (where few and day > :as_of),
        :formula
    from ({_PARTS}) as next (school_id, day, few) group by school_id
    on conflict (school_id) do update set counted_on = excluded.counted_on,
        changes_on = excluded.changes_on, few_change_on = excluded.few_change_on, formula = excluded.formula
        where indicator_standing.counted_on <= excluded.counted_on
"""
"""Notes of each school the first day on which its figures may differ though nobody changes anything, and
the first on which FEW_CODES may. A later day that was counted stays.

Parameters: schools, as_of, definition, formula (what else the figures depend on), and calendar_changes_on:
the next day on which a week, month or term changes what is counted. Birthdays are left out: every fourth
night a school has one.
"""


def _reads_care(one: Indicator) -> bool:
    sources = {FACTS[fact].source for fact in (*one.denominator, *one.numerator)}
    relations = [ITEMS[one.items]] if one.items else [SOURCES[source] for source in sources]
    return any("care_record" in relation for relation in relations)


CARE_CODES = tuple(code for code, one in INDICATORS.items() if _reads_care(one))
"""Indicators that a care record may change."""


def care_codes_of(*periods: Period) -> tuple[str, ...]:
    """Those of some periods that a care record may change."""
    return tuple(code for code in CARE_CODES if INDICATORS[code].period in periods)


FEW_CODES = tuple(
    code
    for code, one in INDICATORS.items()
    if one.items == "must_visits" or {"has_birthday", "is_followed"} & {*one.denominator, *one.numerator}
)
"""Indicators that one child's day changes in many schools a night: counted by themselves where no more is."""
FEW_SQL = f"""
    select p.school_id from unnest(cast(:schools as bigint[])) as one (school_id)
    join pupil p on p.school_id = one.school_id and p.birthday between :first_birthday and :last_birthday
    where exists (
        select from left_behind_spell s
        where s.school_id = p.school_id and s.pupil_id = p.id and s.definition = :definition
            and {open_on("s", "cast(:as_of as date)")}
    )
    union
    select school_id from indicator_standing where school_id = any (:schools) and few_change_on <= :as_of
"""
"""The schools in which FEW_CODES may differ since the day before: by a birthday of a care target, a visit
due, or a contact with a child at high risk that is too old.

Parameters: schools, definition, as_of, first_birthday and last_birthday (`Pupil.birthday`).
"""
FEW_STANDING_SQL = f"""
    update indicator_standing as standing set few_change_on = (
        select min(next.day) from ({" union all ".join(f"({one})" for one in _FEW_CHANGING)}) as next
        where next.school_id = standing.school_id and next.day > :as_of
    )
    where school_id = any (:schools)
"""
"""Notes anew the first day on which FEW_CODES may differ. Parameters: schools, as_of."""


CARRIED_SQL = """
    insert into school_indicator
        (school_id, indicator, starts_on, as_of, numerator, denominator, definition_version, run_id)
    select old.school_id, old.indicator, :as_of, :as_of, old.numerator, old.denominator,
        old.definition_version, :run_id
    from indicator_standing as standing
    join school_indicator as old on old.school_id = standing.school_id and old.starts_on = standing.counted_on
        and old.indicator = any (:day)
    where standing.school_id = any (:schools)
    on conflict (school_id, indicator, starts_on) do update set run_id = excluded.run_id
"""
"""Gives a day the figures of the day last counted. Parameters: schools, as_of, run_id; day: the codes of each
day.
"""
COUNTED_SQL = "update indicator_standing set counted_on = :as_of where school_id = any (:schools)"
# A pair at a time, so that the key finds the row: a school has years of others.
ENDED_SQL = """
    update school_indicator as figure set as_of = :as_of, run_id = :run_id
    from unnest(cast(:codes as text[]), cast(:starts as date[])) as ended (code, starts_on)
    where figure.school_id = any (:schools) and figure.indicator = ended.code
        and figure.starts_on = ended.starts_on
"""
"""Notes that periods that end on the day were counted to it. Parameters: schools, as_of, run_id; codes and
starts: of which indicators, and the first days.
"""
