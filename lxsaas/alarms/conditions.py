"""When a rule holds, and for which units: queries over what the district is shown, and nothing else.

Each is a function of published figures (`district_indicator`), the schools' last days of entry, the runs and
the calendar, all of which the district's pages show. So an alarm, or that there is none, tells nothing that
was not shown: whoever holds the shown figures can work out each alarm. A hidden number counts with the
worst for the alarm that its sign leaves possible, as in `Figure.misses_target`; one that is hidden whole
raises none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    Select,
    Text,
    case,
    cast,
    column,
    func,
    literal,
    null,
    select,
)

from lxsaas.alarms.models import AlarmRule
from lxsaas.core.clock import add_months, month_end, month_start
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.figures import Targets
from lxsaas.indicators.models import DistrictIndicator, IndicatorRun, SchoolActivity
from lxsaas.networks.report_models import DistrictMandatoryReport
from lxsaas.schools.models import School, Term

Condition = Select[*tuple[Any, ...]]
"""Rows of level, unit_id, about_on, source_id, numerator, denominator, hidden, slack."""
COLUMNS = ("level", "unit_id", "about_on", "source_id", "numerator", "denominator", "hidden", "slack")


@dataclass(frozen=True)
class Facts:
    """What the rules of one district are judged by at an instant."""

    district_id: int
    timezone: str
    now: datetime
    night: date
    """The day whose night is due by now."""
    terms: Sequence[tuple[date, date]]
    """First and last days, the newest first."""
    targets: Targets
    done: tuple[IndicatorRun, int] | None
    """The newest published run with how many schools it gave up."""
    newest: tuple[IndicatorRun, int] | None
    """The newest run of all with how many schools it has not done."""

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.timezone)).date()

    @property
    def day(self) -> date | None:
        """As-of day of the newest published night."""
        return self.done[0].as_of if self.done else None


def condition_of(rule: AlarmRule, facts: Facts) -> Condition | None:
    """Where the rule holds; None where nothing is known that it could be judged by."""
    if rule.kind == "mandatory_report":
        return _harm(facts)
    if rule.kind == "night":
        return _night(rule, facts)
    if facts.day is None:
        return None
    if rule.kind == "silent":
        return _silent(rule, facts, facts.day)
    return _figures(rule, facts, facts.day)


def _row(**of: Any) -> list[ColumnElement[Any]]:
    types: Mapping[str, Any] = {"level": Text, "about_on": Date, "hidden": Text}
    empty = {"source_id": literal(0), "slack": literal(0)}
    return [
        cast(of.get(name, empty.get(name, null())), types.get(name, BigInteger)).label(name)
        for name in COLUMNS
    ]


def _harm(facts: Facts) -> Condition:
    """Mandatory reports that are not closed: triggers keep a row of the district's for each."""
    report = DistrictMandatoryReport
    opened_on = cast(func.timezone(facts.timezone, report.opened_at), Date)
    shown = _row(
        level=literal("school"), unit_id=report.unit_id, about_on=opened_on, source_id=report.report_id
    )
    return select(*shown).where(report.district_id == facts.district_id, report.state != "closed")


def most(code: str) -> ColumnElement[int]:
    """The most that a shown numerator can truly be; null where it is hidden whole (`Figure.bounds`)."""
    one, row = INDICATORS[code], DistrictIndicator
    return case(
        (row.hidden.is_(None), row.numerator + row.slack),
        (row.hidden == "few", one.few),
        (row.hidden.in_(("most", "some")), row.denominator - one.missing[0]),
    )


def least(code: str) -> ColumnElement[int]:
    """The least that it can truly be."""
    one, row = INDICATORS[code], DistrictIndicator
    return case(
        (row.hidden.is_(None), row.numerator),
        (row.hidden.in_(("few", "some")), 1),
        (row.hidden == "most", row.denominator - one.missing[1]),
    )


def periods_of(rule: AlarmRule, facts: Facts, day: date) -> list[tuple[date, date]]:
    """First and last judged days of the rule's periods, the newest first; fewer than asked for if unknown.

    A rate of a month or term says little before its end, so only periods that are over count; numbers that
    only grow, and visits that are overdue, count while the period runs.
    """
    period, count = INDICATORS[rule.indicator or ""].period, rule.periods
    is_over = rule.kind == "below"
    if period == "day":
        return [(day - timedelta(days=back), day - timedelta(days=back)) for back in range(count)]
    if period == "month":
        newest = month_start(day)
        if is_over and day < month_end(day):
            newest = add_months(newest, -1)
        starts = [add_months(newest, -back) for back in range(count)]
        return [(start, min(month_end(start), day)) for start in starts]
    return [(first, min(last, day)) for first, last in facts.terms if (last if is_over else first) <= day][
        :count
    ]


