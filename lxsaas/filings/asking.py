"""What a district asks of its schools in a term: set, changed, withdrawn; each time they are told by mail."""

from datetime import date

from sqlalchemy import Function, func, select
from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.core.errors import RuleError
from lxsaas.filings import queries, reminders, standings
from lxsaas.filings.definitions import Asked
from lxsaas.filings.drafting import asked_of
from lxsaas.filings.models import FilingCall
from lxsaas.pupils.definitions import DEFINITIONS
from lxsaas.schools.models import School, Term


def ask_for_filing(
    session: Session,
    term: Term,
    *,
    cut_off_on: date,
    definition: str,
    due_on: date,
    reason: str | None,
    seen: int,
    today: date,
    by: int,
) -> int:
    """Says for which day and definition the schools file, and by when; how many schools are told of it.

    Once a school has sent, another day or definition needs a reason: what was sent so far is summed no more,
    and every school is told. Of another due day alone those are told that still owe. A term that is over
    stays as it is, so that no figure of a closed term changes. `seen`: the edition that the page showed.
    Raises RuleError.
    """
    if term.ends_on < today:
        raise RuleError("filing_term_over")
    before = _hold_alone(session, term)
    if seen != before.edition:
        raise RuleError("filing_call_stale", edition=before.edition)
    if due_on != before.due_on and not today <= due_on <= term.ends_on:
        raise RuleError("filing_due_outside", field="due_on")
    if cut_off_on > due_on:
        raise RuleError("filing_due_before_cut_off", field="due_on")
    is_other = (cut_off_on, definition) != before.basis
    if before.edition and not is_other and due_on == before.due_on:
        return 0
    must_resend = is_other and _sent(session, term) > 0
    if must_resend and not (reason or "").strip():
        raise RuleError("filing_call_reason_missing", field="reason")
    term.filing_due_on = due_on
    call = set_filing_call(
        session, term, cut_off_on=cut_off_on, definition=definition, by=by,
        reason=reason if must_resend else None if is_other else before.reason,
    )  # fmt: skip
    asked = asked_of(session, term.district_id, term)
    concerned = (
        queries.schools_of(term.district_id)
        if is_other or before.due_on is None
        else standings.schools_owing(term.district_id, asked)
    )
    return reminders.tell_of_call(session, call, concerned, due_on=due_on, today=today, by=by)


def withdraw_filing_call(session: Session, term: Term, *, today: date, by: int) -> None:
    """Asks for no filing in a term any more. Raises RuleError once a school has sent one."""
    if term.ends_on < today:
        raise RuleError("filing_term_over")
    before = _hold_alone(session, term)
    sent = _sent(session, term)
    if sent:
        raise RuleError("filing_call_sent", count=sent)
    if before.due_on is None:
        return
    term.filing_due_on = None
    call = set_filing_call(
        session, term, cut_off_on=before.cut_off_on, definition=before.definition.code, by=by
    )
    everybody = queries.schools_of(term.district_id)
    reminders.tell_of_call(session, call, everybody, due_on=before.due_on, today=today, by=by)


def set_filing_call(
    session: Session, term: Term, *, cut_off_on: date, definition: str, by: int, reason: str | None = None
) -> FilingCall:
    """The next edition of what is asked for in a term, with its due day; tells nobody. Raises RuleError."""
    if not term.starts_on <= cut_off_on <= term.ends_on:
        raise RuleError("filing_cut_off_outside", field="cut_off_on")
    if definition not in DEFINITIONS:
        raise RuleError("filing_definition_unknown", field="definition")
    # Before the term's own change is read anew.
    session.flush()
    before = _hold_alone(session, term)
    call = FilingCall(
        district_id=term.district_id, term=term.name, edition=before.edition + 1, cut_off_on=cut_off_on,
        definition=definition, due_on=term.filing_due_on, reason=reason,
    )  # fmt: skip
    session.add(call)
    session.flush()
    audit(
        session, "set_filing_call", "filing_call", call.id,
        district_id=term.district_id, by=by, edition=call.edition,
    )  # fmt: skip
    session.flush()
    return call


def hold_asked(session: Session, school_id: int, asked: Asked) -> None:
    """Until this is committed the district cannot ask otherwise; raises RuleError where it has already."""
    query = (
        select(Term)
        .join(School, School.district_id == Term.district_id)
        .where(School.id == school_id, Term.name == asked.term)
    )
    term = session.scalars(query).one()
    session.execute(select(func.pg_advisory_xact_lock_shared(_turn(term))))
    session.refresh(term)
    now = asked_of(session, term.district_id, term)
    if now.due_on is None or now.basis != asked.basis:
        raise RuleError("filing_changed")


def _hold_alone(session: Session, term: Term) -> Asked:
    """What is asked for, until this is committed: no school signs and no officer changes it meanwhile."""
    session.execute(select(func.pg_advisory_xact_lock(_turn(term))))
    session.refresh(term)
    return asked_of(session, term.district_id, term)


def _turn(term: Term) -> Function[int]:
    """Names the lock that schools which sign share, and whoever changes what is asked for holds alone."""
    return func.hashtext(f"filing_call:{term.district_id}:{term.name}")


def _sent(session: Session, term: Term) -> int:
    """How many schools have sent a version for a term."""
    return session.scalar(queries.schools_that_sent(term.district_id, term.name)) or 0
