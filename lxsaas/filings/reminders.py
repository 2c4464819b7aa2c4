"""Who is told of a filing and when: as it is asked for, by the calendar, because an officer asks; by mail."""

from datetime import date
from typing import Any

from sqlalchemy import Select, func, literal, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.core.errors import RuleError
from lxsaas.filings import hooks, queries, standings
from lxsaas.filings.drafting import asked_of
from lxsaas.filings.models import DistrictFiling, FilingCall, FilingReminder
from lxsaas.schools.models import School, Term

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
        if term.filing_due_on is not None and is_day(term.filing_due_on, today)
    )


def is_day(due_on: date, today: date) -> bool:
    """Whether schools are reminded on a day of what is due on another."""
    left = (due_on - today).days
    return left in AHEAD or -left in BEHIND


def _remind(session: Session, term: Term, today: date, by: int | None, townships: queries.Townships) -> int:
    asked = asked_of(session, term.district_id, term)
    if asked.due_on is None:
        return 0
    return note_reminders(
        session, standings.schools_owing(term.district_id, asked, townships), term.district_id,
        about="filing", term=term.name, due_on=asked.due_on, today=today, by=by,
    )  # fmt: skip


def tell_of_call(
    session: Session, call: FilingCall, schools: Select[int], *, due_on: date, today: date, by: int
) -> int:
    """Tells schools once of an edition of what is asked for; how many are told."""
    return _note(
        session, schools, district_id=call.district_id, about="filing", term=call.term, edition=call.edition,
        due_on=due_on, reminded_on=today, asked_by=by,
    )  # fmt: skip


def tell_of_return(session: Session, filing: DistrictFiling, *, due_on: date, today: date, by: int) -> None:
    """Tells a school that a version was returned."""
    own = queries.schools_of(filing.district_id).where(School.id == filing.unit_id)
    _note(
        session, own, district_id=filing.district_id, about="return", term=filing.term,
        edition=filing.version, due_on=due_on, reminded_on=today, asked_by=by,
    )  # fmt: skip


def note_reminders(
    session: Session,
    schools: Select[int],
    district_id: int,
    *,
    about: str,
    term: str,
    due_on: date,
    today: date,
    by: int | None,
) -> int:
    """Reminds those of some schools that were told nothing of it today; how many."""
    return _note(
        session, schools.where(standings.not_told_on(today, about=about, term=term)),
        district_id=district_id, about=about, term=term, edition=None, due_on=due_on, reminded_on=today,
        asked_by=by,
    )  # fmt: skip


def _note(session: Session, schools: Select[int], **values: Any) -> int:
    """A row a school of `schools` (ids), unless there is one; how many are new."""
    columns = FilingReminder.__table__.c
    rows = schools.add_columns(*(literal(value, columns[name].type) for name, value in values.items()))
    made = (
        upsert(FilingReminder)
        .from_select(["unit_id", *values], rows)
        .on_conflict_do_nothing()
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