def _figures(rule: AlarmRule, facts: Facts, day: date) -> Condition | None:
    code, row = rule.indicator or "", DistrictIndicator
    periods = periods_of(rule, facts, day)
    bounds = [facts.targets.of(code, last) if rule.bound is None else rule.bound for _, last in periods]
    if len(periods) < rule.periods or None in bounds:
        return select(*_row()).where(literal(False))
    # Arrays and no VALUES, which SQLAlchemy would compile anew each night.
    asked = (
        func.unnest(literal([first for first, _ in periods], ARRAY(Date)), literal(bounds, ARRAY(Integer)))
        .table_valued(column("starts_on", Date), column("bound", Integer), name="asked")
        .render_derived()
    )
    holds = {
        "below": (row.denominator > 0) & (most(code) * 100 < asked.c.bound * row.denominator),
        "above": least(code) > asked.c.bound,
        "must_visits": row.denominator - most(code) > asked.c.bound,
    }[rule.kind]
    hits = (
        select(row, func.count().over(partition_by=row.unit_id).label("in_a_row"))
        .join(asked, asked.c.starts_on == row.starts_on)
        .where(
            row.district_id == facts.district_id,
            row.level == rule.level,
            row.indicator == code,
            # Said besides the join: the planner would read the indicator's whole past.
            row.starts_on == func.any(literal([first for first, _ in periods], ARRAY(Date))),
            holds,
        )
        .subquery()
    )
    shown = _row(
        level=hits.c.level, unit_id=hits.c.unit_id, about_on=hits.c.starts_on, numerator=hits.c.numerator,
        denominator=hits.c.denominator, hidden=hits.c.hidden, slack=hits.c.slack,
    )  # fmt: skip
    return select(*shown).where(hits.c.in_a_row == len(periods), hits.c.starts_on == periods[0][0])


def _silent(rule: AlarmRule, facts: Facts, day: date) -> Condition:
    """Schools without an entry for so many days of term; where no term is set, of all days."""
    created = cast(func.timezone(facts.timezone, School.created_at), Date)
    last = func.coalesce(SchoolActivity.last_entry_on, created)
    silent = cast(literal(day) - last, Integer)
    if facts.terms:
        first = func.greatest(Term.starts_on, last + 1)
        in_term = func.greatest(func.least(Term.ends_on, literal(day)) - first + 1, 0)
        silent = cast(
            select(func.coalesce(func.sum(in_term), 0))
            .where(Term.district_id == facts.district_id)
            .correlate(School, SchoolActivity)
            .scalar_subquery(),
            Integer,
        )
    return (
        select(*_row(level=literal("school"), unit_id=School.id, about_on=last, numerator=silent))
        .outerjoin_from(
            School,
            SchoolActivity,
            (SchoolActivity.district_id == School.district_id) & (SchoolActivity.unit_id == School.id),
        )
        .where(School.district_id == facts.district_id, silent >= (rule.bound or 1))
    )


def _night(rule: AlarmRule, facts: Facts) -> Condition | None:
    """A night that is not there by its hour; else schools that the newest one could not count."""
    if facts.newest is None:
        return None
    zone = ZoneInfo(facts.timezone)
    due_at = datetime.combine(facts.night + timedelta(days=1), time(rule.bound or 0), zone)
    nothing = select(*_row()).where(literal(False))
    if (facts.day is None or facts.day < facts.night) and facts.now >= due_at:
        run, missing = facts.newest
        has_begun = run.as_of >= facts.night
        of_day, numbers = facts.night, (missing, run.schools_expected) if has_begun else (None, None)
    elif facts.done is not None and facts.done[1]:
        of_day, numbers = facts.done[0].as_of, (facts.done[1], facts.done[0].schools_expected)
    else:
        return nothing
    return select(
        *_row(
            level=literal("district"), unit_id=literal(facts.district_id), about_on=literal(of_day),
            numerator=literal(numbers[0], BigInteger), denominator=literal(numbers[1], BigInteger),
        )
    )  # fmt: skip
