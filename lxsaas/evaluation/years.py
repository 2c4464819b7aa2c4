"""School years, and the months and terms of one that are over."""

from collections.abc import Sequence
from datetime import date, timedelta

from lxsaas.core.clock import add_months, month_end
from lxsaas.evaluation.definitions import TERM_DAYS
from lxsaas.indicators.periods import TermDays

FIRST_MONTH = 8
"""A school year runs from August to July: its terms begin in September and February."""


def year_of(day: date) -> int:
    """The calendar year in which the school year of a day begins."""
    return day.year if day.month >= FIRST_MONTH else day.year - 1


def months_over(year: int, terms: Sequence[TermDays], today: date) -> list[date]:
    """The last days of the year's months that lie in a term and are over."""
    first = date(year, FIRST_MONTH, 1)
    ends = [month_end(add_months(first, number)) for number in range(12)]
    return [end for end in ends if end < today and _term_days(end, terms) >= TERM_DAYS]


def terms_over(year: int, terms: Sequence[TermDays], today: date) -> list[date]:
    """The last days of the year's terms that are over."""
    return [one.ends_on for one in terms if year_of(one.starts_on) == year and one.ends_on < today]


def years_with_terms(terms: Sequence[TermDays], today: date) -> list[int]:
    """The school years that have begun, the newest first."""
    return sorted({year_of(one.starts_on) for one in terms if one.starts_on <= today}, reverse=True)


def _term_days(end: date, terms: Sequence[TermDays]) -> int:
    days = (end.replace(day=1) + timedelta(days=number) for number in range(end.day))
    return sum(any(one.starts_on <= day <= one.ends_on for one in terms) for day in days)
