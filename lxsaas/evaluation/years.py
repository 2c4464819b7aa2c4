"""The months and terms of a school year that are over."""

from collections.abc import Sequence
from datetime import date, timedelta

from lxsaas.core.clock import add_months, month_end
from lxsaas.evaluation.definitions import TERM_DAYS
from lxsaas.indicators.periods import TermDays
from lxsaas.schools.years import first_day, year_of


def months_over(year: int, terms: Sequence[TermDays], today: date) -> list[date]:
    """The last days of the year's months that lie in a term and are over."""
    ends = [month_end(add_months(first_day(year), number)) for number in range(12)]
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
