"""What a demonstration school does beside talks, visits and calls: files kept, pairs, plans, exams, trust."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from lxsaas.archive.five_known import renew_five_known
from lxsaas.archive.law import POINTS
from lxsaas.archive.models import ChildProfile, Entrustment, ParentContactWeek
from lxsaas.core.db import table_of
from lxsaas.demo import words, years
from lxsaas.demo.plan import PupilPlan
from lxsaas.indicators.periods import TermDays
from lxsaas.portfolio.models import Exam, ExamResult, ExamScore, ExamSubject
from lxsaas.registers.rows import cipher_of, columns_for, sealed_fields
from lxsaas.support.labels import LACKS, PRIORITIES, PROBLEMS
from lxsaas.support.models import Aid, AttendanceEvent, ConductCase, HelpPlan, MustVisit, Pairing

SUBJECTS = ("语文", "数学")


@dataclass(frozen=True)
class Room:
    """A class as it stands in the database."""

    school_id: int
    class_id: int
    teacher_id: int
    pupils: Mapping[int, PupilPlan]
    terms: Sequence[TermDays]
    """Since the school began; the last runs, or ran last."""
    today: date
    diligence: float
    """Share of what is owed that the school does."""

    @property
    def term_start(self) -> date:
        return self.terms[-1].starts_on

    def targets(self) -> list[int]:
        """Children whose parents are away."""
        return [pupil_id for pupil_id, plan in self.pupils.items() if plan.absences]


def add_practices(session: Session, room: Room, random: Random) -> None:
    """Files, pairings, plans, entrustments, exams and the rest for one class."""
    add_files(session, room, random)
    add_pairings(session, room, random)
    add_plans(session, room, random)
    add_trust(session, room, random)
    add_exams(session, room, random)
    add_events(session, room, random)
    add_past_events(session, room, random)
    renew_five_known(session, room.school_id, list(room.pupils), years.first_care(room.today))


def add_rows(session: Session, model: type[Any], school_id: int, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Many rows in one statement, sealed fields sealed; their ids."""
    if not rows:
        return []
    table = table_of(model)
    if not sealed_fields(model):
        made = insert(table).returning(table.c.id, sort_by_parameter_order=True)
        return list(session.scalars(made, [{"school_id": school_id, **row} for row in rows]))
    query = text("select nextval(pg_get_serial_sequence(:table, 'id')) from generate_series(1, :count)")
    ids = list(session.scalars(query, {"table": table.name, "count": len(rows)}))
    cipher = cipher_of(session, model, school_id)
    stored = [
        {"school_id": school_id, "id": row_id, **columns_for(model, row_id, row, cipher)}
        for row_id, row in zip(ids, rows, strict=True)
    ]
    session.execute(insert(table), stored)
    return ids


def add_files(session: Session, room: Room, random: Random) -> None:
    rows = [
        {
            "pupil_id": pupil_id, "recorded_by": room.teacher_id,
            "character": random.choice(words.CHARACTERS), "interests": random.choice(words.INTERESTS),
            "health": None, "history": None, "no_history": True,
            "lives_with": _home(plan, random), "guardianship": random.choice(words.RATINGS),
        }
        for pupil_id, plan in room.pupils.items()
        if random.random() < room.diligence
    ]  # fmt: skip
    add_rows(session, ChildProfile, room.school_id, rows)


def _home(plan: PupilPlan, random: Random) -> str:
    """With whom a child lives: mostly grandparents where both parents are away."""
    away = {one.parent for one in plan.absences if one.ends_on is None}
    if len(away) < 2 and (not away or random.random() < 0.7):
        return "parent"
    return random.choice(words.HOMES)


