"""What was due in a homeroom teacher's class, and whether it was done: the indicators' own facts, by teacher.

A row is one thing due: a child in a month or term, a must-visit, a week of a class. It belongs to who was the
class's homeroom teacher on that day, so that a year in which a class changed hands is shared rightly.
"""

from functools import cache

from lxsaas.evaluation.definitions import PARTS, Part
from lxsaas.indicators.relations import ITEMS, WANTED, children, has_all, open_on

_ITEM_DAYS = {"must_visits": "one.day", "class_weeks": "one.day + 4"}
"""Of items the day that says whose they are: when a visit is due, the Friday of a week."""


@cache
def due_sql(span: str) -> str:
    """(code, as_of, day, staff_id, class_id, pupil_id, is_counted) of the parts of a span.

    Parameters: those of `wanted` (`relations.WANTED_PARAMETERS`). `as_of` is the last day of the month or
    term; `day` that of an item, `pupil_id` null for a week.
    """
    parts = [one for one in PARTS.values() if one.span == span]
    of_children = [one for one in parts if one.indicator.items is None]
    relations = [_children(of_children)] if of_children else []
    relations += [_items(one) for one in parts if one.indicator.items is not None]
    return f"with {WANTED} " + " union all ".join(f"({one})" for one in relations)


def _children(parts: list[Part]) -> str:
    facts = dict.fromkeys(
        fact for one in parts for fact in (*one.indicator.denominator, *one.indicator.numerator)
    )
    rows = ", ".join(
        f"('{one.code}', {has_all(one.indicator.denominator)},"
        f" {has_all((*one.indicator.denominator, *one.indicator.numerator))})"
        for one in parts
    )
    return f"""
        select part.code, w.as_of, null::date as day, t.staff_id, m.class_id, child.pupil_id, part.is_counted
        from ({children(facts)}) as child
        join wanted w on w.n = child.n
        join class_membership m on m.school_id = w.school_id and m.pupil_id = child.pupil_id
            and {open_on("m")}
        join class_teacher t on t.school_id = w.school_id and t.class_id = m.class_id and {open_on("t")}
        cross join lateral (values {rows}) as part (code, is_due, is_counted)
        where part.is_due
    """


def _items(part: Part) -> str:
    name = str(part.indicator.items)
    day = _ITEM_DAYS[name]
    of_child = name == "must_visits"
    membership = f"""
        join class_membership m on m.school_id = w.school_id and m.pupil_id = one.item
            and {open_on("m", day)}
    """
    class_id = "m.class_id" if of_child else "one.item"
    return f"""
        select '{part.code}' as code, w.as_of, one.day, t.staff_id, {class_id} as class_id,
            {"one.item" if of_child else "null::bigint"} as pupil_id, one.is_counted
        from ({ITEMS[name]}) as one
        join wanted w on w.n = one.n
        {membership if of_child else ""}
        join class_teacher t on t.school_id = w.school_id and t.class_id = {class_id} and {open_on("t", day)}
    """


@cache
def sums_sql(span: str) -> str:
    """(staff_id, code, due, done) of a span's parts."""
    return f"""
        select staff_id, code, count(*) as due, count(*) filter (where is_counted) as done
        from ({due_sql(span)}) as one group by staff_id, code
    """


@cache
def children_sql() -> str:
    """(staff_id, children): how many children each homeroom teacher had in care in the months."""
    return f"""
        select staff_id, count(distinct pupil_id) as children from ({due_sql("month")}) as one
        where code = 'talk_monthly' group by staff_id
    """


@cache
def evidence_sql(span: str) -> str:
    """Each thing due of one teacher in one part, the newest first. Parameters more: staff_id, code."""
    return f"""
        select * from ({due_sql(span)}) as one where staff_id = :staff_id and code = :code
        order by as_of desc, day desc nulls last, is_counted, class_id, pupil_id
    """
