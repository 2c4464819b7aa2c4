"""The SQL behind the definitions: what tells facts about children, and the items that are counted.

Everything starts from `wanted`: a row for each school and as-of day that is counted, numbered `n`, with the
month and the term in which the day lies (`term_start` is null outside any term). So one statement counts
any number of schools and days. A source yields (n, pupil_id, bits); a relation of items (n, item, day,
is_counted).
"""

from collections.abc import Iterable, Mapping

from lxsaas.care.models import CareKind
from lxsaas.counselling.models import Risk
from lxsaas.indicators.definitions import FACTS, LETTER

GREETING_DAYS = 3
"""Within so many days of a birthday a greeting counts, also when it lies in the month beside."""
FOLLOWED_DAYS = 14
"""A child at high risk is followed up by a contact in so many days, the as-of day the last of them."""
FOLLOWING = f"kind in ({int(CareKind.TALK)}, {int(CareKind.COUNSELLING)})"
OPENINGS, STAFF = 2, 2
"""The children's home is open in a week with so many openings, each with so many of the staff (P22)."""
SESSION_MINUTES = 40

WANTED = """wanted as materialized (
    select n, school_id, as_of, definition, term_start, term, month_start, month_end,
        cast(extract(month from as_of) * 100 + 1 as int) as first_birthday,
        cast(extract(month from as_of) * 100
            + case as_of when month_end then 31 else extract(day from as_of) end as int) as last_birthday
    from unnest(
        cast(:schools as bigint[]), cast(:days as date[]), cast(:definitions as text[]),
        cast(:term_starts as date[]), cast(:terms as text[])
    ) with ordinality as one (school_id, as_of, definition, term_start, term, n)
    cross join lateral (select date_trunc('month', cast(as_of as timestamp)) as month) as month
    cross join lateral (
        select cast(month as date) as month_start, cast(month + interval '1 month' as date) - 1 as month_end
    ) as days
)"""
WANTED_PARAMETERS = ("schools", "days", "definitions", "term_starts", "terms")


def open_on(row: str, on: str = "w.as_of") -> str:
    """The condition that a row with `starts_on` and `ends_on` is open on a day."""
    return f"{row}.starts_on <= {on} and ({row}.ends_on is null or {row}.ends_on > {on})"


def _bit(fact: str) -> str:
    return f"{FACTS[fact].mask}::bigint"


def _when(condition: str, fact: str) -> str:
    return f"case when {condition} then {_bit(fact)} else 0 end"


def _joined(table: str, member: str, key: str, fact: str) -> str:
    """Children who were at something held in the term."""
    return f"""
        select w.n, m.pupil_id, {_bit(fact)} from wanted w
        join {table} h on h.school_id = w.school_id and h.held_on between w.term_start and w.as_of
            and h.withdrawn_at is null
        join {member} m on m.school_id = h.school_id and m.{key} = h.id
    """


