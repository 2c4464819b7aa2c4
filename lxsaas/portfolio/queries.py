"""Exams of classes, their rosters and marks; standing in the class, computed by the database."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Double,
    ScalarSelect,
    Select,
    Subquery,
    and_,
    case,
    exists,
    func,
    or_,
    select,
)

from lxsaas.accounts.queries import classes_taught_by
from lxsaas.portfolio.models import Exam, ExamResult, ExamRule, ExamScore, ExamSubject
from lxsaas.pupils.models import Pupil
from lxsaas.schools.models import District, School, SchoolClass, Term

PREVIOUS_WITHIN = timedelta(days=400)
"""A school year and the holidays: what lies further back is not the exam before."""
LEAST_PLACES = 3
"""In a class of eight two places are 28 percentile points: fewer than three places are no fall anywhere."""


def classes_in_reach(school_id: int, staff_id: int, *, whole_school: bool, on: date) -> Select[SchoolClass]:
    """The classes whose exams somebody sees on a day: those taught as homeroom teacher, or all."""
    every = select(SchoolClass).where(SchoolClass.school_id == school_id).order_by(SchoolClass.code)
    return every if whole_school else every.where(SchoolClass.id.in_(classes_taught_by(staff_id, on)))


def exams_of(class_ids: Collection[int]) -> Select[Exam]:
    """The exams of some classes, the newest first; withdrawn ones are left out."""
    return (
        select(Exam)
        .where(Exam.class_id.in_(class_ids), Exam.withdrawn_at.is_(None))
        .order_by(Exam.taken_on.desc(), Exam.id.desc())
    )


def children_entered(exam_ids: Collection[int]) -> Select[int, int]:
    """(exam, children with results)."""
    return (
        select(ExamResult.exam_id, func.count())
        .where(ExamResult.exam_id.in_(exam_ids), ~ExamResult.is_empty)
        .group_by(ExamResult.exam_id)
    )


def subjects_of(exam_id: int) -> Select[ExamSubject]:
    """The subjects of an exam in their order."""
    return select(ExamSubject).where(ExamSubject.exam_id == exam_id).order_by(ExamSubject.position)


def roster_of(exam: Exam) -> Select[Pupil]:
    """The children of an exam: those of the class who were enrolled on its day, and all who have results."""
    took_part = exists().where(
        ExamResult.school_id == Pupil.school_id,
        ExamResult.pupil_id == Pupil.id,
        ExamResult.exam_id == exam.id,
        ~ExamResult.is_empty,
    )
    was_there = and_(
        Pupil.class_id == exam.class_id,
        Pupil.enrolled_on <= exam.taken_on,
        or_(Pupil.left_on.is_(None), Pupil.left_on > exam.taken_on),
    )
    return (
        select(Pupil)
        .where(Pupil.school_id == exam.school_id, or_(was_there, took_part))
        .order_by(Pupil.pinyin, Pupil.id)
    )


def results_of(exam_id: int) -> Select[ExamResult]:
    """Each child's row in an exam."""
    return select(ExamResult).where(ExamResult.exam_id == exam_id)


def scores_of(exam_id: int) -> Select[int, int, int | None]:
    """(child, subject, tenths or None for absent) of an exam."""
    same = (ExamResult.school_id == ExamScore.school_id) & (ExamResult.id == ExamScore.result_id)
    return (
        select(ExamResult.pupil_id, ExamScore.subject_id, ExamScore.tenths)
        .join(ExamScore, same)
        .where(ExamResult.exam_id == exam_id)
    )


def total_of(subjects: int) -> ScalarSelect[int | None]:
    """The total of a result's row, in an update of it: the sum where there are marks in so many subjects."""
    same = (ExamScore.school_id == ExamResult.school_id, ExamScore.result_id == ExamResult.id)
    total = case((func.count(ExamScore.tenths) == subjects, func.sum(ExamScore.tenths)))
    return select(total).where(*same).scalar_subquery()


def scores_of_pupil(pupil_id: int) -> Select[int, str, int, int | None]:
    """(exam, subject, full marks, tenths or None for absent) of one child, in the order of the subjects."""
    same = (ExamResult.school_id == ExamScore.school_id) & (ExamResult.id == ExamScore.result_id)
    subject = (ExamSubject.school_id == ExamScore.school_id) & (ExamSubject.id == ExamScore.subject_id)
    return (
        select(ExamResult.exam_id, ExamSubject.name, ExamSubject.full_marks, ExamScore.tenths)
        .join(ExamScore, same)
        .join(ExamSubject, subject)
        .where(ExamResult.pupil_id == pupil_id)
        .order_by(ExamSubject.position)
    )


