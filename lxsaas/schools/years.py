"""School years: from August to July, as a first term may begin in the last days of August."""

from datetime import date, timedelta

from lxsaas.core.clock import add_months

FIRST_MONTH = 8


def year_of(day: date) -> int:
    """The calendar year in which the school year of a day begins."""
    return day.year if day.month >= FIRST_MONTH else day.year - 1


def first_day(year: int) -> date:
    """Of the school year that begins in a calendar year."""
    return date(year, FIRST_MONTH, 1)


def last_day(year: int) -> date:
    """Of the same school year: the end of July."""
    return add_months(first_day(year), 12) - timedelta(days=1)


def year_name(year: int) -> str:
    """'2025–2026'."""
    return f"{year}–{year + 1}"
