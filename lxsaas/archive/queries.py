"""Reads of the child's file."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from lxsaas.accounts.models import ClassTeacher, Staff
from lxsaas.archive.law import ALONE_BELOW_AGE
from lxsaas.archive.models import (
    ChildProfile,
    Consent,
    CorrectionRequest,
    Entrustment,
    KnownSpell,
    ParentContactWeek,
    TemporaryGuardian,
)
from lxsaas.core.clock import add_months
from lxsaas.pupils.models import Guardian, LeftBehindSpell, Pupil
from lxsaas.pupils.queries import left_behind
from lxsaas.schools.models import School, SchoolClass, Term


def profiles_of(school_id: int, pupil_ids: Collection[int]) -> Select[ChildProfile]:
    return select(ChildProfile).where(
        ChildProfile.school_id == school_id, ChildProfile.pupil_id.in_(pupil_ids)
    )


def temporary_guardians_of(
    school_id: int, pupil_ids: Collection[int], on: date | None = None
) -> Select[TemporaryGuardian]:
    """Those who look after these children for a time; with `on` those of that day only."""
    one = TemporaryGuardian
    query = select(one).where(
        one.school_id == school_id, one.pupil_id.in_(pupil_ids), one.withdrawn_at.is_(None)
    )
    if on is not None:
        query = query.where(one.starts_on <= on, or_(one.ends_on.is_(None), one.ends_on > on))
    return query.order_by(one.pupil_id, one.starts_on, one.id)


def entrustments_of(
    school_id: int, pupil_ids: Collection[int], on: date | None = None
) -> Select[Entrustment]:
    """The entrustments of these children, the newest first; with `on` those valid on that day."""
    one = Entrustment
    query = select(one).where(
        one.school_id == school_id, one.pupil_id.in_(pupil_ids), one.withdrawn_at.is_(None)
    )
    if on is not None:
        query = query.where(one.starts_on <= on, one.ends_on > on)
    return query.order_by(one.starts_on.desc(), one.id.desc())


def entrusted(on: date) -> ColumnElement[bool]:
    """Whether a pupil has an entrustment that is valid on a day."""
    one = Entrustment
    return exists().where(
        one.school_id == Pupil.school_id,
        one.pupil_id == Pupil.id,
        one.withdrawn_at.is_(None),
        one.starts_on <= on,
        one.ends_on > on,
    )


def known_on(school_id: int, pupil_ids: Collection[int], on: date) -> Select[KnownSpell]:
    """What was known of these children on a day."""
    one = KnownSpell
    return select(one).where(
        one.school_id == school_id,
        one.pupil_id.in_(pupil_ids),
        one.starts_on <= on,
        or_(one.ends_on.is_(None), one.ends_on > on),
    )


def weeks_of(school_id: int, pupil_ids: Collection[int], since: date) -> Select[ParentContactWeek]:
    """The ledger of parents' contact with these children from a week on."""
    one = ParentContactWeek
    query = select(one).where(one.school_id == school_id, one.pupil_id.in_(pupil_ids), one.week_on >= since)
    return query.order_by(one.week_on.desc())


def consents_of(school_id: int, pupil_ids: Collection[int]) -> Select[Consent]:
    """All consents that count, revoked ones included, the newest first."""
    one = Consent
    query = select(one).where(
        one.school_id == school_id, one.pupil_id.in_(pupil_ids), one.withdrawn_at.is_(None)
    )
    return query.order_by(one.given_on.desc(), one.id.desc())


def corrections_of(school_id: int, pupil_id: int) -> Select[CorrectionRequest]:
    one = CorrectionRequest
    query = select(one).where(one.school_id == school_id, one.pupil_id == pupil_id)
    return query.where(one.withdrawn_at.is_(None)).order_by(one.asked_on.desc(), one.id.desc())


def every_member_of(school_id: int, pupil_id: int) -> Select[Guardian]:
    """The members of a family, those whom the school removed included."""
    query = select(Guardian).where(Guardian.school_id == school_id, Guardian.pupil_id == pupil_id)
    return query.order_by(Guardian.position)


def classes_of(school_id: int, pupils: Collection[Pupil]) -> Select[SchoolClass]:
    """The classes in which these pupils are."""
    ids = {pupil.class_id for pupil in pupils}
    return select(SchoolClass).where(SchoolClass.school_id == school_id, SchoolClass.id.in_(ids))