SOURCES: Mapping[str, str] = {
    "pupils": f"""
        select w.n, p.id as pupil_id, {_bit("is_enrolled")} | {
        _when(
            "p.birthday between w.first_birthday and w.last_birthday and p.born_on < w.month_start",
            "has_birthday",
        )
    } as bits
        from wanted w join pupil p on p.school_id = w.school_id
            and p.enrolled_on <= w.as_of and (p.left_on is null or p.left_on > w.as_of)
    """,
    "spells": f"""
        select w.n, s.pupil_id, {_when("s.definition = 'register'", "is_left_behind")}
            | {_when("s.definition = w.definition", "is_target")}
        from wanted w join left_behind_spell s on s.school_id = w.school_id
            and s.definition in ('register', w.definition) and {open_on("s")}
    """,
    "known": f"""
        select w.n, k.pupil_id, {_bit("is_known")}
        from wanted w join known_spell k on k.school_id = w.school_id and k.is_complete and {open_on("k")}
    """,
    "pairings": f"""
        select w.n, p.pupil_id, {_when("p.kind = 'teacher'", "has_teacher")}
            | {_when("p.kind = 'pupil'", "has_classmate")}
        from wanted w join pairing p on p.school_id = w.school_id and p.kind in ('teacher', 'pupil')
            and p.withdrawn_at is null and {open_on("p")}
    """,
    "risks": f"""
        select w.n, r.pupil_id, {_bit("is_high_risk")}
        from wanted w join case_risk r on r.school_id = w.school_id and r.level = {int(Risk.HIGH)}
            and {open_on("r")}
    """,
    # The newest contact is one look at an index; one in the fortnight would be the school's whole fortnight.
    "followed": f"""
        select w.n, r.pupil_id, {_bit("is_followed")}
        from wanted w join case_risk r on r.school_id = w.school_id and r.level = {int(Risk.HIGH)}
            and {open_on("r")}
        cross join lateral (
            select max(c.occurred_on) as day from care_record c
            where c.school_id = r.school_id and c.pupil_id = r.pupil_id and c.withdrawn_at is null
                and c.{FOLLOWING} and c.occurred_on <= w.as_of
        ) as contact
        where contact.day > w.as_of - {FOLLOWED_DAYS}
    """,
    "month_records": """
        select w.n, r.pupil_id, 1::bigint << r.kind
        from wanted w join care_record r on r.school_id = w.school_id
            and r.occurred_on between w.month_start and w.as_of and r.withdrawn_at is null
    """,
    # Who was born on 29 February has the birthday on the 28th in other years.
    "greetings": f"""
        select w.n, r.pupil_id, {_bit("is_greeted")}
        from wanted w
        join care_record r on r.school_id = w.school_id and r.kind = {int(CareKind.BIRTHDAY_GREETING)}
            and r.withdrawn_at is null
            and r.occurred_on between w.month_start - {GREETING_DAYS} and w.month_end + {GREETING_DAYS}
        cross join lateral (
            select p.birthday from pupil p where p.school_id = r.school_id and p.id = r.pupil_id limit 1
        ) as p
        where abs(r.occurred_on - least(w.month_start + p.birthday % 100 - 1, w.month_end)) <= {GREETING_DAYS}
    """,
    "plans": f"""
        select w.n, p.pupil_id, {_bit("has_plan")}
        from wanted w join help_plan p on p.school_id = w.school_id and p.term = w.term
            and p.withdrawn_at is null
    """,
    "letters": f"""
        select w.n, r.pupil_id, {_bit("has_parent_letter")}
        from wanted w join care_record r on r.school_id = w.school_id and r.{LETTER}
            and r.occurred_on between w.term_start and w.as_of and r.withdrawn_at is null
    """,
    "attendance": _joined("parents_session", "session_attendance", "session_id", "has_attended"),
    "participants": _joined("activity", "activity_participant", "activity_id", "has_joined"),
    # Who had a standing in two exams running, the later one in the term; the last such exam tells.
    "exams": f"""
        select sat.n, sat.pupil_id, {_bit("has_both_exams")} | {
        _when("max(2 * sat.place + sat.rose) % 2 = 1", "has_risen")
    }
        from (
            select held.n, held.place, r.pupil_id, r.rose::int as rose
            from (
                select w.n, w.school_id, e.id,
                    row_number() over (partition by w.n order by e.taken_on, e.id) as place
                from wanted w
                join exam e on e.school_id = w.school_id and e.taken_on between w.term_start and w.as_of
                    and e.withdrawn_at is null
            ) as held
            join exam_result r on r.school_id = held.school_id and r.exam_id = held.id
                and r.rose is not null
        ) as sat
        group by sat.n, sat.pupil_id
    """,
    "drop_outs": f"""
        select w.n, d.pupil_id, {_bit("has_dropped_out")}
        from wanted w join drop_out d on d.school_id = w.school_id
            and d.since_on between w.term_start and w.as_of and d.withdrawn_at is null
    """,
}

