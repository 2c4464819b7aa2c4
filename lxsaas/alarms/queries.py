"""Reads of rules and alarms, and when a rule holds for which units; nothing here touches a child's table."""

from sqlalchemy import ColumnElement, Select, case, func, or_, select, true

from lxsaas.alarms.models import Alarm, AlarmRule
from lxsaas.indicators.models import IndicatorRun, IndicatorUnit
from lxsaas.schools.models import District, School, Term, Township


def rules_of(district_id: int) -> Select[AlarmRule]:
    """A district's rules, those in force first."""
    return (
        select(AlarmRule)
        .where(AlarmRule.district_id == district_id)
        .order_by(AlarmRule.is_active.desc(), AlarmRule.kind, AlarmRule.indicator, AlarmRule.id)
    )


def rule_with(district_id: int, rule_id: int) -> Select[AlarmRule]:
    return select(AlarmRule).where(AlarmRule.district_id == district_id, AlarmRule.id == rule_id)


def waits() -> ColumnElement[bool]:
    """Whether a rule was changed since it was last looked at."""
    return or_(AlarmRule.evaluated_at.is_(None), AlarmRule.evaluated_at < AlarmRule.changed_at)


def unit_name() -> ColumnElement[str]:
    """The name of an alarm's school, township or district; `alarms_of` joins them."""
    return func.coalesce(School.name, Township.name, District.name)


def township_of() -> ColumnElement[int]:
    """The township of an alarm's unit, itself where it is one."""
    return case((Alarm.level == "township", Alarm.unit_id), else_=School.township_id)


def alarms_of(district_id: int) -> Select[Alarm, AlarmRule, str]:
    """Each alarm with its rule and its unit's name; open ones first, the newest first."""
    return (
        select(Alarm, AlarmRule, unit_name().label("unit_name"))
        .join(AlarmRule, (AlarmRule.district_id == Alarm.district_id) & (AlarmRule.id == Alarm.rule_id))
        .outerjoin(School, (Alarm.level == "school") & (School.id == Alarm.unit_id))
        .outerjoin(
            Township,
            (Alarm.level == "township")
            & (Township.district_id == Alarm.district_id)
            & (Township.id == Alarm.unit_id),
        )
        .outerjoin(District, (Alarm.level == "district") & (District.id == Alarm.unit_id))
        .where(Alarm.district_id == district_id)
        .order_by(Alarm.closed_at.is_not(None), Alarm.opened_at.desc(), Alarm.id.desc())
    )


def open_alarms(district_id: int) -> Select[Alarm, AlarmRule, str]:
    """The alarms that stand: those nobody has acknowledged first, then the newest."""
    return (
        alarms_of(district_id)
        .where(Alarm.closed_at.is_(None))
        .order_by(None)
        .order_by(Alarm.acknowledged_at.is_not(None), Alarm.opened_at.desc(), Alarm.id.desc())
    )


def alarm_with(district_id: int, alarm_id: int) -> Select[Alarm, AlarmRule, str]:
    return alarms_of(district_id).where(Alarm.id == alarm_id)


def earlier_alarms(alarm: Alarm) -> Select[Alarm]:
    """What the same rule raised for the same unit besides this alarm, the newest first."""
    return (
        select(Alarm)
        .where(
            Alarm.district_id == alarm.district_id,
            Alarm.rule_id == alarm.rule_id,
            Alarm.level == alarm.level,
            Alarm.unit_id == alarm.unit_id,
            Alarm.id != alarm.id,
        )
        .order_by(Alarm.opened_at.desc())
        .limit(12)
    )


def open_counts(district_id: int) -> Select[int, int]:
    """How many alarms stand, and how many of them nobody has acknowledged."""
    return select(func.count(), func.count().filter(Alarm.acknowledged_at.is_(None))).where(
        Alarm.district_id == district_id, Alarm.closed_at.is_(None)
    )


def terms_of(district_id: int) -> Select[*tuple[Term]]:
    """A district's terms, the newest first."""
    return select(Term).where(Term.district_id == district_id).order_by(Term.starts_on.desc())


def newest_runs(district_id: int) -> Select[*tuple[IndicatorRun, int, int]]:
    """The district's newest done run and its newest of all, with the schools it gave up and has not done."""
    units = (
        select(
            func.count().filter(IndicatorUnit.state == "dead").label("dead"),
            func.count().filter(IndicatorUnit.state != "done").label("missing"),
        )
        .where(IndicatorUnit.run_id == IndicatorRun.id)
        .lateral()
    )
    newest = (
        select(IndicatorRun.id)
        .where(IndicatorRun.district_id == district_id)
        .order_by(IndicatorRun.as_of.desc(), IndicatorRun.number.desc())
        .limit(1)
    )
    return (
        select(IndicatorRun, units.c.dead, units.c.missing)
        .join(units, true())
        .where(
            IndicatorRun.district_id == district_id,
            or_(
                IndicatorRun.id == newest.scalar_subquery(),
                IndicatorRun.id == newest.where(IndicatorRun.state == "done").scalar_subquery(),
            ),
        )
    )
