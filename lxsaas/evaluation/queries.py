"""The scores of a school year: what was due and done by teacher and part, weighed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, select, text
from sqlalchemy.orm import Session

from lxsaas.accounts.models import ClassTeacher, Staff
from lxsaas.evaluation.definitions import (
    LEAST_CHILDREN,
    LEAST_DUE,
    LEAST_SHARE,
    PARTS,
    Part,
)
from lxsaas.evaluation.models import EvaluationWeight
from lxsaas.evaluation.statements import children_sql, evidence_sql, sums_sql
from lxsaas.evaluation.years import months_over, terms_over
from lxsaas.indicators.periods import Calendar
from lxsaas.schools.models import SchoolClass
from lxsaas.schools.years import first_day, last_day

Weights = Mapping[str, int]
"""What each part weighs, by code."""


@dataclass(frozen=True)
class PartScore:
    """One part of somebody's year."""

    part: Part
    due: int
    done: int
    weight: int
    total: int
    """The weight of all parts that count for this teacher."""

    @property
    def counts(self) -> bool:
        """Whether enough was due, and the part weighs something."""
        return self.weight > 0 and self.due >= LEAST_DUE

    @property
    def points(self) -> float | None:
        """Of 100: weight / total weight x done / due."""
        return 100 * self.weight * self.done / (self.total * self.due) if self.counts else None

    @property
    def most(self) -> float | None:
        """The points if everything had been done."""
        return 100 * self.weight / self.total if self.counts else None


@dataclass(frozen=True)
class Score:
    """A homeroom teacher's year."""

    staff_id: int
    name: str
    classes: str
    children: int
    parts: Sequence[PartScore]
    is_enough: bool
    """Whether there is enough data for a score."""

    @property
    def points(self) -> float | None:
        """0 to 100; None where there is too little data."""
        return sum(one.points or 0 for one in self.parts) if self.is_enough else None


def weights_of(session: Session, school_id: int, year: int) -> Weights:
    """What each part weighs in a year: as the school has set it, else the default."""
    query = select(EvaluationWeight.part, EvaluationWeight.weight).where(
        EvaluationWeight.school_id == school_id, EvaluationWeight.year == year
    )
    held = {row.part: row.weight for row in session.execute(query)}
    return {code: held.get(code, part.weight) for code, part in PARTS.items()}


def scores_of(
    session: Session, *, school_id: int, calendar: Calendar, year: int, weights: Weights, today: date
) -> list[Score]:
    """Everybody's score of a school year from what is over, best first; who has none at the end."""
    found: dict[int, dict[str, Row[Any]]] = {}
    in_care: dict[int, int] = {}
    for span, wanted in _wanted(school_id, calendar, year, today).items():
        for row in session.execute(text(sums_sql(span)), wanted):
            found.setdefault(row.staff_id, {})[row.code] = row
        if span == "month":
            in_care = {row.staff_id: row.children for row in session.execute(text(children_sql()), wanted)}
    names = _names(session, school_id, found, year)
    scores = [
        score_of(staff_id, *names.get(staff_id, ("–", "")), in_care.get(staff_id, 0), sums, weights)
        for staff_id, sums in found.items()
    ]
    return sorted(scores, key=lambda one: (one.points is None, -(one.points or 0), one.name, one.staff_id))


def score_of(
    staff_id: int, name: str, classes: str, children: int, sums: Mapping[str, Any], weights: Weights
) -> Score:
    """The score that follows from what was due and done; `sums`: by part something with `due` and `done`."""
    amounts = {code: (sums[code].due, sums[code].done) if code in sums else (0, 0) for code in PARTS}
    total = sum(weights[code] for code, (due, _) in amounts.items() if due >= LEAST_DUE)
    everything = sum(weights.values())
    parts = [PartScore(PARTS[code], due, done, weights[code], total) for code, (due, done) in amounts.items()]
    enough = children >= LEAST_CHILDREN and total > 0 and 100 * total >= LEAST_SHARE * everything
    return Score(staff_id, name, classes, children, parts, enough)


def evidence_of(
    session: Session,
    *,
    school_id: int,
    calendar: Calendar,
    year: int,
    part: Part,
    staff_id: int,
    today: date,
) -> Sequence[Row[Any]]:
    """Each thing that was due of a teacher in one part of a year: what its points are made of."""
    wanted = _wanted(school_id, calendar, year, today).get(part.span)
    if wanted is None:
        return []
    given = {**wanted, "staff_id": staff_id, "code": part.code}
    return session.execute(text(evidence_sql(part.span)), given).all()


def _wanted(school_id: int, calendar: Calendar, year: int, today: date) -> dict[str, dict[str, Any]]:
    """The parameters of the statements by span, where something of it is over."""
    days = {
        "month": months_over(year, calendar.terms, today),
        "term": terms_over(year, calendar.terms, today),
    }
    return {span: calendar.wanted([(school_id, end) for end in ends]) for span, ends in days.items() if ends}


def _names(
    session: Session, school_id: int, staff_ids: Collection[int], year: int
) -> dict[int, tuple[str, str]]:
    """What teachers are called, and the classes that they had in the year."""
    first, last = first_day(year), last_day(year)
    same = (ClassTeacher.school_id == SchoolClass.school_id) & (ClassTeacher.class_id == SchoolClass.id)
    taught = (
        select(ClassTeacher.staff_id, SchoolClass.code)
        .join(SchoolClass, same)
        .where(
            ClassTeacher.school_id == school_id,
            ClassTeacher.starts_on <= last,
            ClassTeacher.ends_on.is_(None) | (ClassTeacher.ends_on > first),
        )
        .order_by(SchoolClass.code)
        .distinct()
    )
    classes: dict[int, list[str]] = {}
    for staff_id, code in session.execute(taught):
        classes.setdefault(staff_id, []).append(code)
    people: Select[int, str] = select(Staff.id, Staff.name).where(
        Staff.school_id == school_id, Staff.id.in_(list(staff_ids))
    )
    return {row.id: (row.name, ", ".join(classes.get(row.id, []))) for row in session.execute(people)}