# A week belongs to the month of its Sunday and counts when it is over, if its school days lie in one term.
_WEEKS = """
    select w.n, w.school_id, cast(sunday as date) - 6 as monday, cast(sunday as date) as sunday
    from wanted w
    cross join lateral generate_series(
        w.month_start + (7 - cast(date_part('isodow', w.month_start) as int)), w.as_of, interval '7 days'
    ) as sunday
    where exists (
        select from term t join school s on s.district_id = t.district_id
        where s.id = w.school_id and t.starts_on <= cast(sunday as date) - 6 and t.ends_on >= cast(sunday as
        date) - 2
    )
"""
ITEMS: Mapping[str, str] = {
    "must_visits": """
        select w.n, v.pupil_id as item, v.due_on as day, coalesce(v.closed_on <= v.due_on, false)
            as is_counted
        from wanted w join must_visit v on v.school_id = w.school_id
            and v.due_on between w.month_start and w.as_of and v.withdrawn_at is null
    """,
    "class_weeks": f"""
        select week.n, c.id as item, week.monday as day, exists (
            select from class_activity a
            where a.school_id = c.school_id and a.class_id = c.id and a.withdrawn_at is null
                and a.held_on between week.monday and week.sunday
        ) as is_counted
        from ({_WEEKS}) week join school_class c on c.school_id = week.school_id
        cross join lateral (
            select from class_membership m
            where m.school_id = c.school_id and m.class_id = c.id and {open_on("m", "week.sunday")}
            order by m.starts_on desc limit 1
        ) as member
    """,
    "home_weeks": f"""
        select week.n, null::bigint as item, week.monday as day, count(*) filter (
            where (select count(*) from home_opening_staff f
                   where f.school_id = o.school_id and f.opening_id = o.id) >= {STAFF}
        ) >= {OPENINGS} as is_counted
        from ({_WEEKS}) week
        left join home_opening o on o.school_id = week.school_id and o.withdrawn_at is null
            and o.opened_on between week.monday and week.sunday
        group by week.n, week.monday
    """,
    "meeting_months": """
        select w.n, null::bigint as item, cast(month as date) as day, exists (
            select from group_meeting g
            where g.school_id = w.school_id and g.withdrawn_at is null
                and g.held_on >= month and g.held_on < month + interval '1 month'
                and g.held_on between w.term_start and w.as_of
        ) as is_counted
        from wanted w
        cross join lateral generate_series(
            date_trunc('month', cast(w.term_start as timestamp)), cast(w.as_of
                as timestamp), interval '1 month'
        ) as month
    """,
    "sessions": f"""
        select w.n, p.id as item, p.held_on as day,
            coalesce(p.minutes >= {SESSION_MINUTES} and p.notice_on < p.held_on, false) as is_counted
        from wanted w join parents_session p on p.school_id = w.school_id
            and p.held_on between w.term_start and w.as_of and p.withdrawn_at is null
    """,
    "lectures": """
        select w.n, a.id as item, a.held_on as day, true as is_counted
        from wanted w join activity a on a.school_id = w.school_id and a.kind = 'lecture'
            and a.held_on between w.term_start and w.as_of and a.withdrawn_at is null
    """,
    "teachers": f"""
        select distinct on (w.n, t.staff_id) w.n, t.staff_id as item, plan.published_on as day, exists (
            select from document_receipt r
            where r.school_id = t.school_id and r.document_id = plan.id and r.staff_id = t.staff_id
                and r.confirmed_on <= w.as_of
        ) as is_counted
        from wanted w join class_teacher t on t.school_id = w.school_id and {open_on("t")}
        left join lateral (
            select d.id, d.published_on from plan_document d
            where d.school_id = w.school_id and d.kind = 'plan' and d.withdrawn_at is null
                and d.published_on <= w.as_of
            order by d.published_on desc, d.id desc limit 1
        ) as plan on true
        order by w.n, t.staff_id
    """,
    "filings": """
        select w.n, t.id as item, t.filing_due_on as day, exists (
            select from term_filing f
            where f.school_id = w.school_id and f.term = t.name and f.sent_on <= t.filing_due_on
        ) as is_counted
        from wanted w join school s on s.id = w.school_id
        join term t on t.district_id = s.district_id and t.filing_due_on between w.term_start and w.as_of
    """,
}


def children(facts: Iterable[str]) -> str:
    """A row (n, pupil_id, bits) for each child of whom any of these facts is told, enrolled or not."""
    needed = dict.fromkeys(FACTS[fact].source for fact in ("is_enrolled", *facts))
    told = " union all ".join(f"({SOURCES[source]})" for source in needed)
    return f"select n, pupil_id, bit_or(bits) as bits from ({told}) as told group by n, pupil_id"


def has_all(facts: Iterable[str]) -> str:
    """The condition that a child is enrolled and has each of these facts."""
    masks = [FACTS[fact].mask for fact in ("is_enrolled", *facts)]
    # Facts of one bit each are one comparison together; of several bits any will do.
    single = sum({mask for mask in masks if mask.bit_count() == 1})
    several = [f"bits & {mask} <> 0" for mask in masks if mask.bit_count() > 1]
    return " and ".join([f"bits & {single} = {single}", *several])
