"""A district's school year, summed from what was published to it: a hidden number counts with its bounds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, and_, cast, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from lxsaas.indicators.definitions import INDICATORS, codes_of
from lxsaas.indicators.figures import bounds_of
from lxsaas.indicators.models import DistrictIndicator, IndicatorRun
from lxsaas.indicators.published import schools_with_township, townships
from lxsaas.indicators.queries import calendar_of
from lxsaas.schools.years import first_day, last_day
from lxsaas.summaries.spans import Span

BESIDE = ("care_targets", "talk_monthly", "home_visit_monthly", "parent_call_monthly", "three_way_monthly")
"""The indicators in which townships and schools stand beside each other."""
COURSE = ("talk_monthly", "home_visit_monthly", "parent_call_monthly")
"""The indicators whose months are drawn."""
Unit = tuple[str, int]
"""Level and id."""


@dataclass(frozen=True)
class Sum:
    """A figure of a year: the least and the most that it can be, and what it is of."""

    least: int
    most: int
    due: int
    left_out: int = 0
    """Months, terms or days of which nothing is shown."""

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(
            self.least + other.least, self.most + other.most, self.due + other.due,
            self.left_out + other.left_out,
        )  # fmt: skip


@dataclass(frozen=True)
class DistrictYear:
    """What is known of a district's year; names of its townships and schools in their order."""

    span: Span
    sums: Mapping[Unit, Mapping[str, Sum]]
    months: Mapping[str, Sequence[tuple[date, float | None]]]
    """By indicator, the district's rate of each month; None where too little is shown."""
    townships: Sequence[tuple[int, str]]
    schools: Sequence[tuple[int, str, str | None]]
    """Id, name, name of the township."""
    reporting: int | None
    """Schools whose figures are in the sums of the last day."""


@dataclass
class _Gathered:
    sums: dict[Unit, dict[str, Sum]] = field(default_factory=dict)
    course: dict[str, dict[date, float | None]] = field(default_factory=dict)
    reporting: int | None = None


def year_of_district(session: Session, district_id: int, year: int, today: date) -> DistrictYear | None:
    """The year up to its newest night; None where no night was counted in it."""
    newest = select(func.max(IndicatorRun.as_of)).where(
        IndicatorRun.district_id == district_id, IndicatorRun.state == "done",
        IndicatorRun.as_of.between(first_day(year), last_day(year)),
    )  # fmt: skip
    last = session.scalar(newest)
    if last is None:
        return None
    span = Span(year, last, calendar_of(session, district_id, [today]).terms)
    found = _gathered(session.execute(_rows(district_id, span)), span)
    schools = [(row[0], row[1], row[3]) for row in session.execute(schools_with_township())]
    months = {
        code: [(first, found.course.get(code, {}).get(first)) for first in span.months] for code in COURSE
    }
    places = [(row[0], row[1]) for row in session.execute(townships())]
    return DistrictYear(span, found.sums, months, places, schools, found.reporting)


def _rows(district_id: int, span: Span) -> Select[*tuple[Any, ...]]:
    """The published rows of the year: all indicators of the district, some of townships and schools."""
    one = DistrictIndicator

    def begins(days: Iterable[date]) -> ColumnElement[bool]:
        return one.starts_on == func.any(cast(literal([*days]), ARRAY(Date)))

    of_periods = [
        and_(one.indicator.in_(codes_of("day")), begins([span.last])),
        and_(one.indicator.in_(codes_of("month")), begins(span.months)),
        and_(one.indicator.in_(codes_of("term")), begins(term.starts_on for term in span.own_terms)),
    ]
    return select(
        one.level, one.unit_id, one.indicator, one.starts_on, one.numerator, one.denominator, one.hidden,
        one.slack, one.schools_reporting,
    ).where(
        one.district_id == district_id, or_(*of_periods),
        or_(one.level == "district", one.indicator.in_(BESIDE)),
    )  # fmt: skip


def _gathered(rows: Iterable[Any], span: Span) -> _Gathered:
    found = _Gathered()
    for level, unit, code, first, numerator, denominator, hidden, slack, reporting in rows:
        if code not in INDICATORS:
            continue
        bounds = bounds_of(INDICATORS[code], numerator, denominator, hidden, slack)
        one = Sum(0, 0, 0, 1) if bounds is None else Sum(*bounds, denominator or 0)
        held = found.sums.setdefault((level, unit), {})
        held[code] = held[code] + one if code in held else one
        if level == "district":
            if code == "care_targets" and first == span.last:
                found.reporting = reporting
            if code in COURSE:
                rate = (one.least + one.most) / 2 / one.due if one.due else None
                found.course.setdefault(code, {})[first] = rate
    return found
