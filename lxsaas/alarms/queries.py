"""Reads of rules and alarms, and when a rule holds for which units; nothing here touches a child's table."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select, true

from lxsaas.alarms.models import Alarm, AlarmRule
from lxsaas.core.pinyin import escaped_like
from lxsaas.indicators.models import IndicatorRun, IndicatorUnit
from lxsaas.schools.models import District, School, Term, Township


@dataclass(frozen=True)
class Reach:
    """What of a district's alarms somebody sees."""

    township_ids: frozenset[int] | None = None
    """Those of these townships and their schools, and of the district as a whole; None: all."""
    sees_harm: bool = True
    """Whether also which school has opened a mandatory report (`Permission.VIEW_HARM_STATES`)."""

    def condition(self) -> ColumnElement[bool]:
        """Over what `alarms_of` joins."""
        found: ColumnElement[bool] = true()
        if self.township_ids is not None:
            found = or_(Alarm.level == "district", township_of().in_(self.township_ids))
        return found if self.sees_harm else found & (AlarmRule.kind != "mandatory_report")


EVERYTHING = Reach()


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


def alarms_of(district_id: int, reach: Reach = EVERYTHING) -> Select[Alarm, AlarmRule, str]:
    """Each alarm in reach with its rule and its unit's name; open ones first, the newest first."""
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
        .where(Alarm.district_id == district_id, reach.condition())
        .order_by(Alarm.closed_at.is_not(None), Alarm.opened_at.desc(), Alarm.id.desc())
    )


def open_alarms(district_id: int, reach: Reach = EVERYTHING) -> Select[Alarm, AlarmRule, str]:
    """The alarms that stand: those nobody has acknowledged first, then the newest."""
    return (
        alarms_of(district_id, reach)
        .where(Alarm.closed_at.is_(None))
        .order_by(None)
        .order_by(Alarm.acknowledged_at.is_not(None), Alarm.opened_at.desc(), Alarm.id.desc())
    )


# To put it together takes longer than to ask it; a statement never changes.
@lru_cache(maxsize=512)
def open_alarms_shown(
    district_id: int, reach: Reach, *, school_id: int | None = None, most: int
) -> Select[*tuple[Any, ...]]:
    """Alarm, rule, unit's name and how many there are in all, of the first that stand; of one school's."""
    found = open_alarms(district_id, reach).add_columns(func.count().over()).limit(most)
    return found if school_id is None else found.where(Alarm.level == "school", Alarm.unit_id == school_id)


def alarm_with(district_id: int, alarm_id: int, reach: Reach = EVERYTHING) -> Select[Alarm, AlarmRule, str]:
    return alarms_of(district_id, reach).where(Alarm.id == alarm_id)


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


def open_counts(district_id: int, reach: Reach = EVERYTHING) -> Select[int, int]:
    """How many alarms stand, and how many of them nobody has acknowledged."""
    standing = alarms_of(district_id, reach).where(Alarm.closed_at.is_(None)).order_by(None)
    return standing.with_only_columns(
        func.count(), func.count().filter(Alarm.acknowledged_at.is_(None)), maintain_column_froms=True
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


def chosen_alarms(
    district_id: int,
    reach: Reach,
    *,
    state: str,
    kind: str,
    township_id: int | None,
    words: str,
    sort: str,
) -> Select[Alarm, AlarmRule, str]:
    """The alarms that a list asks for: by state ('open', 'new', 'closed', else all), kind, township, name."""
    query = alarms_of(district_id, reach)
    if state in ("open", "new"):
        query = query.where(Alarm.closed_at.is_(None))
    if state == "new":
        query = query.where(Alarm.acknowledged_at.is_(None))
    if state == "closed":
        query = query.where(Alarm.closed_at.is_not(None))
    if kind:
        query = query.where(AlarmRule.kind == kind)
    if township_id is not None:
        query = query.where(township_of() == township_id)
    if words:
        query = query.where(unit_name().ilike(f"%{escaped_like(words)}%"))
    columns = {"unit": unit_name(), "kind": AlarmRule.kind, "opened": Alarm.opened_at}
    column = columns.get(sort.removeprefix("-"), Alarm.opened_at)
    order = column.desc() if sort.startswith("-") else column.asc()
    return query.order_by(None).order_by(Alarm.closed_at.is_not(None), order, Alarm.id.desc())
