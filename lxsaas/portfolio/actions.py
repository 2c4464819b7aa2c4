"""What may be done with exams as such: entered for classes, changed, withdrawn; the school's thresholds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid5

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.core.changes import note_change
from lxsaas.core.clock import add_months
from lxsaas.core.db import table_of
from lxsaas.core.errors import RuleError
from lxsaas.portfolio.models import Exam, ExamResult, ExamRule, ExamScore, ExamSubject
from lxsaas.portfolio.queries import rule_of, subjects_of, total_of
from lxsaas.registers.actions import add_row, edit_row, withdraw_row

OLDEST_YEARS = 9
"""A child's years at school; what is older is a slip of the finger in the date."""
MOST_SUBJECTS = 12
FALL_POINTS = 20
FALL_PLACES = 10
"""From which fall of the standing on a school is told, where it has set nothing else."""


@dataclass(frozen=True)
class Subject:
    """A subject as it is entered: its name and full marks."""

    name: str
    full_marks: int


def add_exams(
    session: Session,
    *,
    school_id: int,
    class_ids: Sequence[int],
    name: str,
    taken_on: date,
    subjects: Sequence[Subject],
    today: date,
    client_key: UUID | None = None,
    by: int,
) -> list[int]:
    """Enters the same exam for each of the classes, and returns its ids; sent twice it is there once.

    Whoever calls has seen to it that the classes are within reach. Raises RuleError with the field concerned.
    """
    if not class_ids:
        raise RuleError("exam_no_class", field="classes")
    check_day(taken_on, today)
    check_subjects(subjects)
    made = []
    for class_id in dict.fromkeys(class_ids):
        key = uuid5(client_key, str(class_id)) if client_key else None
        values = {"class_id": class_id, "name": name, "taken_on": taken_on}
        exam, is_new = add_row(session, Exam, school_id=school_id, values=values, client_key=key, by=by)
        if is_new:
            _write_subjects(session, exam, subjects)
        made.append(exam.id)
    return made


def change_exam(
    session: Session,
    exam: Exam,
    *,
    name: str,
    taken_on: date,
    subjects: Sequence[Subject],
    version: int,
    today: date,
    by: int,
) -> None:
    """Changes name, day and subjects; a subject in which there are marks stays, and so do its full marks.

    Raises RuleError for that, and for a stale version.
    """
    check_day(taken_on, today)
    check_subjects(subjects)
    before = exam.taken_on
    held = session.scalars(subjects_of(exam.id)).all()
    same = [(one.name, one.full_marks) for one in held] == [(one.name, one.full_marks) for one in subjects]
    changed = edit_row(session, exam, values={"name": name, "taken_on": taken_on}, version=version, by=by)
    if not same:
        _replace_subjects(session, exam, held, subjects)
        _renew_totals(session, exam, len(subjects))
        audit(
            session, "change_exam_subjects", "exam", exam.id,
            school_id=exam.school_id, by=by, subjects=len(subjects),
        )  # fmt: skip
        if not changed:
            exam.version += 1
    note_change(session, school_id=exam.school_id, starts_on=min(before, taken_on), ends_on=None)
    session.flush()


def withdraw_exam(session: Session, exam: Exam, *, version: int, by: int, reason: str) -> None:
    """Takes an exam with its results out of every standing; raises RuleError without a reason."""
    withdraw_row(session, exam, version=version, by=by, reason=reason)
    note_change(session, school_id=exam.school_id, starts_on=exam.taken_on, ends_on=None)
    session.flush()


def set_exam_rule(
    session: Session, *, school_id: int, fall_points: int, fall_places: int, version: int, by: int
) -> None:
    """Sets from which fall on the school is told; `version` is the one seen, 0 where there was none."""
    for field, value in (("fall_points", fall_points), ("fall_places", fall_places)):
        if not 1 <= value <= 100:
            raise RuleError("rule_range", field=field)
    values = {"fall_points": fall_points, "fall_places": fall_places}
    held = session.scalars(rule_of(school_id).with_for_update()).one_or_none()
    if held is None:
        statement = insert(ExamRule).values(school_id=school_id, **values)
        kept = session.execute(statement.on_conflict_do_nothing().returning(ExamRule.id)).one_or_none()
        if kept is None:
            raise RuleError("row_stale")
    elif held.version != version:
        raise RuleError("row_stale")
    else:
        held.fall_points, held.fall_places = fall_points, fall_places
        held.version += 1
    audit(session, "set_exam_rule", "exam_rule", None, school_id=school_id, by=by, **values)
    session.flush()


def check_day(taken_on: date, today: date) -> None:
    """Raises RuleError for a day to come, and for one before any of today's pupils came."""
    if taken_on > today:
        raise RuleError("exam_in_future", field="taken_on")
    if taken_on < add_months(today, -12 * OLDEST_YEARS):
        raise RuleError("exam_too_old", field="taken_on", years=OLDEST_YEARS)


def check_subjects(subjects: Sequence[Subject]) -> None:
    """Raises RuleError where there is none, one stands twice, or there are too many."""
    if not subjects:
        raise RuleError("subjects_none", field="subjects")
    if len(subjects) > MOST_SUBJECTS:
        raise RuleError("subjects_many", field="subjects", limit=MOST_SUBJECTS)
    seen: set[str] = set()
    for one in subjects:
        if one.name in seen:
            raise RuleError("subject_twice", field="subjects", name=one.name)
        seen.add(one.name)


def _write_subjects(session: Session, exam: Exam, subjects: Sequence[Subject]) -> None:
    rows = [
        {"school_id": exam.school_id, "exam_id": exam.id, "position": at, "name": one.name,
         "full_marks": one.full_marks}
        for at, one in enumerate(subjects, 1)
    ]  # fmt: skip
    session.execute(insert(table_of(ExamSubject)), rows)


def _replace_subjects(
    session: Session, exam: Exam, held: Sequence[ExamSubject], subjects: Sequence[Subject]
) -> None:
    highest: dict[int, int | None] = {
        row.subject_id: row.highest
        for row in session.execute(
            select(ExamScore.subject_id, func.max(ExamScore.tenths).label("highest"))
            .where(ExamScore.subject_id.in_([one.id for one in held]))
            .group_by(ExamScore.subject_id)
        )
    }
    wanted = {one.name: (at, one) for at, one in enumerate(subjects, 1)}
    for row in held:
        at, subject = wanted.pop(row.name, (0, None))
        if subject is None:
            if row.id in highest:
                raise RuleError("subject_in_use", field="subjects", name=row.name)
            session.delete(row)
            continue
        if (highest.get(row.id) or 0) > subject.full_marks * 10:
            raise RuleError("full_marks_in_use", field="subjects", name=row.name)
        row.position, row.full_marks = at, subject.full_marks
    for at, subject in wanted.values():
        session.add(
            ExamSubject(
                school_id=exam.school_id, exam_id=exam.id, position=at, name=subject.name,
                full_marks=subject.full_marks,
            )
        )  # fmt: skip
    session.flush()


def _renew_totals(session: Session, exam: Exam, subjects: int) -> None:
    session.execute(
        update(ExamResult)
        .where(ExamResult.school_id == exam.school_id, ExamResult.exam_id == exam.id)
        .values(total_tenths=total_of(subjects))
        .execution_options(synchronize_session=False)
    )