def add_pairings(session: Session, room: Room, random: Random) -> None:
    """Most were paired when the school began, the others with the last school year or when they came."""
    rows = []
    began = years.spring_before(room.today).starts_on
    for pupil_id in room.targets():
        since = began if random.random() < 0.8 else years.first_day(room.today)
        helpers: list[dict[str, Any]] = []
        if random.random() < room.diligence + 0.1:
            helpers.append({"kind": "teacher", "staff_id": room.teacher_id})
        others = [one for one in room.pupils if one != pupil_id]
        if others and random.random() < room.diligence:
            helpers.append({"kind": "pupil", "helper_pupil_id": random.choice(others)})
        if random.random() < 0.15:
            helpers.append({"kind": "caring_mother", "helper_name": random.choice(words.MOTHERS)})
        nobody = {"staff_id": None, "helper_pupil_id": None, "helper_name": None}
        rows += [
            {
                "pupil_id": pupil_id, "recorded_by": room.teacher_id,
                "starts_on": max(since, room.pupils[pupil_id].enrolled_on), **nobody, **one,
            }
            for one in helpers
        ]  # fmt: skip
    add_rows(session, Pairing, room.school_id, rows)


def add_plans(session: Session, room: Room, random: Random) -> None:
    """A plan of each term, of the children who were there."""
    rows = [
        {
            "pupil_id": pupil_id, "recorded_by": room.teacher_id, "term": term.name,
            "level": random.choices(["usual", "attention", "priority"], [6, 3, 1])[0],
            "lacks": random.sample(list(LACKS), 2), "priorities": random.sample(list(PRIORITIES), 1),
            "goals": random.choice(words.GOALS), "contents": random.choice(words.CONTENTS),
            "times": random.choice(words.TIMES), "result_words": None,
        }
        for term in room.terms
        for pupil_id in room.targets()
        if room.pupils[pupil_id].enrolled_on < min(term.ends_on, room.today)
        and random.random() < room.diligence
    ]  # fmt: skip
    add_rows(session, HelpPlan, room.school_id, rows)


def add_trust(session: Session, room: Room, random: Random) -> None:
    rows = []
    weeks = []
    monday = room.today - timedelta(days=room.today.weekday())
    for pupil_id in room.targets():
        plan = room.pupils[pupil_id]
        if random.random() < room.diligence:
            name, relation = plan.family[-1]
            known = relation if relation in ("61", "62", "63", "64") else "97"
            rows.append(
                {
                    "pupil_id": pupil_id, "recorded_by": room.teacher_id, "name": name, "relation": known,
                    "starts_on": room.term_start, "ends_on": room.term_start + timedelta(days=160),
                    "notice_on": room.term_start, "given_by": "both", "cleared": list(POINTS),
                    "child_heard": True, "phone": plan.phone, "address": "清河县（示例地址）",
                    "child_view": random.choice(words.VIEWS),
                }
            )  # fmt: skip
        weeks += [
            {
                "school_id": room.school_id, "pupil_id": pupil_id, "noted_by": room.teacher_id,
                "week_on": monday - timedelta(weeks=back), "with_child": True,
                "with_guardian": random.random() < 0.7,
            }
            for back in range(4)
            if random.random() < room.diligence
        ]  # fmt: skip
    add_rows(session, Entrustment, room.school_id, rows)
    if weeks:
        session.execute(insert(table_of(ParentContactWeek)), weeks)


