"""What is owed to whom, computed in the database: two statements for any number of children.

The conditions over care records are the indicators' own facts, so that what is owed here and what is counted
at night cannot disagree.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, Select, text
from sqlalchemy.orm import Session

from lxsaas.care.models import CareKind
from lxsaas.core.clock import month_start
from lxsaas.duty_rules.definitions import Risk, Season
from lxsaas.duty_rules.queries import Amounts
from lxsaas.indicators.definitions import FACTS, LETTER
from lxsaas.indicators.relations import GREETING_DAYS
from lxsaas.pupils.models import Pupil

COUNTED = {
    "talk": "has_talk",
    "home_visit": "has_home_visit",
    "parent_call": "has_parent_call",
    "family_phone": "has_family_phone",
}
"""Duties owed some times a month, and the indicators' fact that serves them."""
WAYS = ("child", "parent", "guardian")
_GREETING = f"kind = {int(CareKind.BIRTHDAY_GREETING)}"
BIRTHDAY_DAYS = 7
"""Days ahead for which birthdays are shown."""
OWED = (
    "must_visit", *COUNTED, "three_way", "parent_letter", "birthday", "plan", "review", "teacher",
    "classmate", "check", "known", "entrustment",
)  # fmt: skip
"""What can be owed to a child, in the order in which it is shown."""


@dataclass(frozen=True)
class Setting:
    """The day, the periods that it lies in, and what is owed then."""

    today: date
    term_start: date
    term: str | None
    in_term: bool
    care_definition: str
    amounts: Amounts

    def parameters(self) -> dict[str, Any]:
        """The parameters of the statements below."""
        season: Season = "term" if self.in_term else "holiday"
        risks: tuple[Risk, ...] = ("any", "high")
        month = month_start(self.today)
        given: dict[str, Any] = {
            "today": self.today,
            "month_start": month,
            "term_start": self.term_start,
            "records_from": min(month, self.term_start, self.today - timedelta(days=2 * GREETING_DAYS)),
            "term": self.term,
            "care_definition": self.care_definition,
            "three_way": self.amounts.of("three_way", "any", season),
            "parent_letter": self.amounts.of("parent_letter"),
            "check_before": self.today - timedelta(weeks=self.amounts.of("pairing_check_weeks")),
            "review_before": self.today - timedelta(weeks=self.amounts.of("plan_review_weeks")),
            "birthday_days": BIRTHDAY_DAYS,
        }
        for duty in COUNTED:
            for risk in risks:
                given[f"{duty}_{risk}"] = self.amounts.of(duty, risk, season)
        return given


def owed_children(session: Session, pupils: Select[Pupil], setting: Setting) -> list[Row[Any]]:
    """A row for each care target among `pupils`, most owed first: counts of what was done, what is owed."""
    parameters = _parameters(session, pupils, setting)
    how_many = " + ".join(f"cast(owes_{one} as int)" for one in OWED)
    order = "late_visits desc, open_count desc, pinyin, id"
    query = f"{_OWED} select owed.*, {how_many} as open_count from owed order by {order}"
    return list(session.execute(text(query), parameters))


def owed_by_class(session: Session, pupils: Select[Pupil], setting: Setting) -> list[Row[Any]]:
    """A row for each class of `pupils`: its care targets and to how many each thing is owed."""
    parameters = _parameters(session, pupils, setting)
    counts = ", ".join(f"count(*) filter (where owes_{one}) as {one}" for one in OWED)
    query = f"""
        {_OWED} select class_id, count(*) as targets, sum(late_visits) as late_visits, {counts}
        from owed group by class_id
    """
    return list(session.execute(text(query), parameters))


def _parameters(session: Session, pupils: Select[Pupil], setting: Setting) -> dict[str, Any]:
    ids = session.scalars(pupils.with_only_columns(Pupil.id).order_by(None)).all()
    return {"pupils": list(ids), **setting.parameters()}


def _record_columns() -> str:
    month = "occurred_on >= :month_start"
    columns = [
        f"count(*) filter (where {FACTS[fact].condition} and {month}) as {duty}"
        for duty, fact in COUNTED.items()
    ]
    columns += [
        f"coalesce(bool_or({FACTS[f'has_{way}_contact'].condition} and {month}), false) as with_{way}"
        for way in WAYS
    ]
    columns.append(f"count(*) filter (where {LETTER} and occurred_on >= :term_start) as parent_letter")
    columns.append(f"max(occurred_on) filter (where {_GREETING}) as greeted_on")
    return ", ".join(columns)


