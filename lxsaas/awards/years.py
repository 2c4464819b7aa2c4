"""School years: from September to August, named by both calendar years."""

from datetime import date

from lxsaas.core.clock import school_year_start


def school_year_of(day: date) -> int:
    """The year in which the school year of a day begins."""
    return school_year_start(day).year


def year_name(year: int) -> str:
    """'2026–2027'."""
    return f"{year}–{year + 1}"
