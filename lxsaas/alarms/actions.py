"""What officers do: set rules, acknowledge alarms. Raising and closing is `evaluation`'s."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func
from sqlalchemy.orm import Session

from lxsaas.alarms.definitions import KINDS, Kind
from lxsaas.alarms.models import Alarm, AlarmRule
from lxsaas.core.audit import audit
from lxsaas.core.errors import RuleError
from lxsaas.indicators.night import targets_of

DELIVERIES = ("at_once", "digest")
MOST_PERIODS = 12


@dataclass(frozen=True)
class Wish:
    """What a rule shall ask for; of a rule that exists kind and indicator stay as they are."""

    kind: str
    level: str
    indicator: str | None = None
    bound: int | None = None
    periods: int = 1
    delivery: str = "digest"
    is_active: bool = True


def add_rule(session: Session, wish: Wish, *, district_id: int, by: int) -> AlarmRule:
    """A rule of the district's own; judged at the next look, seconds later. Raises RuleError."""
    kind = KINDS.get(wish.kind)
    if kind is None:
        raise RuleError("alarm_rule_kind", field="kind")
    if kind.indicators and wish.indicator not in kind.indicators:
        raise RuleError("alarm_rule_indicator", field="indicator")
    rule = AlarmRule(
        district_id=district_id, kind=kind.code, indicator=wish.indicator if kind.indicators else None
    )
    _set(session, rule, kind, wish, by)
    session.add(rule)
    session.flush()
    audit(
        session,
        "add_alarm_rule",
        "alarm_rule",
        rule.id,
        district_id=district_id,
        by=by,
        bound=wish.bound,
        is_active=wish.is_active,
    )
    session.flush()
    return rule


def change_rule(session: Session, rule: AlarmRule, wish: Wish, *, by: int) -> None:
    """Other numbers, level or delivery, or off; alarms that no longer hold close. Raises RuleError."""
    _set(session, rule, KINDS[rule.kind], wish, by)
    rule.changed_at = func.clock_timestamp()
    audit(
        session, "change_alarm_rule", "alarm_rule", rule.id,
        district_id=rule.district_id, by=by, bound=wish.bound, is_active=wish.is_active,
    )  # fmt: skip
    session.flush()


def _set(session: Session, rule: AlarmRule, kind: Kind, wish: Wish, by: int) -> None:
    if wish.level not in kind.levels:
        raise RuleError("alarm_rule_level", field="level")
    least, most = kind.span
    needs_bound = kind.measure is not None and not kind.may_follow_target
    if (wish.bound is None and needs_bound) or not least <= (
        least if wish.bound is None else wish.bound
    ) <= most:
        raise RuleError("alarm_rule_bound", field="bound", least=least, most=most)
    if wish.is_active and wish.bound is None and kind.may_follow_target and not _has_target(session, rule):
        raise RuleError("alarm_rule_no_target", field="bound")
    if not 1 <= wish.periods <= MOST_PERIODS:
        raise RuleError("alarm_rule_periods", field="periods")
    rule.level, rule.delivery = wish.level, wish.delivery if wish.delivery in DELIVERIES else "digest"
    rule.bound = wish.bound if kind.measure else None
    rule.periods = wish.periods if kind.has_periods else 1
    rule.is_active, rule.changed_by = wish.is_active, by


def _has_target(session: Session, rule: AlarmRule) -> bool:
    """Whether the district asks for anything of a rule's indicator, now or from some day on."""
    return targets_of(session, rule.district_id).of(rule.indicator or "", date.max) is not None


def acknowledge_alarm(session: Session, alarm: Alarm, *, remark: str | None, by: int) -> None:
    """Somebody has seen to it, and says how; a later remark takes the place of this one. Raises RuleError."""
    if not (remark or "").strip():
        raise RuleError("alarm_remark_missing", field="remark")
    alarm.remark, alarm.acknowledged_by, alarm.acknowledged_at = remark, by, func.now()
    audit(session, "acknowledge_alarm", "alarm", alarm.id, district_id=alarm.district_id, by=by)
    session.flush()
