"""Marks are entered: cell by cell compared with what was seen, so that two who enter at once lose nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, exists, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.core.changes import note_change
from lxsaas.core.crypto import school_cipher
from lxsaas.core.db import table_of
from lxsaas.core.errors import RuleError
from lxsaas.portfolio.falls import tell_falls
from lxsaas.portfolio.models import Exam, ExamResult, ExamScore, ExamSubject
from lxsaas.portfolio.queries import results_of, roster_of, scores_of, subjects_of, total_of
from lxsaas.portfolio.scores import ABSENT, Score, show_score
from lxsaas.registers.models import RowVersion
from lxsaas.registers.rows import to_json

Cell = tuple[int, int]
"""Child and subject."""


@dataclass(frozen=True)
class Entered:
    """What stands in a cell now, and what stood there when the form was opened."""

    was: Score
    score: Score


class StaleScoresError(RuleError):
    """Somebody else has changed cells that this entry changes too; `now` says to what."""

    def __init__(self, now: Mapping[Cell, Score]) -> None:
        super().__init__("scores_stale")
        self.now = now


def record_scores(
    session: Session,
    exam: Exam,
    *,
    entered: Mapping[Cell, Entered],
    absent_where_empty: Collection[int] = (),
    today: date,
    by: int,
) -> int:
    """Saves the cells that were changed, all or none, and returns how many that were.

    A cell that somebody else has changed since it was seen raises StaleScoresError, unless both say the same;
    other cells of the same child do not. In the subjects `absent_where_empty` every child without marks
    counts as absent. When the exam is complete, whoever listens is told who fell.
    """
    session.refresh(exam, with_for_update=True)
    if exam.withdrawn_at is not None:
        raise RuleError("row_withdrawn")
    subjects = session.scalars(subjects_of(exam.id)).all()
    roster = [pupil.id for pupil in session.scalars(roster_of(exam))]
    held = held_scores(session, exam.id)
    changed = _changes(entered, held, set(roster), {one.id for one in subjects})
    whole = held | changed
    for subject_id in absent_where_empty:
        empty = [(pupil_id, subject_id) for pupil_id in roster if whole.get((pupil_id, subject_id)) is None]
        changed |= dict.fromkeys(empty, ABSENT)
    if changed:
        _write(session, exam, subjects, held, changed, by)
    whole = held | changed
    if all(whole.get((pupil_id, one.id)) is not None for pupil_id in roster for one in subjects):
        tell_falls(session, exam, today=today, by=by)
    return len(changed)


def held_scores(session: Session, exam_id: int) -> dict[Cell, Score]:
    """What is entered in an exam."""
    return {
        (pupil_id, subject_id): ABSENT if tenths is None else tenths
        for pupil_id, subject_id, tenths in session.execute(scores_of(exam_id))
    }


def _changes(
    entered: Mapping[Cell, Entered], held: Mapping[Cell, Score], roster: set[int], subjects: set[int]
) -> dict[Cell, Score]:
    changed: dict[Cell, Score] = {}
    stale: dict[Cell, Score] = {}
    for cell, one in entered.items():
        now = held.get(cell)
        if one.score in (one.was, now):
            continue
        if cell[0] not in roster or cell[1] not in subjects:
            raise RuleError("row_stale")
        if now != one.was:
            stale[cell] = now
        changed[cell] = one.score
    if stale:
        raise StaleScoresError(stale)
    return changed


def _write(
    session: Session,
    exam: Exam,
    subjects: Sequence[ExamSubject],
    held: Mapping[Cell, Score],
    changed: Mapping[Cell, Score],
    by: int,
) -> None:
    children = {pupil_id for pupil_id, _ in changed}
    results = {row.pupil_id: row for row in session.scalars(results_of(exam.id))}
    replaced = {pupil_id for pupil_id, subject_id in changed if held.get((pupil_id, subject_id)) is not None}
    _keep_versions(session, subjects, [results[one] for one in replaced], held, by)
    result_ids = {pupil_id: row.id for pupil_id, row in results.items()}
    result_ids |= _add_results(session, exam, sorted(children - set(results)), by)
    _write_scores(session, exam.school_id, result_ids, changed)
    _renew_results(session, exam, len(subjects), children, by)
    for row in results.values():
        session.expire(row)
    audit(
        session, "record_scores", "exam", exam.id,
        school_id=exam.school_id, by=by, children=len(children), scores=len(changed),
    )  # fmt: skip
    note_change(session, school_id=exam.school_id, starts_on=exam.taken_on, ends_on=None)
    session.flush()


def _keep_versions(
    session: Session,
    subjects: Sequence[ExamSubject],
    rows: Sequence[ExamResult],
    held: Mapping[Cell, Score],
    by: int,
) -> None:
    """Keeps what stood in these rows until now, as registers do; one statement for a whole class."""
    if not rows:
        return
    ids = session.scalars(
        select(func.nextval(func.pg_get_serial_sequence("row_version", "id"))).select_from(
            func.generate_series(1, len(rows))
        )
    ).all()
    cipher = school_cipher(session, rows[0].school_id)
    kept = []
    for kept_id, row in zip(ids, rows, strict=True):
        stood = {one.name: show_score(held.get((row.pupil_id, one.id))) for one in subjects}
        sealed = cipher.seal(to_json(stood), table="row_version", column="values_sealed", row_id=kept_id)
        kept.append(
            {"school_id": row.school_id, "id": kept_id, "subject": "exam_result", "subject_id": row.id,
             "version": row.version, "change": "edited", "ended_by": by, "values_sealed": sealed}
        )  # fmt: skip
    session.execute(insert(table_of(RowVersion)), kept)


def _add_results(session: Session, exam: Exam, pupil_ids: Sequence[int], by: int) -> dict[int, int]:
    """Child -> id of the new row."""
    if not pupil_ids:
        return {}
    rows = [
        {
            "school_id": exam.school_id,
            "exam_id": exam.id,
            "pupil_id": pupil_id,
            "entered_by": by,
            "version": 0,
        }
        for pupil_id in pupil_ids
    ]
    made = session.execute(
        insert(table_of(ExamResult)).values(rows).returning(ExamResult.pupil_id, ExamResult.id)
    )
    return dict(made.all())


def _write_scores(
    session: Session, school_id: int, result_ids: Mapping[int, int], changed: Mapping[Cell, Score]
) -> None:
    emptied = [
        (result_ids[pupil_id], subject_id) for (pupil_id, subject_id), one in changed.items() if one is None
    ]
    if emptied:
        place = tuple_(ExamScore.result_id, ExamScore.subject_id)
        session.execute(delete(ExamScore).where(ExamScore.school_id == school_id, place.in_(emptied)))
    rows = [
        {"school_id": school_id, "result_id": result_ids[pupil_id], "subject_id": subject_id,
         "tenths": None if one == ABSENT else one}
        for (pupil_id, subject_id), one in changed.items()
        if one is not None
    ]  # fmt: skip
    if rows:
        statement = insert(table_of(ExamScore)).values(rows)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["school_id", "result_id", "subject_id"],
                set_={"tenths": statement.excluded.tenths},
            )
        )


def _renew_results(session: Session, exam: Exam, subjects: int, children: Collection[int], by: int) -> None:
    """Totals anew, versions up; a row from which every mark was taken away counts nowhere."""
    same = (ExamScore.school_id == ExamResult.school_id, ExamScore.result_id == ExamResult.id)
    here = (ExamResult.school_id == exam.school_id, ExamResult.exam_id == exam.id)
    session.execute(
        update(ExamResult)
        .where(*here, ExamResult.pupil_id.in_(children))
        .values(
            total_tenths=total_of(subjects),
            is_empty=~exists().where(*same),
            version=ExamResult.version + 1,
            entered_by=by,
            entered_at=func.now(),
        )
        .execution_options(synchronize_session=False)
    )
