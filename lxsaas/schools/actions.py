"""Setting up districts, schools and terms: the operator's writes on reference data."""

import re
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lxsaas.core import clock
from lxsaas.core.errors import NotFoundError, RuleError
from lxsaas.core.pinyin import searchable
from lxsaas.schools import queries
from lxsaas.schools.models import SLUG, CareDefinitionChoice, District, School, Term, Township


def create_district(session: Session, *, slug: str, name: str, timezone: str = "Asia/Shanghai") -> District:
    """A district with the terms of this school year and the next.

    Raises RuleError for an address that does not fit or is taken, an empty name or an unknown time zone.
    """
    name = name.strip()
    _check_address(slug, name)
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise RuleError("timezone_unknown", field="timezone", timezone=timezone) from None
    if session.scalars(queries.district_at(slug)).one_or_none() is not None:
        raise RuleError("slug_taken", field="slug", slug=slug)
    district = District(slug=slug, name=name, timezone=timezone)
    session.add(district)
    session.flush()
    today = clock.today(timezone)
    first_year = today.year if today.month >= 8 else today.year - 1
    for year in (first_year - 1, first_year, first_year + 1):
        _add_usual_terms(session, district, year)
    return district


def _add_usual_terms(session: Session, district: District, year: int) -> None:
    """Autumn from 1 September, spring from 20 February: what most districts keep, changed by `set_term`."""
    for name, starts_on, ends_on in (
        (f"{year}-{year + 1}-1", date(year, 9, 1), date(year + 1, 1, 25)),
        (f"{year}-{year + 1}-2", date(year + 1, 2, 20), date(year + 1, 7, 10)),
    ):
        session.add(Term(district_id=district.id, name=name, starts_on=starts_on, ends_on=ends_on))
    session.flush()


def set_term(session: Session, *, district: District, name: str, starts_on: date, ends_on: date) -> Term:
    """Gives a term its days, or adds it. Raises RuleError when they overlap another term's."""
    term = session.scalars(queries.terms_of(district.id).where(Term.name == name)).one_or_none()
    if term is None:
        term = Term(district_id=district.id, name=name)
        session.add(term)
    term.starts_on, term.ends_on = starts_on, ends_on
    try:
        session.flush()
    except IntegrityError as error:
        raise RuleError("term_days", field="starts_on") from error
    return term


def set_filing_day(session: Session, *, district: District, term: str, due_on: date | None) -> Term:
    """Says by when the schools send a term's statistics (P29); None: nobody waits for them.

    Raises NotFoundError for an unknown term, RuleError for a day before the term begins.
    """
    found = session.scalars(queries.terms_of(district.id).where(Term.name == term)).one_or_none()
    if found is None:
        raise NotFoundError("term_unknown", name=term)
    if due_on is not None and due_on < found.starts_on:
        raise RuleError("filing_before_term", field="due_on")
    found.filing_due_on = due_on
    session.flush()
    return found


def choose_care_definition(session: Session, *, district: District, definition: str, since: date) -> None:
    """From a day on the district counts the children of this definition; the days before keep theirs.

    `definition`: a code of `lxsaas.pupils.definitions`, which the caller checks.
    """
    values = {"district_id": district.id, "starts_on": since, "definition": definition}
    session.execute(
        upsert(CareDefinitionChoice)
        .values(values)
        .on_conflict_do_update(index_elements=["district_id", "starts_on"], set_={"definition": definition})
    )


def create_school(
    session: Session,
    *,
    district: District,
    slug: str,
    name: str,
    register_code: str,
    township: str | None = None,
) -> School:
    """A school, and its township where that is new.

    Raises RuleError for an address or 学校标识码 that does not fit or is taken.
    """
    name = name.strip()
    _check_address(slug, name)
    if not re.fullmatch(r"[0-9]{10}", register_code):
        raise RuleError("register_code_invalid", field="register_code", code=register_code)
    if session.scalars(queries.school_at(slug)).one_or_none() is not None:
        raise RuleError("slug_taken", field="slug", slug=slug)
    if session.scalar(select(School.id).where(School.register_code == register_code)) is not None:
        raise RuleError("register_code_taken", field="register_code", code=register_code)
    school = School(
        district_id=district.id,
        township_id=_township_id(session, district, township),
        slug=slug,
        name=name,
        pinyin=searchable(name),
        register_code=register_code,
    )
    session.add(school)
    session.flush()
    return school


def move_to_township(session: Session, *, school: School, township: str | None) -> None:
    """Puts a school into a township of its district, a new one where there is none of this name; None: none.

    The past goes along: what a township shows of any time are the schools that are in it now.
    """
    district = session.scalars(select(District).where(District.id == school.district_id)).one()
    school.township_id = _township_id(session, district, township)
    session.flush()


def find_district(session: Session, slug: str) -> District:
    """Raises NotFoundError."""
    district = session.scalars(queries.district_at(slug)).one_or_none()
    if district is None:
        raise NotFoundError("district_unknown", slug=slug)
    return district


def find_school(session: Session, slug: str) -> School:
    """Raises NotFoundError."""
    school = session.scalars(queries.school_at(slug)).one_or_none()
    if school is None:
        raise NotFoundError("school_unknown", slug=slug)
    return school


def _check_address(slug: str, name: str) -> None:
    if not re.fullmatch(SLUG.strip("^$"), slug):
        raise RuleError("slug_invalid", field="slug", slug=slug)
    if not name:
        raise RuleError("name_required", field="name")


def _township_id(session: Session, district: District, name: str | None) -> int | None:
    name = (name or "").strip()
    if not name:
        return None
    query = select(Township).where(Township.district_id == district.id, Township.name == name)
    township = session.scalars(query).one_or_none()
    if township is None:
        township = Township(district_id=district.id, name=name)
        session.add(township)
        session.flush()
    return township.id
