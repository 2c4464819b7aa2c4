"""What a school's pages of filings read: the term, its draft, its versions, where they stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import abort, request
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import select

from lxsaas.accounts.access import realm
from lxsaas.core import clock
from lxsaas.core.audit import audit
from lxsaas.extensions import db
from lxsaas.filings import queries
from lxsaas.filings.definitions import LISTED, TOTAL, Asked
from lxsaas.filings.drafting import Source, asked_for, asked_of, read_children
from lxsaas.filings.models import DistrictFiling, Filing, FilingDecision
from lxsaas.filings.reminders import AHEAD
from lxsaas.schools.models import Term

TERMS = 8
"""Terms that the list shows, the newest first."""


@dataclass(frozen=True)
class Version:
    """A signed version, as the district has it and what it decided."""

    filing: Filing
    told: DistrictFiling | None
    decision: FilingDecision | None

    @property
    def state(self) -> str:
        return self.decision.outcome if self.decision is not None else "sent"

    def fits(self, asked: Asked) -> bool:
        """Whether it was made under what is asked for now."""
        return (self.filing.cut_off_on, self.filing.definition) == asked.basis


@dataclass(frozen=True)
class TermLine:
    """A term of the list: what is asked, the versions with the newest first."""

    term: Term
    asked: Asked
    versions: Sequence[Version]

    @property
    def state(self) -> str:
        """One of `definitions.STATES`."""
        standing = next((one for one in self.versions if one.fits(self.asked)), None)
        if self.versions:
            return standing.state if standing else "outdated"
        is_late = self.asked.due_on is not None and self.asked.due_on < today()
        return "late" if is_late else "missing"


def today() -> date:
    return clock.today(realm().timezone)


def term_lines() -> list[TermLine]:
    """The last terms for which statistics are asked for."""
    terms = db.session.scalars(queries.terms_with_filing(realm().district_id).limit(TERMS)).all()
    by_term: dict[str, list[Version]] = {}
    for one in versions():
        by_term.setdefault(one.filing.term, []).append(one)
    found = asked_for(db.session(), realm().district_id, terms)
    return [
        TermLine(term, asked, by_term.get(term.name, [])) for term, asked in zip(terms, found, strict=True)
    ]


def pressing_terms() -> list[TermLine]:
    """Running terms whose statistics are late, soon due, returned, or to be sent again."""
    soon = today() + timedelta(days=max(AHEAD))
    return [
        line
        for line in term_lines()
        if line.term.ends_on >= today()
        and (
            line.state in ("late", "outdated", "returned")
            or (line.state == "missing" and line.asked.due_on is not None and line.asked.due_on <= soon)
        )
    ]


def versions(term: str | None = None) -> list[Version]:
    """The school's versions, the newest first; of one term if it is given."""
    filings = db.session.scalars(queries.versions_of(realm().id, term)).all()
    rows = db.session.execute(queries.told(realm().id, [one.id for one in filings]))
    told = {row[0].filing_id: (row[0], row[1]) for row in rows}
    return [Version(one, *told.get(one.id, (None, None))) for one in filings]


def asked(term: Term) -> Asked:
    return asked_of(db.session(), realm().district_id, term)


def term_or_404(term_id: int) -> Term:
    """A term for which the district waits for statistics."""
    query = queries.terms_with_filing(realm().district_id).where(Term.id == term_id)
    return db.session.scalars(query).one_or_none() or abort(404)


def filing_or_404(filing_id: int) -> Filing:
    query = select(Filing).where(Filing.school_id == realm().id, Filing.id == filing_id)
    return db.session.scalars(query).one_or_none() or abort(404)


def draft_source(term: Term) -> Source:
    return Source.draft(realm().id, asked(term))


def children_asked(
    source: Source, filing_id: int | None
) -> tuple[str, int | None, Sequence[Mapping[str, Any]]]:
    """(column, grade, children) of the list that the address asks for; who looks is logged."""
    column, grade = request.args.get("column", TOTAL), request.args.get("grade", type=int)
    if column not in LISTED:
        abort(404)
    found = read_children(db.session(), source, column, grade)
    log_sight("view_filing", filing_id, column=column, grade=grade, rows=len(found))
    return column, grade, found


def log_sight(action: str, filing_id: int | None, **detail: Any) -> None:
    """Notes who saw, or took out, a list of children."""
    audit(db.session(), action, "filing", filing_id, school_id=realm().id, by=current_user.id, **detail)
    db.session.commit()


def version_note(filing: Filing) -> str:
    """'Version 2, signed …' for papers."""
    return str(
        gettext("Version %(number)s, signed by %(name)s", number=filing.version, name=filing.signed_name)
    )
