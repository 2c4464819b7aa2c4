"""Where each school stands with what is asked for in a term, who owes it, what the accepted sum up to."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from lxsaas.filings.definitions import COLUMNS, Asked
from lxsaas.filings.models import DistrictFiling, DistrictFilingGrade, FilingDecision, FilingReminder
from lxsaas.filings.queries import Townships, decides
from lxsaas.schools.models import School, Township


def fits(one: Any, asked: Asked) -> ColumnElement[bool]:
    """Whether a version was made under what is asked for now."""
    return and_(one.cut_off_on == asked.cut_off_on, one.definition == asked.definition.code)


def standing_of(district_id: int, asked: Asked) -> Select[*tuple[Any, ...]]:
    """By school the newest version under what is asked for now; of who has none, the newest at all."""
    return (
        select(DistrictFiling)
        .where(DistrictFiling.district_id == district_id, DistrictFiling.term == asked.term)
        .ext(distinct_on(DistrictFiling.unit_id))
        .order_by(DistrictFiling.unit_id, fits(DistrictFiling, asked).desc(), DistrictFiling.version.desc())
    )


def accepted_of(district_id: int, asked: Asked, township_ids: Townships = None) -> Select[*tuple[Any, ...]]:
    """By school the newest accepted version under what is asked for now: what the sum is made of."""
    query = (
        select(DistrictFiling)
        .join(FilingDecision, decides(DistrictFiling))
        .join(School, School.id == DistrictFiling.unit_id)
        .where(
            DistrictFiling.district_id == district_id,
            DistrictFiling.term == asked.term,
            fits(DistrictFiling, asked),
            FilingDecision.outcome == "accepted",
        )
        .ext(distinct_on(DistrictFiling.unit_id))
        .order_by(DistrictFiling.unit_id, DistrictFiling.version.desc())
    )
    return query if township_ids is None else query.where(School.township_id.in_(township_ids))


def sum_of_accepted(
    district_id: int, asked: Asked, township_ids: Townships = None
) -> Select[*tuple[Any, ...]]:
    """One row: how many schools' versions were accepted, and each column of the table summed."""
    one = accepted_of(district_id, asked, township_ids).subquery()
    return select(
        func.count().label("schools"),
        *(func.coalesce(func.sum(one.c[name]), 0).label(name) for name in COLUMNS),
    ).select_from(one)


def grade_sums_of_accepted(
    district_id: int, asked: Asked, township_ids: Townships = None
) -> Select[int, int]:
    """(grade, children) over the accepted versions."""
    one = accepted_of(district_id, asked, township_ids).subquery()
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


def of_schools(
    district_id: int, asked: Asked, today: date, township_ids: Townships = None
) -> Select[*tuple[Any, ...]]:
    """Each school with township, its version (`standing_of`) or nulls, state, when it was last reminded."""
    newest = aliased(DistrictFiling, standing_of(district_id, asked).subquery())
    reminded = (
        select(func.max(FilingReminder.reminded_on))
        .where(
            FilingReminder.district_id == district_id,
            FilingReminder.unit_id == School.id,
            FilingReminder.about == "filing",
            FilingReminder.term == asked.term,
            FilingReminder.edition.is_(None),
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
            state_of(newest, asked, today).label("state"),
            FilingDecision.decided_at,
            reminded.label("reminded_on"),
        )
        .outerjoin(
            Township,
            and_(Township.district_id == School.district_id, Township.id == School.township_id),
        )
        .outerjoin(newest, newest.unit_id == School.id)
        .outerjoin(FilingDecision, decides(newest))
        .where(School.district_id == district_id)
    )
    return query if township_ids is None else query.where(School.township_id.in_(township_ids))


def state_at(district_id: int, unit_id: int, asked: Asked, today: date) -> Select[str]:
    """One school's state; no row where it has sent nothing."""
    # Columns one by one: the aggregator may not read the figures.
    one = DistrictFiling
    standing = (
        standing_of(district_id, asked)
        .where(one.unit_id == unit_id)
        .with_only_columns(one.district_id, one.unit_id, one.filing_id, one.cut_off_on, one.definition)
        .subquery()
    )
    return (
        select(state_of(standing.c, asked, today))
        .select_from(standing)
        .outerjoin(FilingDecision, decides(standing.c))
    )


def state_of(newest: Any, asked: Asked, today: date) -> ColumnElement[str]:
    """A school's state in a term: one of `definitions.STATES`."""
    is_late = asked.due_on is not None and asked.due_on < today
    return case(
        (newest.filing_id.is_(None), literal("late" if is_late else "missing")),
        (~fits(newest, asked), literal("outdated")),
        (FilingDecision.outcome.is_not(None), FilingDecision.outcome),
        else_=literal("sent"),
    )


def schools_owing(district_id: int, asked: Asked, township_ids: Townships = None) -> Select[int]:
    """Schools that have sent nothing under what is asked for now, or whose newest such was returned."""
    # Not `select *`: the aggregator may read some columns only.
    newest = (
        standing_of(district_id, asked)
        .where(fits(DistrictFiling, asked))
        .with_only_columns(DistrictFiling.district_id, DistrictFiling.unit_id, DistrictFiling.filing_id)
        .subquery()
    )
    returned = (
        select(FilingDecision.id)
        .where(decides(newest.c), FilingDecision.outcome == "returned")
        .correlate(newest)
        .exists()
    )
    done = select(newest.c.unit_id).where(newest.c.unit_id == School.id, ~returned).correlate(School).exists()
    query = select(School.id).where(School.district_id == district_id, ~done)
    return query if township_ids is None else query.where(School.township_id.in_(township_ids))


def not_told_on(day: date, *, about: str, term: str) -> ColumnElement[bool]:
    """Whether a school was neither reminded on a day nor told of a request."""
    return ~exists().where(
        FilingReminder.district_id == School.district_id,
        FilingReminder.unit_id == School.id,
        FilingReminder.about == about,
        FilingReminder.term == term,
        FilingReminder.reminded_on == day,
    )


def with_school_names(one: Any) -> Select[*tuple[Any, ...]]:
    """The rows of `accepted_of`, as a subquery, with their schools' names, by name."""
    return (
        select(one, School.name.label("school"))
        .join(School, School.id == one.c.unit_id)
        .order_by(School.name)
    )
