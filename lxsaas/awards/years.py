"""School years: from September to August, named by both calendar years."""

from datetime import date

FIRST_MONTH = 9


def school_year_of(day: date) -> int:
    """The year in which the school year of a day begins."""
    return day.year if day.month >= FIRST_MONTH else day.year - 1


def year_name(year: int) -> str:
    """'2026–2027'."""
    return f"{year}–{year + 1}"
