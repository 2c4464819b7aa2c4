"""Falling marks: whose standing fell in an exam that is complete, told once to whoever listens."""

from datetime import date, timedelta

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from lxsaas.portfolio import hooks
from lxsaas.portfolio.actions import FALL_PLACES, FALL_POINTS
from lxsaas.portfolio.models import Exam, ExamResult
from lxsaas.portfolio.queries import fallen_in, rule_of

RECENT = timedelta(days=60)
"""A fall in an older exam is history: marks of past years may be entered without a visit being owed."""


def tell_falls(session: Session, exam: Exam, *, today: date, by: int) -> None:
    """Tells whoever is in `hooks.falling_marks` who fell, of each child and exam once."""
    if exam.taken_on < today - RECENT:
        return
    rule = session.scalars(rule_of(exam.school_id)).one_or_none()
    points, places = (rule.fall_points, rule.fall_places) if rule else (FALL_POINTS, FALL_PLACES)
    fallen = session.scalars(fallen_in(exam.id, points=points, places=places)).all()
    told = session.scalars(
        update(ExamResult)
        .where(
            ExamResult.school_id == exam.school_id,
            ExamResult.exam_id == exam.id,
            ExamResult.pupil_id.in_(fallen),
            ExamResult.fall_told_at.is_(None),
        )
        .values(fall_told_at=func.now())
        .returning(ExamResult.pupil_id)
        .execution_options(synchronize_session=False)
    ).all()
    if told:
        for tell in hooks.falling_marks:
            tell(session, exam.school_id, sorted(told), exam.id, by)
