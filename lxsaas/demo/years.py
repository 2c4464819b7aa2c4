"""The days of the demonstration's past: the last school year that is over, and the spring before it."""

from collections.abc import Sequence
from datetime import date

from lxsaas.indicators.periods import TermDays
from lxsaas.schools.years import year_of


def last_year(today: date) -> int:
    """The school year before the one of today, named by its first calendar year."""
    return year_of(today) - 1


def spring_before(today: date) -> TermDays:
    """The term in which the schools began: the last school year is compared with it."""
    year = last_year(today)
    return TermDays(f"{year - 1}-{year}-2", date(year, 2, 20), date(year, 7, 10), None)


def past_terms(today: date) -> Sequence[TermDays]:
    """That spring and the two terms of the last school year."""
    return spring_before(today), *_terms_of(last_year(today))


def begun_terms(today: date) -> Sequence[TermDays]:
    """Those, and the terms of this school year that have begun; the last one runs, or ran last."""
    this_year = [one for one in _terms_of(last_year(today) + 1) if one.starts_on <= today]
    return *past_terms(today), *this_year


def _terms_of(year: int) -> tuple[TermDays, TermDays]:
    """As `create_district` dates them."""
    return (
        TermDays(f"{year}-{year + 1}-1", date(year, 9, 1), date(year + 1, 1, 25), None),
        TermDays(f"{year}-{year + 1}-2", date(year + 1, 2, 20), date(year + 1, 7, 10), None),
    )


def first_day(today: date) -> date:
    """The first day of the last school year."""
    return date(last_year(today), 9, 1)


def first_care(today: date) -> date:
    """From when on care was recorded: the last two months of the spring before."""
    return date(last_year(today), 5, 1)


def months_back(first: date, today: date) -> int:
    """How many months before today's the month of a day is."""
    return (today.year - first.year) * 12 + today.month - first.month
