"""By when the district wants the schools' summaries of a year; who is late is reminded by mail."""

from datetime import date, timedelta

from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.core.clock import add_months
from lxsaas.core.errors import RuleError
from lxsaas.filings import hooks
from lxsaas.filings.reminders import AHEAD, BEHIND, is_day, note_reminders
from lxsaas.schools.years import last_day
from lxsaas.summaries import queries
from lxsaas.summaries.models import SummaryCall

LATEST = 24
"""Months after the school year's end until which its summary may be wanted."""


def set_due_day(
    session: Session, *, district_id: int, year: int, due_on: date | None, today: date, by: int
) -> None:
    """Says by when the summaries of a year are wanted; None: on no day. Raises RuleError."""
    if due_on is not None and not today <= due_on <= add_months(last_day(year), LATEST):
        raise RuleError("summary_due_outside", field="due_on")
    session.execute(
        upsert(SummaryCall)
        .values(district_id=district_id, year=year, due_on=due_on)
        .on_conflict_do_update(index_elements=["district_id", "year"], set_={"due_on": due_on})
    )
    audit(session, "set_summary_day", "summary_call", None, district_id=district_id, by=by, year=year)
    session.flush()


def remind_by_calendar(session: Session, district_id: int, today: date) -> int:
    """Reminds schools without a summary on the days before and after the due day; how many."""
    first, last = today - timedelta(days=max(BEHIND)), today + timedelta(days=max(AHEAD))
    return sum(
        note_reminders(
            session, queries.schools_without(district_id, one.year), district_id,
            about="summary", term=str(one.year), due_on=one.due_on, today=today, by=None,
        )
        for one in session.scalars(queries.calls_due_between(district_id, first, last)).all()
        if one.due_on is not None and is_day(one.due_on, today)
    )  # fmt: skip


hooks.calendars.append(remind_by_calendar)