def _owes() -> str:
    owes = [
        f"coalesce(done.{duty}, 0) < case when is_priority then :{duty}_high else :{duty}_any end"
        f" as owes_{duty}"
        for duty in COUNTED
    ]
    ways = " and ".join(f"coalesce(done.with_{way}, false)" for way in WAYS)
    owes.append("coalesce(done.parent_letter, 0) < :parent_letter as owes_parent_letter")
    owes.append(f":three_way > 0 and not ({ways}) as owes_three_way")
    return ", ".join(owes)


_OWED = f"""
with reach as (select unnest(cast(:pupils as bigint[])) as id),
target as (
    select pupil.school_id, pupil.id, pupil.class_id, pupil.name, pupil.pinyin, pupil.born_on
    from pupil join reach on reach.id = pupil.id
    where exists (
        select from left_behind_spell spell
        where spell.school_id = pupil.school_id and spell.pupil_id = pupil.id
            and spell.definition = :care_definition
            and spell.starts_on <= :today and (spell.ends_on is null or spell.ends_on > :today)
    )
),
done as (
    select pupil_id, {_record_columns()}
    from care_record
    where withdrawn_at is null and occurred_on between :records_from and :today
        and pupil_id in (select id from target)
    group by pupil_id
),
visit as (
    select pupil_id, count(*) as open_visits, count(*) filter (where due_on < :today) as late_visits,
        min(due_on) as visit_due_on
    from must_visit where withdrawn_at is null and closed_on is null group by pupil_id
),
pair as (
    select pupil_id, bool_or(kind = 'teacher') as has_teacher,
        bool_or(kind = 'pupil') as has_classmate,
        bool_or(starts_on < :check_before and not exists (
            select from pairing_check c
            where c.school_id = pairing.school_id and c.pairing_id = pairing.id and c.withdrawn_at is null
                and c.checked_on >= :check_before
        )) as check_due
    from pairing
    where withdrawn_at is null and starts_on <= :today and (ends_on is null or ends_on > :today)
    group by pupil_id
),
plan as (
    select pupil_id, id as plan_id, level = 'priority' as priority,
        result is null and recorded_at < cast(:review_before as date) and not exists (
            select from plan_review r
            where r.school_id = help_plan.school_id and r.help_plan_id = help_plan.id
                and r.withdrawn_at is null and r.reviewed_on >= :review_before
        ) as review_due
    from help_plan where withdrawn_at is null and term = :term
),
known as (
    select distinct pupil_id from known_spell
    where is_complete and starts_on <= :today and (ends_on is null or ends_on > :today)
),
trust as (
    select distinct pupil_id from entrustment
    where withdrawn_at is null and starts_on <= :today and ends_on > :today
),
flagged as (
    select target.*, coalesce(plan.priority, false) as is_priority, plan.plan_id,
        plan.review_due, plan.pupil_id is not null as has_plan
    from target left join plan on plan.pupil_id = target.id
),
owed as (
    select flagged.school_id, flagged.id, flagged.class_id, flagged.name, flagged.pinyin, flagged.born_on,
        flagged.is_priority, flagged.plan_id,
        coalesce(done.talk, 0) as talk, coalesce(done.with_child, false) as with_child,
        coalesce(done.with_parent, false) as with_parent,
        coalesce(done.with_guardian, false) as with_guardian,
        coalesce(visit.late_visits, 0) as late_visits, visit.visit_due_on,
        {_owes()},
        coalesce(visit.open_visits, 0) > 0 as owes_must_visit,
        not coalesce(pair.has_teacher, false) as owes_teacher,
        not coalesce(pair.has_classmate, false) as owes_classmate,
        coalesce(pair.check_due, false) as owes_check,
        cast(:term as text) is not null and not flagged.has_plan as owes_plan,
        coalesce(flagged.review_due, false) as owes_review,
        known.pupil_id is null as owes_known,
        trust.pupil_id is null as owes_entrustment,
        born.next_on <= cast(:today as date) + cast(:birthday_days as int)
            and not coalesce(done.greeted_on >= born.next_on - {GREETING_DAYS}, false) as owes_birthday,
        born.next_on as birthday_on
    from flagged
    left join done on done.pupil_id = flagged.id
    left join visit on visit.pupil_id = flagged.id
    left join pair on pair.pupil_id = flagged.id
    left join known on known.pupil_id = flagged.id
    left join trust on trust.pupil_id = flagged.id
    cross join lateral (
        -- A birthday is greeted some days afterwards too. Who was born on 29 February has it on the 28th in
        -- other years, as PostgreSQL adds years.
        select min(day) as next_on from (
            select cast(flagged.born_on + make_interval(years => years) as date) as day
            from generate_series(
                cast(extract(year from cast(:today as date)) - extract(year from flagged.born_on) as int) - 1,
                cast(extract(year from cast(:today as date)) - extract(year from flagged.born_on) as int) + 1
            ) as years
        ) as birthday where day >= cast(:today as date) - {GREETING_DAYS}
    ) as born
)
"""
