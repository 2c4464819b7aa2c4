"""Judges a district's rules: raises what holds, once, and closes what no longer does; the caller commits.

The statements are as many for one school as for a thousand. Two judgements of one district wait for each
other, so a night that is published and the clock's tick raise nothing twice.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import Row, Select, exists, func, literal, select, update
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
    raised = [alarm_id for rule in rules for alarm_id in _judge_rule(session, rule, facts)]
    session.execute(
        update(AlarmRule)
        .where(AlarmRule.district_id == district_id, queries.waits())
        .where(AlarmRule.id.in_([rule.id for rule in rules]))
        .values(evaluated_at=func.clock_timestamp())
    )
    return raised


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


def _judge_rule(session: Session, rule: AlarmRule, facts: Facts) -> list[int]:
    condition = condition_of(rule, facts) if rule.is_active else None
    if condition is None and rule.is_active:
        return []
    _close(session, rule, condition)
    if condition is None:
        return []
    kind = KINDS[rule.kind]
    as_of = facts.day if kind.waits_for_night and facts.day else facts.today
    raised = _raise(session, rule, condition, as_of)
    if rule.delivery == "at_once":
        for hook in hooks.alarm_raised:
            for alarm_id in raised:
                hook(session, rule.district_id, alarm_id, as_of)
    return raised


def _close(session: Session, rule: AlarmRule, condition: Condition | None) -> None:
    """Closes the rule's alarms for which it no longer holds; of a rule that is switched off all."""
    gone = update(Alarm).where(
        Alarm.district_id == rule.district_id, Alarm.rule_id == rule.id, Alarm.closed_at.is_(None)
    )
    if condition is not None:
        holds = condition.subquery()
        same = [holds.c.level == Alarm.level, holds.c.unit_id == Alarm.unit_id]
        same.append(holds.c.source_id == Alarm.source_id)
        if KINDS[rule.kind].by_period:
            same.append(holds.c.about_on == Alarm.about_on)
        gone = gone.where(~exists().where(*same))
    session.execute(gone.values(closed_at=func.now()), execution_options={"synchronize_session": False})


def _raise(session: Session, rule: AlarmRule, condition: Condition, as_of: date) -> list[int]:
    """Raises what is not open yet; what was closed and holds for the same period after all opens again."""
    holds = condition.subquery()
    is_open = exists().where(
        Alarm.district_id == rule.district_id, Alarm.rule_id == rule.id, Alarm.closed_at.is_(None),
        Alarm.level == holds.c.level, Alarm.unit_id == holds.c.unit_id, Alarm.source_id == holds.c.source_id,
    )  # fmt: skip
    own = {
        "district_id": rule.district_id, "rule_id": rule.id, "as_of": as_of,
        "bound": rule.bound, "periods": rule.periods,
    }  # fmt: skip
    rows: Select[*tuple[object, ...]] = select(
        *(literal(value, Alarm.__table__.c[name].type) for name, value in own.items()),
        *(holds.c[name] for name in COLUMNS),
    ).where(~is_open)
    statement = insert(Alarm).from_select([*own, *COLUMNS], rows)
    raised = statement.on_conflict_do_update(
        index_elements=["district_id", "rule_id", "level", "unit_id", "about_on", "source_id"],
        set_={"closed_at": None, "reopened_at": func.now()},
    ).returning(Alarm.id, Alarm.reopened_at)
    return [row.id for row in session.execute(raised) if row.reopened_at is None]
