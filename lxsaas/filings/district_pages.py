"""What the district's pages of filings read: the term, where each school stands, the sum of the accepted."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import abort, request
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import array

from lxsaas.accounts.access import realm
from lxsaas.core import clock
from lxsaas.extensions import db
from lxsaas.filings import queries, standings
from lxsaas.filings.definitions import COLUMNS, STATES, Asked
from lxsaas.filings.drafting import asked_for, asked_of
from lxsaas.filings.models import DistrictFiling, FilingDecision
from lxsaas.schools.models import Term

SORTS = {"school": "name", "sent": "sent_at", "children": "total"}
ORDER = ("late", "outdated", "returned", "missing", "sent", "accepted")
"""The states that ask for something first."""


def today() -> date:
    return clock.today(realm().timezone)


def terms() -> Sequence[Term]:
    return db.session.scalars(queries.terms_with_filing(realm().id)).all()


def term_chosen(found: Sequence[Term]) -> Term | None:
    """The term that the address names, else the one whose statistics are due next or were due last."""
    asked = request.args.get("term", type=int)
    if asked is not None:
        return next((one for one in found if one.id == asked), None) or abort(404)
    begun = [one for one in found if one.starts_on <= today()]
    return begun[0] if begun else found[-1] if found else None


def term_or_404(term_id: int) -> Term:
    query = queries.terms_with_filing(realm().id).where(Term.id == term_id)
    return db.session.scalars(query).one_or_none() or abort(404)


def terms_to_ask() -> Sequence[Term]:
    """The terms with a filing, asked for or possible: the running one, those to come, those over."""
    found = db.session.scalars(queries.terms_to_ask(realm().id, today())).all()
    to_come = [one for one in reversed(found) if one.ends_on >= today()]
    return [*to_come, *(one for one in found if one.ends_on < today())]


def term_lines() -> list[tuple[Term, Asked, int]]:
    """(term, what is asked for, how many schools have sent that) of each term to ask for."""
    found = terms_to_ask()
    sent = {tuple(row[:3]): row[3] for row in db.session.execute(queries.sent_by_basis(realm().id))}
    return [
        (term, asked, sent.get((term.name, *asked.basis), 0))
        for term, asked in zip(found, asked_for(db.session(), realm().id, found), strict=True)
    ]


def asked_in(filing: DistrictFiling) -> Asked:
    """What is asked for now in the term of a version."""
    query = select(Term).where(Term.district_id == filing.district_id, Term.name == filing.term)
    return asked_of(db.session(), filing.district_id, db.session.scalars(query).one())


def schools_sent(term: Term) -> int:
    """How many of all schools have sent a version for a term: then another basis needs a reason."""
    return db.session.scalar(queries.schools_that_sent(realm().id, term.name)) or 0


def open_term_or_404(term_id: int) -> Term:
    """A term that is not over: what is asked for in it can still be set."""
    query = queries.terms_to_ask(realm().id, today()).where(Term.id == term_id, Term.ends_on >= today())
    return db.session.scalars(query).one_or_none() or abort(404)


def standings_of(asked: Asked) -> Select[*tuple[Any, ...]]:
    """Where the schools within reach stand."""
    return standings.of_schools(realm().id, asked, today(), current_user.township_ids)


def chosen(asked: Asked) -> Select[*tuple[Any, ...]]:
    """The schools that the list's form asks for, those that wait for something first."""
    rows = standings_of(asked)
    if request.args.get("q", "").strip():
        rows = rows.where(queries.named(request.args["q"].strip()[:100]))
    one = rows.subquery()
    query = select(one)
    if request.args.get("state") in STATES:
        query = query.where(one.c.state == request.args["state"])
    return query.order_by(*_order_of(one, request.args.get("sort", "")), one.c.name)


def _order_of(one: Any, sort: str) -> list[Any]:
    """The columns for the list's order; first of all what waits for something."""
    column = SORTS.get(sort.removeprefix("-"))
    if column is None:
        return [func.array_position(array(ORDER), one.c.state)]
    by = one.c[column]
    return [(by.desc() if sort.startswith("-") else by.asc()).nulls_last()]


def counts(asked: Asked) -> dict[str, int]:
    """By state how many schools."""
    one = standings_of(asked).subquery()
    rows = db.session.execute(select(one.c.state, func.count()).group_by(one.c.state))
    found = {row[0]: row[1] for row in rows}
    return {state: found.get(state, 0) for state in STATES}


def accepted_sum(asked: Asked) -> tuple[int, Mapping[str, int], Sequence[tuple[int, int]]]:
    """(schools, columns summed, children by grade) of what was accepted within reach."""
    reach = realm().id, asked, current_user.township_ids
    row = db.session.execute(standings.sum_of_accepted(*reach)).one()
    grades = [
        (int(one[0]), int(one[1])) for one in db.session.execute(standings.grade_sums_of_accepted(*reach))
    ]
    return int(row.schools), {column: int(getattr(row, column)) for column in COLUMNS}, grades


def filing_or_404(district_filing_id: int) -> tuple[DistrictFiling, FilingDecision | None, str]:
    """A version of a school within reach, the decision on it, the school's name."""
    query = queries.filing_in_reach(realm().id, district_filing_id, current_user.township_ids)
    row = db.session.execute(query).one_or_none() or abort(404)
    return row[0], row[1], row[2]


def cells_of(filing: DistrictFiling) -> list[str]:
    """The cells on which a remark can be made."""
    grades = db.session.scalars(queries.grades_of(filing.unit_id, filing.filing_id)).all()
    return [*COLUMNS, *(f"grade:{one.grade}" for one in grades)]


def state_options() -> list[tuple[str, str]]:
    return [("", gettext("All")), *((code, gettext(text)) for code, text in STATES.items())]
