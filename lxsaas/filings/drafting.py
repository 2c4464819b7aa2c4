"""A filing as it is read: its table, what adds up, the children behind a figure; draft and frozen alike."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from lxsaas.filings import queries, statements
from lxsaas.filings.definitions import COLUMNS, DEFAULT_DEFINITION, DIVISIONS, TOTAL, Asked, Division
from lxsaas.filings.models import Filing, FilingCall
from lxsaas.pupils.definitions import DEFINITIONS
from lxsaas.schools.models import Term

Figures = Mapping[str, int]


@dataclass(frozen=True)
class Source:
    """Where children come from: the archive on a day, or a frozen version."""

    sql: str
    parameters: Mapping[str, Any]

    @classmethod
    def draft(cls, school_id: int, asked: Asked) -> "Source":
        return cls(
            statements.DRAFT,
            {"school": school_id, "definition": asked.definition.code, "on": asked.cut_off_on},
        )

    @classmethod
    def kept(cls, filing: Filing) -> "Source":
        return cls(statements.KEPT, {"school": filing.school_id, "filing": filing.id})


@dataclass(frozen=True)
class Fault:
    """A child that is in no part of a division."""

    pupil_id: int
    name: str
    class_code: str
    has_left: bool
    """The school since the cut-off day, so that its file has no pages of its own."""


@dataclass(frozen=True)
class Check:
    """A cross-foot rule as it stands: the total, the parts, and the children that are in none of them."""

    division: Division
    figures: Figures
    faults: Sequence[Fault]

    @property
    def total(self) -> int:
        return self.figures[TOTAL]

    @property
    def sum(self) -> int:
        return sum(self.figures[part.code] for part in self.division.parts)

    @property
    def holds(self) -> bool:
        return self.sum == self.total


@dataclass(frozen=True)
class Sheet:
    """The table: a row a grade, and the total."""

    grades: Mapping[int, Figures]
    total: Figures
    faults: Mapping[str, Sequence[Fault]]
    """By division the children that are in none of its parts."""

    @cached_property
    def checks(self) -> Sequence[Check]:
        return [Check(one, self.total, self.faults.get(one.code, ())) for one in DIVISIONS]

    @property
    def adds_up(self) -> bool:
        return all(one.holds for one in self.checks)

    @property
    def fault_count(self) -> int:
        """Children that lack something."""
        return len({fault.pupil_id for found in self.faults.values() for fault in found})

    def seal(self, basis: tuple[date, str]) -> str:
        """Changes with any figure, with cut-off day and definition (`basis`): who signs has seen these."""
        rows = [[grade, *(row[column] for column in COLUMNS)] for grade, row in self.grades.items()]
        held = json.dumps([basis[0].isoformat(), basis[1], rows])
        return hashlib.sha256(held.encode()).hexdigest()[:32]


def asked_for(session: Session, district_id: int, terms: Sequence[Term]) -> list[Asked]:
    """What is asked for in each of some terms; where no officer has set it, what is usual."""
    calls = {one.term: one for one in session.scalars(queries.calls_of(district_id, [t.name for t in terms]))}
    return [_asked(term, calls.get(term.name)) for term in terms]


def asked_of(session: Session, district_id: int, term: Term) -> Asked:
    return asked_for(session, district_id, [term])[0]


def _asked(term: Term, call: FilingCall | None) -> Asked:
    """What an officer has set, else State Council 2016 on the last day of the month before the due day."""
    if call is None:
        return Asked(term.name, term.filing_due_on, usual_cut_off(term), DEFINITIONS[DEFAULT_DEFINITION])
    definition = DEFINITIONS[call.definition]
    return Asked(term.name, term.filing_due_on, call.cut_off_on, definition, call.edition, call.reason)


def asked_now(session: Session, district_id: int, today: date) -> Asked:
    """What is asked for in the newest term that has begun; where nothing is, today's children."""
    query = queries.terms_with_filing(district_id).where(Term.starts_on <= today).limit(1)
    term = session.scalars(query).one_or_none()
    if term is None:
        return Asked("", None, today, DEFINITIONS[DEFAULT_DEFINITION])
    return asked_of(session, district_id, term)


def usual_cut_off(term: Term) -> date:
    """The last day of the month before the due day, if that lies in the term; else the term's first day."""
    due_on = term.filing_due_on or term.ends_on
    return max(due_on.replace(day=1) - timedelta(days=1), term.starts_on)


def read_sheet(session: Session, source: Source) -> Sheet:
    """The table of a draft or a frozen version: two statements, whatever the number of children."""
    grades: dict[int, Figures] = {}
    total: Figures = dict.fromkeys(COLUMNS, 0)
    figures = text(statements.figures_of(source.sql))
    for row in session.execute(figures, source.parameters).mappings():
        found = {column: int(row[column]) for column in COLUMNS}
        if row["grade"] is None:
            total = found
        else:
            grades[int(row["grade"])] = found
    return Sheet(grades, total, _faults(session, source))


def _faults(session: Session, source: Source) -> Mapping[str, Sequence[Fault]]:
    found: dict[str, list[Fault]] = {}
    for row in session.execute(text(statements.faults_of(source.sql)), source.parameters).mappings():
        fault = Fault(row["pupil_id"], row["name"], row["class_code"], row["has_left"])
        for one in DIVISIONS:
            if row[one.code] is None:
                found.setdefault(one.code, []).append(fault)
    return found


def read_children(
    session: Session, source: Source, column: str = TOTAL, grade: int | None = None
) -> Sequence[Mapping[str, Any]]:
    """The children behind a figure, by class and name, each with its codes."""
    sql = statements.listed(source.sql, column, of_grade=grade is not None)
    parameters = {**source.parameters} | ({} if grade is None else {"grade": grade})
    return [dict(row) for row in session.execute(text(sql), parameters).mappings()]


def differences(before: Figures, now: Figures) -> dict[str, tuple[int, int]]:
    """By column what it was and what it is, where they differ."""
    return {column: (before[column], now[column]) for column in COLUMNS if before[column] != now[column]}


def figures_told(row: Any) -> dict[str, int]:
    """The columns of a row of the district's, or of a sum."""
    return {column: int(getattr(row, column)) for column in COLUMNS}
