"""Instants and calendar days: an instant is UTC, a day is a day in the district's time zone."""

import calendar
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)


def today(timezone: str, *, at: datetime | None = None) -> date:
    """The calendar day in `timezone` (an IANA name) at an instant, by default now."""
    return (at or now()).astimezone(ZoneInfo(timezone)).date()


def hour(timezone: str, *, at: datetime) -> int:
    """The hour of the day in `timezone` at an instant, 0 to 23."""
    return at.astimezone(ZoneInfo(timezone)).hour


def add_months(day: date, months: int) -> date:
    """The same day of the month `months` later (or earlier); else that month's last day.

    Raises OverflowError beyond the calendar, as adding days does.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not MINYEAR <= year <= MAXYEAR:
        raise OverflowError("date value out of range")
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def month_start(day: date) -> date:
    return day.replace(day=1)


def month_end(day: date) -> date:
    """The last day of the month of `day`."""
    return add_months(month_start(day), 1) - timedelta(days=1)
