"""Reads of filings: what is asked for in terms, versions and what the district says of them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from lxsaas.core.pinyin import escaped_like
from lxsaas.filings.models import (
    DistrictFiling,
    DistrictFilingGrade,
    Filing,
    FilingCall,
    FilingDecision,
    FilingRemark,
)
from lxsaas.schools.models import School, Term

Townships = frozenset[int] | None


def terms_with_filing(district_id: int) -> Select[Term]:
    """The terms for which the district waits for statistics, the newest first."""
    return (
        select(Term)
        .where(Term.district_id == district_id, Term.filing_due_on.is_not(None))
        .order_by(Term.starts_on.desc())
    )


def terms_to_ask(district_id: int, today: date) -> Select[Term]:
    """Terms that have a filing or can have one, for they are not over; the newest first."""
    return (
        select(Term)
        .where(
            Term.district_id == district_id, or_(Term.ends_on >= today, Term.filing_due_on.is_not(None))
        )
        .order_by(Term.starts_on.desc())
    )  # fmt: skip


def schools_that_sent(district_id: int, term: str) -> Select[int]:
    """How many schools have sent a version for a term."""
    return select(func.count(DistrictFiling.unit_id.distinct())).where(
        DistrictFiling.district_id == district_id, DistrictFiling.term == term
    )


def sent_by_basis(district_id: int) -> Select[*tuple[Any, ...]]:
    """(term, cut-off day, definition, schools that have sent such a version)."""
    one = DistrictFiling
    return (
        select(one.term, one.cut_off_on, one.definition, func.count(one.unit_id.distinct()))
        .where(one.district_id == district_id)
        .group_by(one.term, one.cut_off_on, one.definition)
    )


def calls_of(district_id: int, terms: Sequence[str]) -> Select[FilingCall]:
    """What officers ask for in terms, as it stands now, whatever the session has read before."""
    return (
        editions_of(district_id, terms)
        .ext(distinct_on(FilingCall.term))
        .order_by(None)
        .order_by(FilingCall.term, FilingCall.edition.desc())
        .execution_options(populate_existing=True)
    )


def editions_of(district_id: int, terms: Sequence[str]) -> Select[FilingCall]:
    """All that was ever asked for in terms, the newest first."""
    return (
        select(FilingCall)
        .where(FilingCall.district_id == district_id, FilingCall.term.in_(terms))
        .order_by(FilingCall.edition.desc())
    )


def versions_of(school_id: int, term: str | None = None) -> Select[Filing]:
    """A school's signed versions, the newest first; of one term if it is given."""
    query = select(Filing).where(Filing.school_id == school_id)
    if term is not None:
        query = query.where(Filing.term == term)
    return query.order_by(Filing.signed_at.desc(), Filing.version.desc())


def told(unit_id: int, filing_ids: Sequence[int]) -> Select[DistrictFiling, FilingDecision]:
    """What the district has of a school's versions, with its decision where there is one."""
    return (
        select(DistrictFiling, FilingDecision)
        .outerjoin(FilingDecision, decides(DistrictFiling))
        .where(DistrictFiling.unit_id == unit_id, DistrictFiling.filing_id.in_(filing_ids))
    )


def remarks_on(unit_id: int, filing_id: int) -> Select[FilingRemark]:
    return (
        select(FilingRemark)
        .where(FilingRemark.unit_id == unit_id, FilingRemark.filing_id == filing_id)
        .order_by(FilingRemark.id)
    )


def grades_of(unit_id: int, filing_id: int) -> Select[DistrictFilingGrade]:
    return (
        select(DistrictFilingGrade)
        .where(DistrictFilingGrade.unit_id == unit_id, DistrictFilingGrade.filing_id == filing_id)
        .order_by(DistrictFilingGrade.grade)
    )


def decides(one: Any) -> ColumnElement[bool]:
    """Whether a decision is the one on a version."""
    return and_(
        FilingDecision.district_id == one.district_id,
        FilingDecision.unit_id == one.unit_id,
        FilingDecision.filing_id == one.filing_id,
    )


def named(words: str) -> ColumnElement[bool]:
    """Whose school's name has these words."""
    return School.name.ilike(f"%{escaped_like(words)}%")


def filing_in_reach(
    district_id: int, district_filing_id: int, township_ids: Townships
) -> Select[*tuple[Any, ...]]:
    """(version, decision, school's name) of one version, if its school is within reach."""
    query = (
        select(DistrictFiling, FilingDecision, School.name)
        .join(School, School.id == DistrictFiling.unit_id)
        .outerjoin(FilingDecision, decides(DistrictFiling))
        .where(DistrictFiling.district_id == district_id, DistrictFiling.id == district_filing_id)
    )
    return query if township_ids is None else query.where(School.township_id.in_(township_ids))


def schools_of(district_id: int) -> Select[int]:
    """Ids of all schools of a district."""
    return select(School.id).where(School.district_id == district_id)


def versions_before(one: DistrictFiling) -> Select[DistrictFiling]:
    """The version that a later one corrects."""
    return select(DistrictFiling).where(
        DistrictFiling.district_id == one.district_id,
        DistrictFiling.unit_id == one.unit_id,
        DistrictFiling.term == one.term,
        DistrictFiling.version == one.version - 1,
    )
