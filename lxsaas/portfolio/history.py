"""What stood in an exam before: its name and day, and the marks of each child, change by change."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from lxsaas.accounts.models import Staff
from lxsaas.core.crypto import school_cipher
from lxsaas.portfolio.models import Exam, ExamResult, ExamSubject
from lxsaas.portfolio.score_actions import held_scores
from lxsaas.portfolio.scores import show_score
from lxsaas.pupils.models import Pupil
from lxsaas.registers.models import RowVersion

SHOWN = 300
"""Changes that are shown, the newest; a class corrects some dozens."""


@dataclass(frozen=True)
class MarkChange:
    """One change of a child's marks."""

    at: datetime
    by: str
    child: str
    marks: Sequence[tuple[str, str, str]]
    """(subject, before, after) of what differs."""


def mark_changes(session: Session, exam: Exam, subjects: Sequence[ExamSubject]) -> list[MarkChange]:
    """The changes of marks that stood already, the newest first; always three queries."""
    kept = session.execute(_versions(exam).limit(SHOWN)).all()
    if not kept:
        return []
    cipher = school_cipher(session, exam.school_id)
    held = held_scores(session, exam.id)
    after: dict[int, Mapping[str, str]] = {}
    changes = []
    for version, pupil_id, child, by in kept:
        place = {"table": "row_version", "column": "values_sealed"}
        before = json.loads(cipher.open(version.values_sealed, **place, row_id=version.id) or "{}")
        now = {one.name: show_score(held.get((pupil_id, one.id))) for one in subjects}
        then = after.get(pupil_id, now)
        marks = [
            (name, text, then.get(name, "")) for name, text in before.items() if then.get(name, "") != text
        ]
        changes.append(MarkChange(version.ended_at, by, child, marks))
        after[pupil_id] = before
    return changes


def _versions(exam: Exam) -> Select[RowVersion, int, str, str]:
    """(what stood, child, child's name, who ended it), the newest first."""
    return (
        select(RowVersion, ExamResult.pupil_id, Pupil.name, Staff.name)
        .join(
            ExamResult,
            (ExamResult.school_id == RowVersion.school_id) & (ExamResult.id == RowVersion.subject_id),
        )
        .join(Pupil, (Pupil.school_id == ExamResult.school_id) & (Pupil.id == ExamResult.pupil_id))
        .join(Staff, (Staff.school_id == RowVersion.school_id) & (Staff.id == RowVersion.ended_by))
        .where(
            RowVersion.school_id == exam.school_id,
            RowVersion.subject == "exam_result",
            ExamResult.exam_id == exam.id,
        )
        .order_by(RowVersion.id.desc())
    )
