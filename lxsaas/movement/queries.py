"""Reads: who is surveyed, who entered and left between two days, in which class a pupil was."""

from collections.abc import Collection
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from lxsaas.accounts.models import ClassTeacher, Staff
from lxsaas.movement.models import ClassMembership, Handover, Promotion, Survey, SurveyAnswer
from lxsaas.pupils.models import Guardian, LeftBehindSpell, ParentAbsence, Pupil
from lxsaas.pupils.queries import enrolled
from lxsaas.schools.models import SchoolClass, Term


def surveys(school_id: int) -> Select[Survey]:
    """The school's surveys, the newest first."""
    return select(Survey).where(Survey.school_id == school_id).order_by(Survey.id.desc())


def progress_by_class(pupils: Select[Pupil], survey_id: int) -> Select[SchoolClass, int, int]:
    """(class, pupils, of them answered) of the pupils given, in the order of the classes."""
    inner = pupils.order_by(None).subquery()
    answered = (
        (SurveyAnswer.school_id == inner.c.school_id)
        & (SurveyAnswer.pupil_id == inner.c.id)
        & (SurveyAnswer.survey_id == survey_id)
    )
    return (
        select(SchoolClass, func.count(inner.c.id), func.count(SurveyAnswer.id))
        .join(inner, (inner.c.school_id == SchoolClass.school_id) & (inner.c.class_id == SchoolClass.id))
        .outerjoin(SurveyAnswer, answered)
        .group_by(SchoolClass.school_id, SchoolClass.id)
        .order_by(SchoolClass.grade, SchoolClass.number, SchoolClass.code)
    )


def answers(survey_id: int, pupil_ids: Collection[int]) -> Select[SurveyAnswer, str]:
    """(answer, who answered) for these pupils."""
    return (
        select(SurveyAnswer, Staff.name)
        .join(Staff, (Staff.school_id == SurveyAnswer.school_id) & (Staff.id == SurveyAnswer.answered_by))
        .where(SurveyAnswer.survey_id == survey_id, SurveyAnswer.pupil_id.in_(list(pupil_ids)))
    )


def open_absences(pupil_ids: Collection[int]) -> Select[ParentAbsence]:
    """Who is away now, of these pupils' parents."""
    absence = ParentAbsence
    return (
        select(absence)
        .where(
            absence.pupil_id.in_(list(pupil_ids)), absence.ends_on.is_(None), absence.withdrawn_at.is_(None)
        )
        .order_by(absence.parent)
    )


def people_at_home(pupil_ids: Collection[int]) -> Select[Guardian]:
    """Who lives with these pupils."""
    return (
        select(Guardian)
        .where(
            Guardian.pupil_id.in_(list(pupil_ids)),
            Guardian.is_at_home.is_(True),
            Guardian.removed_on.is_(None),
        )
        .order_by(Guardian.position)
    )


def counting(definition: str, on: date) -> ColumnElement[bool]:
    """A spell that holds on a day."""
    spell = LeftBehindSpell
    return and_(
        spell.definition == definition,
        spell.starts_on <= on,
        or_(spell.ends_on.is_(None), spell.ends_on > on),
    )


def counted_on(pupils: Select[Pupil], definition: str, on: date) -> Select[Pupil, str]:
    """(pupil, 'both' or 'one') of those who count under a definition on a day and were enrolled on it."""
    same = (LeftBehindSpell.school_id == Pupil.school_id) & (LeftBehindSpell.pupil_id == Pupil.id)
    return (
        pupils.join(LeftBehindSpell, same)
        .where(counting(definition, on), enrolled(on))
        .add_columns(LeftBehindSpell.kind)
        .order_by(Pupil.pinyin, Pupil.id)
    )


def membership_on(pupil_ids: Collection[int], on: date) -> Select[int, str]:
    """(pupil, code of the class) on a day."""
    same = (SchoolClass.school_id == ClassMembership.school_id) & (SchoolClass.id == ClassMembership.class_id)
    return (
        select(ClassMembership.pupil_id, SchoolClass.code)
        .join(SchoolClass, same)
        .where(
            ClassMembership.pupil_id.in_(list(pupil_ids)),
            ClassMembership.starts_on <= on,
            or_(ClassMembership.ends_on.is_(None), ClassMembership.ends_on > on),
        )
    )


def next_term(district_id: int, after: date) -> Select[Term]:
    """The first term that begins after a day."""
    return (
        select(Term)
        .where(Term.district_id == district_id, Term.starts_on > after)
        .order_by(Term.starts_on)
        .limit(1)
    )


def promotions(school_id: int) -> Select[Promotion]:
    return select(Promotion).where(Promotion.school_id == school_id).order_by(Promotion.id.desc())


def teachers_on(on: date) -> Select[ClassTeacher]:
    """The homeroom teachers of a day."""
    return select(ClassTeacher).where(
        ClassTeacher.starts_on <= on, or_(ClassTeacher.ends_on.is_(None), ClassTeacher.ends_on > on)
    )


def handovers(school_id: int) -> Select[Handover, str, str, str]:
    """(handover, class, giver's name, receiver's name), open ones first."""
    giver, receiver = aliased(Staff), aliased(Staff)
    return (
        select(Handover, SchoolClass.code, giver.name, receiver.name)
        .join(
            SchoolClass,
            (SchoolClass.school_id == Handover.school_id) & (SchoolClass.id == Handover.class_id),
        )
        .join(giver, (giver.school_id == Handover.school_id) & (giver.id == Handover.from_staff))
        .join(receiver, (receiver.school_id == Handover.school_id) & (receiver.id == Handover.to_staff))
        .where(Handover.school_id == school_id)
        .order_by(Handover.received_at.is_not(None), Handover.id.desc())
    )


def open_handover(school_id: int, class_id: int) -> Select[Handover]:
    """The handover of a class that the receiver has not signed yet; one at most."""
    return select(Handover).where(
        Handover.school_id == school_id, Handover.class_id == class_id, Handover.received_at.is_(None)
    )


def teachers_of(class_id: int, on: date) -> Select[ClassTeacher]:
    """The homeroom teachers whom a class has had up to a day, the last first."""
    return (
        select(ClassTeacher)
        .where(ClassTeacher.class_id == class_id, ClassTeacher.starts_on <= on)
        .order_by(ClassTeacher.starts_on.desc())
    )


LISTED_BEFORE = timedelta(days=60)
"""How long before the new homeroom teacher begins the list of files may be made: in the holidays."""


def classes_to_hand_over(since: date, on: date) -> Select[int]:
    """Ids of classes that got another homeroom teacher since a day and no list of files for that."""
    now, before = ClassTeacher, aliased(ClassTeacher)
    earlier = exists().where(
        before.school_id == now.school_id,
        before.class_id == now.class_id,
        before.ends_on <= now.starts_on,
        before.staff_id != now.staff_id,
    )
    listed = exists().where(
        Handover.school_id == now.school_id,
        Handover.class_id == now.class_id,
        Handover.to_staff == now.staff_id,
        Handover.made_at >= now.starts_on - LISTED_BEFORE,
    )
    return select(now.class_id).where(
        now.starts_on.between(since, on),
        or_(now.ends_on.is_(None), now.ends_on > on),
        earlier,
        ~listed,
    )