def teachers_of(school_id: int, class_ids: Collection[int], on: date) -> Select[int, str]:
    """(class, name) of the homeroom teachers of these classes on a day."""
    one = ClassTeacher
    return (
        select(one.class_id, Staff.name)
        .join(Staff, (Staff.school_id == one.school_id) & (Staff.id == one.staff_id))
        .where(
            one.school_id == school_id,
            one.class_id.in_(class_ids),
            one.starts_on <= on,
            or_(one.ends_on.is_(None), one.ends_on > on),
        )
        .order_by(one.class_id, one.starts_on, one.id)
    )


def term_for(school_id: int, on: date) -> Select[Term]:
    """The term of the school's district that runs on a day, or begins next."""
    district = select(School.district_id).where(School.id == school_id).scalar_subquery()
    query = select(Term).where(Term.district_id == district, Term.ends_on >= on)
    return query.order_by(Term.starts_on).limit(1)


def needing_entrustment(definition: str, on: date) -> ColumnElement[bool]:
    """Whether a pupil's parents owe the school an entrustment: care targets, and all with both away (P36)."""
    both = exists().where(
        LeftBehindSpell.school_id == Pupil.school_id,
        LeftBehindSpell.pupil_id == Pupil.id,
        LeftBehindSpell.kind == "both",
        LeftBehindSpell.starts_on <= on,
        or_(LeftBehindSpell.ends_on.is_(None), LeftBehindSpell.ends_on > on),
    )
    return or_(left_behind(definition, on), both)


def living_alone(on: date) -> ColumnElement[bool]:
    """Whether a pupil under 16 lives alone, as its file says."""
    return and_(
        Pupil.born_on > add_months(on, -12 * ALONE_BELOW_AGE),
        exists().where(
            ChildProfile.school_id == Pupil.school_id,
            ChildProfile.pupil_id == Pupil.id,
            ChildProfile.lives_with == "alone",
        ),
    )


def unentrusted(pupils: Select[Pupil], definition: str, on: date) -> Select[Pupil, str, bool, date]:
    """(pupil, class code, lives alone, end of the last entrustment) of those without one that holds.

    Who lives alone comes first.
    """
    one = Entrustment
    last = (
        select(func.max(one.ends_on))
        .where(
            one.school_id == Pupil.school_id,
            one.pupil_id == Pupil.id,
            one.withdrawn_at.is_(None),
            one.ends_on <= on,
        )
        .scalar_subquery()
    )
    alone = living_alone(on).label("alone")
    return (
        pupils.join(
            SchoolClass, (SchoolClass.school_id == Pupil.school_id) & (SchoolClass.id == Pupil.class_id)
        )
        .add_columns(SchoolClass.code, alone, last.label("ended_on"))
        .where(or_(living_alone(on), and_(needing_entrustment(definition, on), ~entrusted(on))))
        .order_by(alone.desc(), SchoolClass.code, Pupil.pinyin, Pupil.id)
    )


def incomplete(pupils: Select[Pupil], definition: str, on: date) -> Select[Pupil, str, KnownSpell]:
    """(pupil, class code, what is known or None) of the care targets whose file lacks something (P5)."""
    one = KnownSpell
    today = and_(
        one.school_id == Pupil.school_id,
        one.pupil_id == Pupil.id,
        one.starts_on <= on,
        or_(one.ends_on.is_(None), one.ends_on > on),
    )
    return (
        pupils.join(
            SchoolClass, (SchoolClass.school_id == Pupil.school_id) & (SchoolClass.id == Pupil.class_id)
        )
        .outerjoin(one, today)
        .add_columns(SchoolClass.code, one)
        .where(left_behind(definition, on), or_(one.id.is_(None), one.is_complete.is_(False)))
        .order_by(SchoolClass.code, Pupil.pinyin, Pupil.id)
    )


def agreed(purpose: str, on: date) -> ColumnElement[bool]:
    """Whether somebody who may has agreed, for a pupil, to a purpose (`law.PURPOSES`) and not revoked it."""
    one = Consent
    return exists().where(
        one.school_id == Pupil.school_id,
        one.pupil_id == Pupil.id,
        one.purpose == purpose,
        one.given_on <= on,
        or_(one.revoked_on.is_(None), one.revoked_on > on),
        one.withdrawn_at.is_(None),
    )
