"""How long forms take: kept by form and day, shown by month; nothing of who filled one, nor for whom."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from lxsaas.care.models import FormTiming
from lxsaas.care.queries import district_of
from lxsaas.core.clock import today
from lxsaas.registers.hooks import form_saved

LONGEST_MS = 30 * 60 * 1000
"""A form that was open for longer lay on the desk: its time says nothing of the work."""
FEWEST = 5
"""Of fewer forms no ninetieth percentile is shown: it would be one form's time."""


def note_form_time(session: Session, school_id: int, form: str, elapsed_ms: int) -> None:
    """Keeps how long a form was open, as the browser measured it; leaves out what lay open."""
    if 0 < elapsed_ms <= LONGEST_MS:
        day = today(session.scalars(district_of(school_id)).one().timezone)
        session.add(FormTiming(school_id=school_id, form=form, on_day=day, elapsed_ms=elapsed_ms))


form_saved.append(note_form_time)


def times_of_months(first: date, last: date) -> Select[str, date, int, float, float]:
    """(form, month, how many, median and 90th percentile in seconds) of the forms saved in a time."""
    month = func.date(func.date_trunc("month", FormTiming.on_day)).label("month")
    seconds = FormTiming.elapsed_ms / 1000.0
    return (
        select(
            FormTiming.form,
            month,
            func.count(),
            func.percentile_cont(0.5).within_group(seconds),
            func.percentile_cont(0.9).within_group(seconds),
        )
        .where(FormTiming.on_day.between(first, last))
        .group_by(FormTiming.form, month)
        .order_by(FormTiming.form, month)
    )


def slowest_first(rows: Sequence[tuple[str, int, float, float]]) -> list[tuple[str, int, float, float]]:
    """(form, how many, median, 90th percentile) by the time that they cost together."""
    return sorted(rows, key=lambda row: -row[1] * row[2])
