"""Who is reminded of a filing and when: by the calendar, or because an officer asks; mail follows."""

from datetime import date

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.core.errors import RuleError
from lxsaas.filings import hooks, queries
from lxsaas.filings.models import FilingReminder
from lxsaas.schools.models import Term

AHEAD = (7, 1)
"""So many days before the due day."""
BEHIND = (1, 4, 8)
"""So many days after it."""


def remind_late(
    session: Session, term: Term, *, today: date, by: int, township_ids: queries.Townships
) -> int:
    """Reminds every school within reach that has not sent, once a day. Raises RuleError where none is."""
    made = _remind(session, term, today, by, township_ids)
    if not made:
        raise RuleError("filing_nobody_late")
    audit(
        session, "send_filing_reminder", "filing_reminder", None,
        district_id=term.district_id, by=by, schools=made,
    )  # fmt: skip
    session.flush()
    return made


def remind_by_calendar(session: Session, district_id: int, today: date) -> int:
    """Reminds on the days before and after each due day; how many schools."""
    return sum(
        _remind(session, term, today, None, None)
        for term in session.scalars(queries.terms_with_filing(district_id)).all()
        if is_day(term, today)
    )


def is_day(term: Term, today: date) -> bool:
    """Whether schools are reminded of a term's filing on a day."""
    if term.filing_due_on is None:
        return False
    left = (term.filing_due_on - today).days
    return left in AHEAD or -left in BEHIND


def _remind(session: Session, term: Term, today: date, by: int | None, townships: queries.Townships) -> int:
    schools = queries.schools_to_remind(term.district_id, term.name, today, townships)
    rows = schools.add_columns(
        literal(term.district_id),
        literal(term.name),
        literal(term.filing_due_on),
        literal(today),
        literal(by),
    )
    columns = ["unit_id", "district_id", "term", "due_on", "reminded_on", "asked_by"]
    made = (
        upsert(FilingReminder)
        .from_select(columns, rows)
        .on_conflict_do_nothing(index_elements=["district_id", "unit_id", "term", "reminded_on"])
        .returning(FilingReminder.id)
    )
    return len(session.scalars(made).all())


def owe_reminders(session: Session, district_id: int) -> int:
    """Hands what nobody has put into the outbox to whoever sends mail; how many reminders."""
    waiting = select(FilingReminder).where(
        FilingReminder.district_id == district_id, FilingReminder.owed_at.is_(None)
    )
    found = session.scalars(waiting.with_for_update(skip_locked=True)).all()
    if found:
        for hook in hooks.schools_reminded:
            hook(session, district_id, found)
        for one in found:
            one.owed_at = func.now()
        session.flush()
    return len(found)