def add_exams(session: Session, room: Room, random: Random) -> None:
    """The last exams of the two terms before and one of this term, with marks that move a little."""
    before_last, last = (one.ends_on - timedelta(days=11) for one in room.terms[-3:-1])
    level = {pupil_id: random.gauss(78, 11) for pupil_id in room.pupils}
    for name, taken_on in (
        ("期末考试", before_last),
        ("期末考试", last),
        ("期中考试", min(room.term_start + timedelta(days=65), room.today)),
    ):
        marks = {
            pupil_id: [round(10 * min(max(random.gauss(mean, 5), 20), 100)) for _ in SUBJECTS]
            for pupil_id, mean in level.items()
            if room.pupils[pupil_id].enrolled_on <= taken_on
        }
        if not marks:
            continue
        (exam_id,) = add_rows(session, Exam, room.school_id, [
            {"class_id": room.class_id, "name": name, "taken_on": taken_on, "recorded_by": room.teacher_id}
        ])  # fmt: skip
        subjects = add_rows(
            session, ExamSubject, room.school_id,
            [{"exam_id": exam_id, "position": place, "name": subject, "full_marks": 100}
             for place, subject in enumerate(SUBJECTS, 1)],
        )  # fmt: skip
        results = add_rows(
            session, ExamResult, room.school_id,
            [{"exam_id": exam_id, "pupil_id": pupil_id, "total_tenths": sum(tenths),
              "entered_by": room.teacher_id} for pupil_id, tenths in marks.items()],
        )  # fmt: skip
        add_rows(
            session, ExamScore, room.school_id,
            [{"result_id": result_id, "subject_id": subject_id, "tenths": tenths}
             for result_id, scores in zip(results, marks.values(), strict=True)
             for subject_id, tenths in zip(subjects, scores, strict=True)],
        )  # fmt: skip


def add_events(session: Session, room: Room, random: Random) -> None:
    """Must-visits, lateness, conduct and aid of a few."""

    def some(share: float) -> list[int]:
        return [pupil_id for pupil_id in room.targets() if random.random() < share]

    def row(pupil_id: int, **more: Any) -> dict[str, Any]:
        return {"pupil_id": pupil_id, "recorded_by": room.teacher_id, **more}

    def back(days: int) -> date:
        return room.today - timedelta(days=random.randrange(1, days))

    raised = {pupil_id: back(12) for pupil_id in some(0.06)}
    add_rows(session, MustVisit, room.school_id, [
        row(pupil_id, reason=random.choice(["mood", "illness", "marks", "quarrel"]), raised_on=on,
            due_on=on + timedelta(days=7), words=None)
        for pupil_id, on in raised.items()
    ])  # fmt: skip
    add_rows(session, AttendanceEvent, room.school_id, [
        row(pupil_id, occurred_on=back(25), kind=random.choice(["absent", "late"]),
            is_excused=True, words=None)
        for pupil_id in some(0.12)
    ])  # fmt: skip
    add_rows(session, ConductCase, room.school_id, [
        row(pupil_id, opened_on=back(60), problems=[random.choice(list(PROBLEMS))],
            words=random.choice(words.CONDUCT), agreed=None, outcome_words=None)
        for pupil_id in some(0.04)
    ])  # fmt: skip
    add_rows(session, Aid, room.school_id, [
        row(pupil_id, kind="nutrition", received_on=room.term_start, amount_cents=62500, source="县教育局")
        for pupil_id in some(0.3)
    ])  # fmt: skip


def add_past_events(session: Session, room: Room, random: Random) -> None:
    """Of the last school year: must-visits, mostly closed in time, days of absence, aid."""
    terms = years.past_terms(room.today)[1:]

    def some(share: float) -> Iterator[tuple[dict[str, Any], date]]:
        for term in terms:
            for pupil_id in room.targets():
                day = term.starts_on + timedelta(days=random.randrange(5, 115))
                if random.random() < share and room.pupils[pupil_id].enrolled_on <= day:
                    yield {"pupil_id": pupil_id, "recorded_by": room.teacher_id}, day

    add_rows(session, MustVisit, room.school_id, [
        who | {"reason": random.choice(["mood", "illness", "marks", "quarrel"]), "raised_on": day,
               "due_on": day + timedelta(days=7), "words": None,
               "closed_on": day + timedelta(days=random.randrange(1, 7 if random.random() < 0.9 else 12))}
        for who, day in some(0.08)
    ])  # fmt: skip
    add_rows(session, AttendanceEvent, room.school_id, [
        who | {"occurred_on": day, "kind": "absent", "is_excused": True, "words": None}
        for who, day in some(0.05)
    ])  # fmt: skip
    add_rows(session, Aid, room.school_id, [
        who | {"kind": "nutrition", "received_on": day, "amount_cents": 62500, "source": "县教育局"}
        for who, day in some(0.25)
    ])  # fmt: skip