def exams_with(pupil_id: int) -> Select[Exam]:
    """The exams in which a child has results, the oldest first."""
    same = (ExamResult.school_id == Exam.school_id) & (ExamResult.exam_id == Exam.id)
    return (
        select(Exam)
        .join(ExamResult, same)
        .where(ExamResult.pupil_id == pupil_id, ~ExamResult.is_empty, Exam.withdrawn_at.is_(None))
        .order_by(Exam.taken_on, Exam.id)
    )


def exams_shared_with(exam_id: int) -> Select[int]:
    """Ids of all exams in which the children of one exam have results: what its standings depend on."""
    children = select(ExamResult.pupil_id).where(ExamResult.exam_id == exam_id)
    return select(ExamResult.exam_id).where(ExamResult.pupil_id.in_(children))


def exams_joined_by(pupil_id: int) -> Select[int]:
    """Ids of the exams in which a child has results."""
    return select(ExamResult.exam_id).where(ExamResult.pupil_id == pupil_id)


def standings(*which: ColumnElement[bool]) -> Subquery:
    """Each child's standing in each exam, by total; of all exams, or of those that conditions on
    Exam name.

    `place` (ties share one), `class_size` (children with a total) and `ahead` (0 for the first, 1 for the
    last: the share of the others that are ahead) are None for who has no total. Reads no more than
    lx_aggregator may: ids, days and totals.
    """
    total = ExamResult.total_tenths
    exam = (ExamResult.school_id, ExamResult.exam_id, total.is_(None))

    # Without its type it would be read as a decimal of ten places.
    ahead = func.percent_rank(type_=Double())

    def where_counted(value: Any) -> ColumnElement[Any]:
        return case((total.is_not(None), value))

    query = (
        select(
            ExamResult.school_id,
            ExamResult.exam_id,
            ExamResult.pupil_id,
            Exam.class_id,
            Exam.taken_on,
            total,
            where_counted(func.rank().over(partition_by=exam, order_by=total.desc())).label("place"),
            where_counted(func.count().over(partition_by=exam)).label("class_size"),
            where_counted(ahead.over(partition_by=exam, order_by=total.desc())).label("ahead"),
        )
        .join(Exam, (Exam.school_id == ExamResult.school_id) & (Exam.id == ExamResult.exam_id))
        .where(Exam.withdrawn_at.is_(None), ~ExamResult.is_empty, *which)
    )
    return query.subquery("standing")


def progress(*which: ColumnElement[bool]) -> Subquery:
    """Standings, with those of the same child in the exam before (`previous_…`).

    The exam before is the child's own: when classes move up or a child changes class it stays comparable.
    Who was absent in the exam before has nothing to be compared with, and neither has who had none for
    longer than PREVIOUS_WITHIN.
    """
    now = standings(*which)
    child, day = (now.c.school_id, now.c.pupil_id), (now.c.taken_on, now.c.exam_id)

    def before(name: str) -> ColumnElement[Any]:
        return func.lag(now.c[name]).over(partition_by=child, order_by=day)

    is_near = before("taken_on") >= now.c.taken_on - PREVIOUS_WITHIN.days
    previous = (
        case((is_near, before(name))).label(f"previous_{name}")
        for name in ("exam_id", "place", "class_size", "ahead")
    )
    return select(now, *previous).subquery("progress")


def progress_in(exam_id: int) -> Select[int, int | None, int | None, float | None, int | None, float | None]:
    """(child, place, class size, ahead, previous place, previous ahead) in one exam."""
    course = progress(Exam.id.in_(exams_shared_with(exam_id))).c
    return select(
        course.pupil_id, course.place, course.class_size, course.ahead,
        course.previous_place, course.previous_ahead,
    ).where(course.exam_id == exam_id)  # fmt: skip


def fallen_in(exam_id: int, *, points: int, places: int) -> Select[int]:
    """The children whose standing fell by so many percentile points of the class, or so many places."""
    course = progress(Exam.id.in_(exams_shared_with(exam_id))).c
    by_places = course.place - course.previous_place
    # A hundredth of a thousandth: 0.2 as the difference of two doubles may miss itself.
    by_points = (course.ahead - course.previous_ahead) * 100 + 0.00001
    fell = and_(by_places >= LEAST_PLACES, or_(by_points >= points, by_places >= places))
    return select(course.pupil_id).where(course.exam_id == exam_id, fell).order_by(course.pupil_id)


def rule_of(school_id: int) -> Select[ExamRule]:
    """The school's thresholds, if it has set its own."""
    return select(ExamRule).where(ExamRule.school_id == school_id)


def terms_of(school_id: int) -> Select[Term]:
    """The terms of the school's district, the newest first."""
    here = select(School.district_id).where(School.id == school_id).scalar_subquery()
    return select(Term).where(Term.district_id == here).order_by(Term.starts_on.desc())


def care_definition_of(school_id: int) -> Select[str]:
    """Code of the definition whose children the school's district counts."""
    query = select(District.care_definition).join(School, School.district_id == District.id)
    return query.where(School.id == school_id)
