"""Reads of summaries, and of the counted figures behind them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from lxsaas.core.pinyin import escaped_like
from lxsaas.correspondence.models import CorrespondenceThread as Thread
from lxsaas.indicators.definitions import codes_of
from lxsaas.indicators.models import SchoolIndicator
from lxsaas.schools.models import School, Township
from lxsaas.summaries.models import AnnualSummary, DistrictSummary, SummaryCall, SummarySection

Townships = frozenset[int] | None


def summaries_of(school_id: int) -> Select[AnnualSummary]:
    """All versions of all years, the newest first."""
    return (
        select(AnnualSummary)
        .where(AnnualSummary.school_id == school_id)
        .order_by(AnnualSummary.year.desc(), AnnualSummary.number.desc())
    )


def sections_of(summary: AnnualSummary) -> Select[SummarySection]:
    return select(SummarySection).where(
        SummarySection.school_id == summary.school_id, SummarySection.summary_id == summary.id
    )


def last_counted_between(school_id: int, first: date, last: date) -> Select[date | None]:
    """The newest day of a span for which the school's figures were counted."""
    return select(func.max(SchoolIndicator.starts_on)).where(
        SchoolIndicator.school_id == school_id,
        SchoolIndicator.indicator.in_(codes_of("day")),
        SchoolIndicator.starts_on.between(first, last),
    )


def figures_of_periods(school_id: int, starts: Sequence[date]) -> Select[SchoolIndicator]:
    """The school's figures of the months and terms that begin on these days."""
    return select(SchoolIndicator).where(
        SchoolIndicator.school_id == school_id,
        SchoolIndicator.indicator.in_(codes_of("month", "term")),
        SchoolIndicator.starts_on == func.any(cast(literal([*starts]), ARRAY(Date))),
    )


def figures_of_days(school_id: int, days: Sequence[date]) -> Select[SchoolIndicator]:
    """The school's daily figures of these days."""
    return (
        select(SchoolIndicator)
        .where(
            SchoolIndicator.school_id == school_id,
            SchoolIndicator.indicator.in_(codes_of("day")),
            SchoolIndicator.starts_on == func.any(cast(literal([*days]), ARRAY(Date))),
        )
        .ext(distinct_on(SchoolIndicator.indicator, SchoolIndicator.starts_on))
    )


def difficulty_titles(school_id: int, *, first: date, last: date, timezone: str) -> Select[str]:
    """The matters of the difficulties that the school raised, in their order."""
    opened = func.date(func.timezone(timezone, Thread.opened_at))
    return (
        select(Thread.title)
        .where(Thread.unit_id == school_id, Thread.kind == "difficulty", opened.between(first, last))
        .order_by(Thread.id)
    )


def sent_of(unit_id: int, year: int) -> Select[DistrictSummary]:
    """What a school has sent of a year, the newest version first."""
    return (
        select(DistrictSummary)
        .where(DistrictSummary.unit_id == unit_id, DistrictSummary.year == year)
        .order_by(DistrictSummary.number.desc())
    )


def highest_sent(unit_id: int, year: int) -> Select[int | None]:
    """The number of the newest version that a school has sent of a year."""
    return select(func.max(DistrictSummary.number)).where(
        DistrictSummary.unit_id == unit_id, DistrictSummary.year == year
    )


def call_of(district_id: int, year: int) -> Select[SummaryCall]:
    """By when a year's summaries are wanted."""
    return select(SummaryCall).where(SummaryCall.district_id == district_id, SummaryCall.year == year)


def due_days(district_id: int) -> Select[int, date | None]:
    """(year, due day) of the years whose summaries are wanted by a day."""
    return select(SummaryCall.year, SummaryCall.due_on).where(
        SummaryCall.district_id == district_id, SummaryCall.due_on.is_not(None)
    )


def calls_due_between(district_id: int, first: date, last: date) -> Select[SummaryCall]:
    return select(SummaryCall).where(
        SummaryCall.district_id == district_id, SummaryCall.due_on.between(first, last)
    )


def schools_without(district_id: int, year: int) -> Select[int]:
    """Schools that have sent no summary of a year."""
    sent = (
        select(DistrictSummary.id)
        .where(
            DistrictSummary.district_id == School.district_id,
            DistrictSummary.unit_id == School.id,
            DistrictSummary.year == year,
        )
        .correlate(School)
    )
    return select(School.id).where(School.district_id == district_id, ~sent.exists())


def standings(
    district_id: int, year: int, township_ids: Townships = None, *, is_late: bool = False
) -> Select[*tuple[Any, ...]]:
    """Each school within reach with township, state and the newest summary of a year that it sent, or nulls.

    `is_late`: whether who has not sent is late.
    """
    sent = (
        select(
            DistrictSummary.id, DistrictSummary.unit_id, DistrictSummary.number, DistrictSummary.sent_at,
            DistrictSummary.signed_name, DistrictSummary.missing_count,
        )
        .where(DistrictSummary.district_id == district_id, DistrictSummary.year == year)
        .ext(distinct_on(DistrictSummary.unit_id))
        .order_by(DistrictSummary.unit_id, DistrictSummary.number.desc())
        .subquery()
    )  # fmt: skip
    query = (
        select(
            School.id, School.name, Township.name.label("township"), sent.c.id.label("told_id"),
            sent.c.number, sent.c.sent_at, sent.c.signed_name, sent.c.missing_count,
            case((sent.c.id.is_not(None), "sent"), else_="late" if is_late else "missing").label("state"),
        )
        .outerjoin(
            Township, and_(Township.district_id == School.district_id, Township.id == School.township_id)
        )
        .outerjoin(sent, sent.c.unit_id == School.id)
        .where(School.district_id == district_id)
    )  # fmt: skip
    return query if township_ids is None else query.where(School.township_id.in_(township_ids))


def named(words: str) -> ColumnElement[bool]:
    """Whose school's name has these words."""
    return School.name.ilike(f"%{escaped_like(words)}%")


def sent_in_reach(
    district_id: int, district_summary_id: int, township_ids: Townships
) -> Select[DistrictSummary, str]:
    """(what was sent, the school's name), if the school is within reach."""
    query = (
        select(DistrictSummary, School.name)
        .join(School, School.id == DistrictSummary.unit_id)
        .where(DistrictSummary.district_id == district_id, DistrictSummary.id == district_summary_id)
    )
    return query if township_ids is None else query.where(School.township_id.in_(township_ids))
