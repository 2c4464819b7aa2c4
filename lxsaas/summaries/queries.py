"""Reads of summaries, and of the counted figures behind them."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import (
    Date,
    Select,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from lxsaas.correspondence.models import CorrespondenceThread as Thread
from lxsaas.indicators.definitions import codes_of
from lxsaas.indicators.models import SchoolIndicator
from lxsaas.summaries.models import AnnualSummary, SummarySection


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
