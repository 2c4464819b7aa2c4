"""A child's exams one after the other: marks, standing in the class, and how it moved."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import format_date, gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from lxsaas.portfolio import queries
from lxsaas.portfolio.models import Exam
from lxsaas.portfolio.scores import ABSENT, Score


@dataclass(frozen=True)
class Standing:
    """Where a child stands in the class by one exam; all None where there is no total."""

    place: int | None = None
    class_size: int | None = None
    ahead: float | None = None
    """Share of the others that are ahead: 0 for the first, 1 for the last."""
    previous_place: int | None = None
    previous_ahead: float | None = None

    @property
    def moved(self) -> str | None:
        """'up', 'down' or 'same' against the exam before; None where there is nothing to compare."""
        if self.ahead is None or self.previous_ahead is None:
            return None
        if self.ahead == self.previous_ahead:
            return "same"
        return "up" if self.ahead < self.previous_ahead else "down"


@dataclass(frozen=True)
class Mark:
    """A subject of one exam."""

    subject: str
    full_marks: int
    score: Score


@dataclass(frozen=True)
class CourseExam:
    """One exam of a child."""

    exam: Exam
    marks: Sequence[Mark]
    total: int | None
    standing: Standing


def course_of(session: Session, pupil_id: int) -> list[CourseExam]:
    """A child's exams, the oldest first; always three queries."""
    marks: dict[int, list[Mark]] = defaultdict(list)
    for exam_id, subject, full, tenths in session.execute(queries.scores_of_pupil(pupil_id)):
        marks[exam_id].append(Mark(subject, full, ABSENT if tenths is None else tenths))
    course = queries.progress(Exam.id.in_(queries.exams_joined_by(pupil_id))).c
    rows = session.execute(select(*course).where(course.pupil_id == pupil_id)).all()
    standings = {
        row.exam_id: Standing(row.place, row.class_size, row.ahead, row.previous_place, row.previous_ahead)
        for row in rows
    }
    totals = {row.exam_id: row.total_tenths for row in rows}
    return [
        CourseExam(exam, marks[exam.id], totals.get(exam.id), standings.get(exam.id, Standing()))
        for exam in session.scalars(queries.exams_with(pupil_id))
    ]


def standing_chart(course: Sequence[CourseExam]) -> dict[str, Any] | None:
    """The share of the class behind a child, exam by exam; None where there is no course yet."""
    counted = [one for one in course if one.standing.ahead is not None]
    if len(counted) < 2:
        return None
    return {
        "labels": [f"{format_date(one.exam.taken_on, 'yyyy-MM-dd')} {one.exam.name}" for one in course],
        "unit": "percent",
        "target": None,
        "series": [
            {
                "name": gettext("Share of the class behind the child"),
                "values": [None if one.standing.ahead is None else 1 - one.standing.ahead for one in course],
                "texts": [place_text(one.standing) for one in course],
            }
        ],
    }


def place_text(standing: Standing) -> str:
    """'12 of 45', or a dash."""
    if standing.place is None:
        return "–"
    return str(gettext("%(place)s of %(size)s", place=standing.place, size=standing.class_size))
