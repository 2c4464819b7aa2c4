"""Reads of filings: a school's own versions, and at the district where each school stands."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from lxsaas.core.pinyin import escaped_like
from lxsaas.filings.definitions import COLUMNS
from lxsaas.filings.models import (
    DistrictFiling,
    DistrictFilingGrade,
    Filing,
    FilingCall,
    FilingDecision,
    FilingRemark,
    FilingReminder,
)
from lxsaas.schools.models import School, Term, Township

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


def call_of(district_id: int, term: str) -> Select[FilingCall]:
    """What an officer has asked for in a term, as it stands now, whatever the session has read before."""
    query = select(FilingCall).where(FilingCall.district_id == district_id, FilingCall.term == term)
    return query.execution_options(populate_existing=True)


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
        .outerjoin(FilingDecision, _decides(DistrictFiling))
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


def _decides(one: Any) -> ColumnElement[bool]:
    return and_(
        FilingDecision.district_id == one.district_id,
        FilingDecision.unit_id == one.unit_id,
        FilingDecision.filing_id == one.filing_id,
    )


def newest_of(district_id: int, term: str) -> Select[*tuple[Any, ...]]:
    """By school the newest version of a term."""
    return (
        select(DistrictFiling)
        .where(DistrictFiling.district_id == district_id, DistrictFiling.term == term)
        .ext(distinct_on(DistrictFiling.unit_id))
        .order_by(DistrictFiling.unit_id, DistrictFiling.version.desc())
    )


def accepted_of(district_id: int, term: str, township_ids: Townships = None) -> Select[*tuple[Any, ...]]:
    """By school the newest accepted version of a term: what the district's sum is made of."""
    query = (
        select(DistrictFiling)
        .join(FilingDecision, _decides(DistrictFiling))
        .join(School, School.id == DistrictFiling.unit_id)
        .where(
            DistrictFiling.district_id == district_id,
            DistrictFiling.term == term,
            FilingDecision.outcome == "accepted",
        )
        .ext(distinct_on(DistrictFiling.unit_id))
        .order_by(DistrictFiling.unit_id, DistrictFiling.version.desc())
    )
    return query if township_ids is None else query.where(School.township_id.in_(township_ids))


def sum_of_accepted(district_id: int, term: str, township_ids: Townships = None) -> Select[*tuple[Any, ...]]:
    """One row: how many schools' versions were accepted, and each column of the table summed."""
    one = accepted_of(district_id, term, township_ids).subquery()
    return select(
        func.count().label("schools"),
        *(func.coalesce(func.sum(one.c[name]), 0).label(name) for name in COLUMNS),
    ).select_from(one)


def grade_sums_of_accepted(district_id: int, term: str, township_ids: Townships = None) -> Select[int, int]:
    """(grade, children) over the accepted versions."""
    one = accepted_of(district_id, term, township_ids).subquery()
    part = DistrictFilingGrade
    return (
        select(part.grade, func.sum(part.total))
        .join(
            one,
            and_(
                one.c.district_id == part.district_id,
                one.c.unit_id == part.unit_id,
                one.c.filing_id == part.filing_id,
            ),
        )
        .group_by(part.grade)
        .order_by(part.grade)
    )


def standings(
    district_id: int, term: Term, today: Any, township_ids: Townships = None
) -> Select[*tuple[Any, ...]]:
    """Each school with township, its newest version or nulls, state, when it was last reminded."""
    newest = aliased(DistrictFiling, newest_of(district_id, term.name).subquery())
    reminded = (
        select(func.max(FilingReminder.reminded_on))
        .where(
            FilingReminder.district_id == district_id,
            FilingReminder.unit_id == School.id,
            FilingReminder.term == term.name,
        )
        .correlate(School)
        .scalar_subquery()
    )
    query = (
        select(
            School.id,
            School.name,
            Township.name.label("township"),
            newest.id.label("told_id"),
            newest.filing_id,
            newest.version,
            newest.sent_at,
            newest.total,
            state_of(newest, term, today).label("state"),
            FilingDecision.decided_at,
            reminded.label("reminded_on"),
        )
        .outerjoin(
            Township,
            and_(Township.district_id == School.district_id, Township.id == School.township_id),
        )
        .outerjoin(newest, newest.unit_id == School.id)
        .outerjoin(FilingDecision, _decides(newest))
        .where(School.district_id == district_id)
    )
    return query if township_ids is None else query.where(School.township_id.in_(township_ids))


def state_of(newest: Any, term: Term, today: Any) -> ColumnElement[str]:
    """A school's state in a term: one of `definitions.STATES`."""
    is_late = term.filing_due_on is not None and term.filing_due_on < today
    return case(
        (newest.filing_id.is_(None), literal("late" if is_late else "missing")),
        (FilingDecision.outcome.is_not(None), FilingDecision.outcome),
        else_=literal("sent"),
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
        .outerjoin(FilingDecision, _decides(DistrictFiling))
        .where(DistrictFiling.district_id == district_id, DistrictFiling.id == district_filing_id)
    )
    return query if township_ids is None else query.where(School.township_id.in_(township_ids))


def schools_to_remind(district_id: int, term: str, today: Any, township_ids: Townships = None) -> Select[int]:
    """Schools that have sent nothing, or whose newest version was returned, and were not reminded today."""
    newest = (
        newest_of(district_id, term)
        .with_only_columns(DistrictFiling.district_id, DistrictFiling.unit_id, DistrictFiling.filing_id)
        .subquery()
    )
    # Not `select *`: the aggregator may read some columns only.
    returned = (
        select(FilingDecision.id)
        .where(_decides(newest.c), FilingDecision.outcome == "returned")
        .correlate(newest)
        .exists()
    )
    waiting = (
        select(newest.c.unit_id)
        .where(
            newest.c.unit_id == School.id,
            ~returned,
        )
        .correlate(School)
        .exists()
    )
    reminded = exists().where(
        FilingReminder.district_id == district_id,
        FilingReminder.unit_id == School.id,
        FilingReminder.term == term,
        FilingReminder.reminded_on == today,
    )
    query = select(School.id).where(School.district_id == district_id, ~waiting, ~reminded)
    return query if township_ids is None else query.where(School.township_id.in_(township_ids))


def versions_before(one: DistrictFiling) -> Select[DistrictFiling]:
    """The version that a later one corrects."""
    return select(DistrictFiling).where(
        DistrictFiling.district_id == one.district_id,
        DistrictFiling.unit_id == one.unit_id,
        DistrictFiling.term == one.term,
        DistrictFiling.version == one.version - 1,
    )


def with_school_names(one: Any) -> Select[*tuple[Any, ...]]:
    """The rows of `accepted_of`, as a subquery, with their schools' names, by name."""
    return (
        select(one, School.name.label("school"))
        .join(School, School.id == one.c.unit_id)
        .order_by(School.name)
    )
