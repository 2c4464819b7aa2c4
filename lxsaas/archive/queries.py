"""Reads of the child's file."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, Select, exists, or_, select

from lxsaas.archive.models import (
    ChildProfile,
    Consent,
    CorrectionRequest,
    Entrustment,
    KnownSpell,
    ParentContactWeek,
    TemporaryGuardian,
)
from lxsaas.pupils.models import Pupil
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


def pupils_by_name(pupils: Select[Pupil]) -> Select[Pupil]:
    return pupils.order_by(Pupil.pinyin, Pupil.id)


def class_of(school_id: int, class_id: int) -> Select[SchoolClass]:
    return select(SchoolClass).where(SchoolClass.school_id == school_id, SchoolClass.id == class_id)


def term_for(school_id: int, on: date) -> Select[Term]:
    """The term of the school's district that runs on a day, or begins next."""
    district = select(School.district_id).where(School.id == school_id).scalar_subquery()
    query = select(Term).where(Term.district_id == district, Term.ends_on >= on)
    return query.order_by(Term.starts_on).limit(1)
