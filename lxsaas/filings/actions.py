"""What is done with filings: signed and sent by the school, accepted or returned by the district."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import func, select, text, union_all
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lxsaas.accounts.models import Staff
from lxsaas.accounts.passwords import verifies
from lxsaas.core.audit import audit
from lxsaas.core.changes import note_change
from lxsaas.core.errors import RuleError
from lxsaas.filings import queries, reminders, standings, statements
from lxsaas.filings.asking import hold_asked
from lxsaas.filings.definitions import OUTCOMES, Asked
from lxsaas.filings.drafting import Source, asked_of, read_sheet
from lxsaas.filings.models import (
    DistrictFiling,
    Filing,
    FilingChild,
    FilingDecision,
    FilingRemark,
    FilingSending,
)
from lxsaas.indicators.models import TermFiling
from lxsaas.schools.models import Term


def sign_filing(
    session: Session,
    *,
    asked: Asked,
    seal: str,
    reason: str | None,
    password: str,
    today: date,
    by: Staff,
) -> Filing:
    """Signs what was seen (`seal`), freezes and sends it, in one: a signed table never lies about unsent.

    A version that follows because the district asks otherwise corrects nothing and needs no reason. Raises
    RuleError for a wrong password, a cut-off day that is to come, a table that does not add up or has changed
    since, a correction that corrects nothing or says no reason.
    """
    if not verifies(by.password_hash, password):
        raise RuleError("filing_password_wrong", field="password")
    if asked.cut_off_on > today:
        raise RuleError("filing_too_early")
    hold_asked(session, by.school_id, asked)
    before = session.scalars(queries.versions_of(by.school_id, asked.term)).first()
    corrects = before is not None and (before.cut_off_on, before.definition) == asked.basis
    reason = (reason or "").strip() or None
    if corrects and reason is None:
        raise RuleError("filing_reason_missing", field="reason")
    draft = read_sheet(session, Source.draft(by.school_id, asked))
    if not draft.adds_up:
        raise RuleError("filing_does_not_add_up", count=draft.fault_count)
    filing = Filing(
        school_id=by.school_id, term=asked.term, version=1 if before is None else before.version + 1,
        cut_off_on=asked.cut_off_on, definition=asked.definition.code,
        definition_version=asked.definition.version, signed_by=by.id, signed_name=by.name,
        reason=reason if before is not None else None,
    )  # fmt: skip
    _keep(session, filing, asked, seal)
    if before is not None and corrects:
        _check_differs(session, before, filing)
    _send(session, filing, today)
    return filing


def _keep(session: Session, filing: Filing, asked: Asked, seal: str) -> None:
    """Writes the version with its children; what was kept is what was seen, or nothing is."""
    session.add(filing)
    try:
        session.flush()
        source = Source.draft(filing.school_id, asked)
        session.execute(text(statements.KEEP), {**source.parameters, "filing": filing.id})
    except IntegrityError as error:
        # Somebody else signed the same version, or a child lost a code in this moment.
        raise RuleError("filing_changed") from error
    if read_sheet(session, Source.kept(filing)).seal(asked.basis) != seal:
        raise RuleError("filing_changed")


def _check_differs(session: Session, before: Filing, now: Filing) -> None:
    """A version that was returned may be sent again as it was: the district may have been mistaken."""
    decided = session.execute(queries.told(before.school_id, [before.id])).first()
    if decided is not None and decided[1] is not None and decided[1].outcome == "returned":
        return
    kept = [one for one in FilingChild.__table__.columns if one.name not in ("id", "filing_id")]
    of = [
        select(*kept).where(FilingChild.school_id == now.school_id, FilingChild.filing_id == one.id)
        for one in (before, now)
    ]
    either = union_all(of[0].except_all(of[1]), of[1].except_all(of[0])).subquery()
    if session.scalar(select(func.count()).select_from(either)) == 0:
        raise RuleError("filing_unchanged")


def _send(session: Session, filing: Filing, today: date) -> None:
    session.add(FilingSending(school_id=filing.school_id, filing_id=filing.id))
    session.add(TermFiling(school_id=filing.school_id, term=filing.term, sent_on=today))
    note_change(session, school_id=filing.school_id, starts_on=today, ends_on=None)
    audit(
        session, "sign_filing", "filing", filing.id,
        school_id=filing.school_id, by=filing.signed_by, version=filing.version,
    )  # fmt: skip
    session.flush()


def decide_filing(
    session: Session,
    filing: DistrictFiling,
    *,
    outcome: str,
    words: str | None,
    remarks: Mapping[str, str],
    today: date,
    by: int,
    name: str,
) -> FilingDecision:
    """Accepts or returns a school's newest version, for good; `remarks` by cell. Of a return mail is sent.

    Raises RuleError for one that was decided or superseded or made under another request than the present
    one, and for a return without a word.
    """
    said = {cell: text.strip() for cell, text in remarks.items() if text.strip()}
    if outcome not in OUTCOMES or (outcome == "returned" and not said and not (words or "").strip()):
        raise RuleError("filing_remark_missing", field="words")
    query = select(Term).where(Term.district_id == filing.district_id, Term.name == filing.term)
    asked = asked_of(session, filing.district_id, session.scalars(query).one())
    if (filing.cut_off_on, filing.definition) != asked.basis:
        raise RuleError("filing_outdated")
    newest = standings.standing_of(filing.district_id, asked).where(DistrictFiling.unit_id == filing.unit_id)
    if session.scalars(newest).one().id != filing.id:
        raise RuleError("filing_superseded")
    key = {
        "district_id": filing.district_id, "unit_id": filing.unit_id, "filing_id": filing.filing_id,
    }  # fmt: skip
    decided = (
        upsert(FilingDecision)
        .values(**key, outcome=outcome, words=words or None, decided_by=by, decided_name=name)
        .on_conflict_do_nothing(index_elements=list(key))
        .returning(FilingDecision)
    )
    decision = session.scalars(decided).one_or_none()
    if decision is None:
        raise RuleError("filing_decided")
    session.add_all(FilingRemark(**key, cell=cell, words=text) for cell, text in said.items())
    if outcome == "returned":
        reminders.tell_of_return(session, filing, due_on=asked.due_on or today, today=today, by=by)
    audit(
        session, "decide_filing", "district_filing", filing.id,
        district_id=filing.district_id, by=by, outcome=outcome, school=filing.unit_id,
    )  # fmt: skip
    session.flush()
    return decision
