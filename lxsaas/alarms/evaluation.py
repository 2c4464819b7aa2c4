"""Judges a district's rules: raises what holds, once, and closes what no longer does; the caller commits.

The statements are as many for one school as for a thousand. Two judgements of one district wait for each
other, so a night that is published and the clock's tick raise nothing twice.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import CTE, BigInteger, ColumnElement, Row, exists, func, literal, select, union_all, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.alarms import hooks, queries
from lxsaas.alarms.conditions import COLUMNS, Condition, Facts, condition_of
from lxsaas.alarms.definitions import KINDS, PRESETS
from lxsaas.alarms.models import Alarm, AlarmRule
from lxsaas.core import clock
from lxsaas.indicators.engine import night_of
from lxsaas.indicators.night import targets_of
from lxsaas.schools.models import District

_OF_RULE = ("rule_id", "bound", "periods", "as_of")
"""What an alarm keeps of its rule and of the day, in the order of `_holding`."""
Raised = Row[int, int, date, datetime | None]
"""Id, rule, day and `reopened_at` of an alarm."""
BY_TICK = tuple(kind.code for kind in KINDS.values() if not kind.waits_for_night)


def judge(session: Session, district_id: int, as_of: date) -> None:
    """Every rule, by the night that is being published: a hook of `indicators.hooks.run_finished`.

    A run of a past day changes what is known of the newest night: that is what rules are judged by.
    """
    del as_of
    judge_rules(session, district_id, now=clock.now())


def judge_rules(
    session: Session, district_id: int, *, now: datetime, kinds: Collection[str] = tuple(KINDS)
) -> list[int]:
    """The rules of these kinds, and any that was changed since; ids of the alarms that are new.

    Needs the scope of all the district's schools: runs show their units to nobody else.
    """
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"alarms:{district_id}"))))
    rules = [
        rule
        for rule, waits in _rules(session, district_id)
        if waits or (rule.is_active and rule.kind in kinds)
    ]
    if not rules:
        return []
    facts = gather(session, district_id, now)
    conditions = {
        rule: condition
        for rule in rules
        if rule.is_active and (condition := condition_of(rule, facts)) is not None
    }
    holding = _holding(conditions, facts)
    # Where nothing is known that a rule could be judged by, its alarms stay as they are.
    _close(
        session, district_id, [rule for rule in rules if rule in conditions or not rule.is_active], holding
    )
    raised = [] if holding is None else _raise(session, district_id, holding)
    at_once = {rule.id for rule in rules if rule.delivery == "at_once"}
    for one in raised:
        for hook in hooks.alarm_raised if one.rule_id in at_once else ():
            hook(session, district_id, one.id, one.as_of)
    session.execute(
        update(AlarmRule)
        .where(AlarmRule.district_id == district_id, queries.waits())
        .where(AlarmRule.id.in_([rule.id for rule in rules]))
        .values(evaluated_at=func.clock_timestamp())
    )
    return [one.id for one in raised]


def _rules(session: Session, district_id: int) -> Sequence[Row[AlarmRule, bool]]:
    """The district's rules with its presets, each with whether it was changed since it was judged."""
    query = queries.rules_of(district_id).add_columns(queries.waits())
    rules = session.execute(query).all()
    if add_presets(session, district_id, {rule.preset for rule, _ in rules}):
        rules = session.execute(query).all()
    return rules


def add_presets(session: Session, district_id: int, known: Collection[str | None]) -> bool:
    """The rules with which a district starts, unless it has them in whatever shape; whether any is new."""
    rows = [
        {
            "district_id": district_id, "preset": one.code, "kind": one.kind, "level": one.level,
            "indicator": one.indicator, "bound": one.bound, "periods": one.periods, "delivery": one.delivery,
        }
        for one in PRESETS
        if one.code not in known
    ]  # fmt: skip
    if rows:
        session.execute(insert(AlarmRule).values(rows).on_conflict_do_nothing())
    return bool(rows)


def gather(session: Session, district_id: int, now: datetime) -> Facts:
    """What all rules of the district are judged by."""
    timezone = str(session.scalar(select(District.timezone).where(District.id == district_id)))
    runs = session.execute(queries.newest_runs(district_id)).all()
    done = next(((run, dead) for run, dead, _ in runs if run.state == "done"), None)
    newest = max(runs, key=lambda row: (row[0].as_of, row[0].number), default=None)
    terms = session.scalars(queries.terms_of(district_id))
    return Facts(
        district_id=district_id,
        timezone=timezone,
        now=now,
        night=night_of(timezone, now),
        terms=[(term.starts_on, term.ends_on) for term in terms],
        targets=targets_of(session, district_id),
        done=done,
        newest=(newest[0], newest[2]) if newest else None,
    )


def _holding(conditions: Mapping[AlarmRule, Condition], facts: Facts) -> CTE | None:
    """Where which rule holds, with what an alarm keeps of it; None without a rule.

    Worked out once a statement: before the first statistics the planner would do so for each alarm.
    """
    if not conditions:
        return None
    rows = []
    for rule, condition in conditions.items():
        kind = KINDS[rule.kind]
        as_of = facts.day if kind.waits_for_night and facts.day else facts.today
        kept = dict(zip(_OF_RULE, (rule.id, rule.bound, rule.periods, as_of), strict=True))
        rows.append(
            condition.add_columns(
                *(literal(value, Alarm.__table__.c[name].type).label(name) for name, value in kept.items()),
                literal(kind.by_period).label("by_period"),
            )
        )
    return union_all(*rows).cte("holding").prefix_with("materialized")


def _close(session: Session, district_id: int, rules: Iterable[AlarmRule], holding: CTE | None) -> None:
    """Closes the alarms of these rules for which theirs no longer holds; of one that is switched off all."""
    gone = update(Alarm).where(
        Alarm.district_id == district_id,
        Alarm.rule_id.in_([rule.id for rule in rules]),
        Alarm.closed_at.is_(None),
    )
    if holding is not None:
        still = holding.c.by_period.is_(False) | (holding.c.about_on == Alarm.about_on)
        gone = gone.where(~exists().where(*_same_subject(holding), still))
    session.execute(gone.values(closed_at=func.now()), execution_options={"synchronize_session": False})


def _raise(session: Session, district_id: int, holding: CTE) -> Sequence[Raised]:
    """Raises what is not open yet, and gives it; what was closed and holds for the same period after all
    opens again.
    """
    is_open = exists().where(
        Alarm.district_id == district_id, Alarm.closed_at.is_(None), *_same_subject(holding)
    )
    columns = [*_OF_RULE, *COLUMNS]
    rows = select(literal(district_id, BigInteger), *(holding.c[name] for name in columns)).where(~is_open)
    raised = (
        insert(Alarm)
        .from_select(["district_id", *columns], rows)
        .on_conflict_do_update(
            index_elements=["district_id", "rule_id", "level", "unit_id", "about_on", "source_id"],
            set_={"closed_at": None, "reopened_at": func.now()},
        )
        .returning(Alarm.id, Alarm.rule_id, Alarm.as_of, Alarm.reopened_at)
    )
    return [row for row in session.execute(raised) if row.reopened_at is None]


def _same_subject(holding: CTE) -> list[ColumnElement[bool]]:
    """Whether an alarm and a row that holds are of one rule and about one unit."""
    keys = ("rule_id", "level", "unit_id", "source_id")
    return [holding.c[name] == Alarm.__table__.c[name] for name in keys]
