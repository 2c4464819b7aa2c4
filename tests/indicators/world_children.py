"""Writes schools' children of plain data, with what is known of them, through the application's login."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from lxsaas.archive.models import KnownSpell
from lxsaas.care.models import CareRecord
from lxsaas.core import clock
from lxsaas.core.db import SchoolOwned, table_of
from lxsaas.counselling.models import CaseRisk, CounsellingCase
from lxsaas.movement.models import ClassMembership
from lxsaas.pupils.models import LeftBehindSpell, Pupil
from lxsaas.support.models import DropOut, HelpPlan, MustVisit, Pairing
from tests.factories import Person, Place
from tests.indicators.world_data import Child, Facts, Spell

Rows = Iterable[dict[str, Any]]
REASONS = ("mood", "illness", "marks", "lateness", "quarrel")


@dataclass
class BuiltSchool:
    """A school in the database, and the ids of what was written, in the order of the data."""

    place: Place
    staff: list[Person]
    classes: list[int]
    pupils: list[int] = field(default_factory=list)
    records: list[list[int]] = field(default_factory=list)
    visits: list[list[int]] = field(default_factory=list)
    kept: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Of exams, activities and so on, by the name of the data's field."""

    def keep(self, name: str, session: Session, model: type[SchoolOwned], rows: Rows) -> list[int]:
        """As `add`, and keeps the ids by the name of the data's field."""
        ids = self.add(session, model, rows)
        self.kept[name] += ids
        return ids

    def add(self, session: Session, model: type[SchoolOwned], rows: Rows) -> list[int]:
        """Inserts the rows and gives back their ids in the same order."""
        given = [{"school_id": self.place.id} | row for row in rows]
        if not given:
            return []
        table = table_of(model)
        if "recorded_by" in table.c:
            given = [{"recorded_by": self.staff[0].id} | row for row in given]
        query = insert(table).returning(table.c.id, sort_by_parameter_order=True)
        return list(session.scalars(query, given))


def write_children(session: Session, built: BuiltSchool, children: Sequence[Child]) -> None:
    first = len(built.pupils)
    pupils = built.add(session, Pupil, (
        {
            "class_id": built.classes[child.classes[-1][0]], "name": "童", "pinyin": "t tong", "sex": "male",
            "born_on": child.born_on, "enrolled_on": child.enrolled_on, "left_on": child.left_on,
            "identity_type": "1", "register_left_behind": 0,
        }
        for child in children
    ))  # fmt: skip
    built.pupils += pupils
    built.records += [[] for _ in children]
    built.visits += [[] for _ in children]
    # The database's own trigger knows of the last class only.
    session.execute(delete(ClassMembership).where(ClassMembership.pupil_id.in_(pupils)))
    built.add(
        session, ClassMembership,
        ({"pupil_id": pupil, "class_id": built.classes[number]} | dated(start, end)
         for pupil, child in zip(pupils, children, strict=True) for number, start, end in child.classes),
    )  # fmt: skip
    write_facts(session, built, {first + number: child.facts for number, child in enumerate(children)})


def dated(start: date, end: date | None) -> dict[str, Any]:
    return {"starts_on": start, "ends_on": end}


def withdrawn(is_so: bool) -> dict[str, Any]:
    return {"withdrawn_at": clock.now() if is_so else None}


def write_facts(session: Session, built: BuiltSchool, facts: dict[int, Facts]) -> None:
    """What is known of some children, by their places in the school."""

    def spells(name: str) -> Iterable[tuple[int, Spell]]:
        return ((built.pupils[number], one) for number, of in facts.items() for one in getattr(of, name))

    built.add(session, LeftBehindSpell, (
        {"pupil_id": pupil, "definition": one.what, "definition_version": 1, "kind": "both"}
        | dated(one.starts_on, one.ends_on) for pupil, one in spells("spells")
    ))  # fmt: skip
    built.add(session, KnownSpell, (
        {"pupil_id": pupil, "rule_version": 1, "basics": True, "character": True, "interests": True,
         "health": True, "contacts": one.what == "complete"} | dated(one.starts_on, one.ends_on)
        for pupil, one in spells("known")
    ))  # fmt: skip
    built.add(session, Pairing, (
        {"pupil_id": pupil, "kind": one.what, "helper_name": "帮"} | dated(one.starts_on, one.ends_on)
        | withdrawn(one.is_withdrawn) for pupil, one in spells("pairings")
    ))  # fmt: skip
    built.add(session, DropOut, (
        {"pupil_id": pupil, "since_on": one.starts_on, "returned_on": one.ends_on, "reason": one.what}
        | withdrawn(one.is_withdrawn) for pupil, one in spells("drop_outs")
    ))  # fmt: skip
    built.add(session, HelpPlan, (
        {"pupil_id": built.pupils[number], "term": term, "level": "usual", "lacks": [], "priorities": []}
        | withdrawn(is_so) for number, of in facts.items() for term, is_so in of.plans
    ))  # fmt: skip
    write_risks(session, built, {number: of for number, of in facts.items() if of.risks})
    write_acts(session, built, facts)


def write_risks(session: Session, built: BuiltSchool, facts: dict[int, Facts]) -> None:
    cases = built.add(session, CounsellingCase, (
        {
            "pupil_id": built.pupils[number], "counsellor_id": built.staff[0].id, "risk": 1,
            "reason_sealed": b"",
        }
        | dict.fromkeys(("opened_on", "risk_since", "review_on"), of.risks[0].starts_on)
        for number, of in facts.items()
    ))  # fmt: skip
    built.add(session, CaseRisk, (
        {"pupil_id": built.pupils[number], "case_id": case, "level": int(one.what)}
        | dated(one.starts_on, one.ends_on)
        for case, (number, of) in zip(cases, facts.items(), strict=True) for one in of.risks
    ))  # fmt: skip


def write_acts(session: Session, built: BuiltSchool, facts: dict[int, Facts]) -> None:
    """Care records and must-visits; their ids are kept, for they are changed later."""
    records = [(number, one) for number, of in facts.items() for one in of.records]
    ids = built.add(session, CareRecord, (
        {"pupil_id": built.pupils[number], "kind": int(one.kind), "occurred_on": one.day}
        | withdrawn(one.is_withdrawn) for number, one in records
    ))  # fmt: skip
    for (number, _), record_id in zip(records, ids, strict=True):
        built.records[number].append(record_id)
    visits = [(number, place, one) for number, of in facts.items() for place, one in enumerate(of.visits)]
    ids = built.add(session, MustVisit, (
        {"pupil_id": built.pupils[number], "reason": REASONS[(len(built.visits[number]) + place) % 5],
         "raised_on": one.due_on - timedelta(days=7), "due_on": one.due_on, "closed_on": one.closed_on}
        | withdrawn(one.is_withdrawn) for number, place, one in visits
    ))  # fmt: skip
    for (number, _, _), visit_id in zip(visits, ids, strict=True):
        built.visits[number].append(visit_id)
