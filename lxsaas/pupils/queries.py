"""Reads of the archive, limited to the pupils within somebody's reach (P8)."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, union

from lxsaas.accounts.queries import classes_taught_by
from lxsaas.core.pinyin import escaped_like
from lxsaas.pupils.hooks import number_finders
from lxsaas.pupils.models import (
    Guardian,
    LeftBehindSpell,
    ParentAbsence,
    Pupil,
    PupilAssignment,
    RegisterImport,
)
from lxsaas.schools.models import SchoolClass


def pupils_in_reach(*, school_id: int, staff_id: int, whole_school: bool, on: date) -> Select[Pupil]:
    """Pupils enrolled on a day whom somebody may see (P8).

    The whole school, or the classes taught and the children assigned.
    """
    query = select(Pupil).where(Pupil.school_id == school_id, enrolled(on))
    if not whole_school:
        taught = Pupil.class_id.in_(classes_taught_by(staff_id, on))
        query = query.where(taught | Pupil.id.in_(pupils_assigned_to(staff_id, on)))
    return query


def pupils_kept_by(*, school_id: int, staff_id: int, whole_school: bool, on: date) -> Select[Pupil]:
    """Pupils enrolled on a day whose whole file somebody keeps: the school's, or the classes taught (P8)."""
    query = select(Pupil).where(Pupil.school_id == school_id, enrolled(on))
    return query if whole_school else query.where(Pupil.class_id.in_(classes_taught_by(staff_id, on)))


def assignments_of(staff_id: int, pupil_id: int, on: date) -> Select[str]:
    """The tables of the rows by which a child is assigned to somebody on a day."""
    assigned = PupilAssignment
    return select(assigned.subject).where(
        assigned.pupil_id == pupil_id,
        assigned.staff_id == staff_id,
        assigned.starts_on <= on,
        or_(assigned.ends_on.is_(None), assigned.ends_on > on),
    )


def with_number(digest: bytes) -> Select[int]:
    """Ids of the pupils whose identity number or telephone, or a family member's telephone, has this hash."""
    family = select(Guardian.pupil_id).where(Guardian.phone_digest == digest, Guardian.removed_on.is_(None))
    own = select(Pupil.id).where(or_(Pupil.identity_digest == digest, Pupil.phone_digest == digest))
    found = union(own, family, *(find(digest) for find in number_finders)).subquery()
    return select(found.c[0])


def pupils_assigned_to(staff_id: int, on: date) -> Select[int]:
    """Ids of the children whom somebody helps, teaches by plan or counsels on a day."""
    assigned = PupilAssignment
    return select(assigned.pupil_id).where(
        assigned.staff_id == staff_id,
        assigned.starts_on <= on,
        or_(assigned.ends_on.is_(None), assigned.ends_on > on),
    )


def pupil_in_reach(
    *, school_id: int, staff_id: int, whole_school: bool, on: date, pupil_id: int
) -> Select[Pupil]:
    """One pupil, if within reach."""
    reach = pupils_in_reach(school_id=school_id, staff_id=staff_id, whole_school=whole_school, on=on)
    return reach.where(Pupil.id == pupil_id)


def enrolled(on: date) -> ColumnElement[bool]:
    return and_(Pupil.enrolled_on <= on, or_(Pupil.left_on.is_(None), Pupil.left_on > on))


def left_behind(definition: str, on: date) -> ColumnElement[bool]:
    """Whether a pupil has an open spell under a definition on a day."""
    return exists().where(
        LeftBehindSpell.school_id == Pupil.school_id,
        LeftBehindSpell.pupil_id == Pupil.id,
        LeftBehindSpell.definition == definition,
        LeftBehindSpell.starts_on <= on,
        or_(LeftBehindSpell.ends_on.is_(None), LeftBehindSpell.ends_on > on),
    )


def named(words: str) -> ColumnElement[bool]:
    """Whether a pupil's name, or the beginning of its pinyin, is like `words`."""
    spelled = escaped_like(words.lower().replace(" ", ""))
    return or_(
        Pupil.name.like(f"%{escaped_like(words)}%"),
        Pupil.pinyin.like(f"{spelled}%"),
        Pupil.pinyin.like(f"% {spelled}%"),
    )


def classes_with(pupils: Select[Pupil]) -> Select[SchoolClass]:
    """The classes in which these pupils are."""
    ids = pupils.with_only_columns(Pupil.class_id)
    return select(SchoolClass).where(SchoolClass.id.in_(ids)).order_by(SchoolClass.code)


def family_of(school_id: int, pupil_id: int) -> Select[Guardian]:
    return families_of(school_id, [pupil_id])


def families_of(school_id: int, pupil_ids: Collection[int]) -> Select[Guardian]:
    """The members of some families, child by child, without those whom the school removed."""
    return (
        select(Guardian)
        .where(
            Guardian.school_id == school_id, Guardian.pupil_id.in_(pupil_ids), Guardian.removed_on.is_(None)
        )
        .order_by(Guardian.pupil_id, Guardian.position)
    )


def absences_of(school_id: int, pupil_ids: Collection[int]) -> Select[ParentAbsence]:
    return (
        select(ParentAbsence)
        .where(
            ParentAbsence.school_id == school_id,
            ParentAbsence.pupil_id.in_(pupil_ids),
            ParentAbsence.withdrawn_at.is_(None),
        )
        .order_by(ParentAbsence.starts_on)
    )


def spells_of(school_id: int, pupil_ids: Collection[int]) -> Select[LeftBehindSpell]:
    return (
        select(LeftBehindSpell)
        .where(LeftBehindSpell.school_id == school_id, LeftBehindSpell.pupil_id.in_(pupil_ids))
        .order_by(LeftBehindSpell.definition, LeftBehindSpell.starts_on)
    )


def imports_of(school_id: int) -> Select[RegisterImport]:
    """Uploaded registers, the newest first."""
    return (
        select(RegisterImport).where(RegisterImport.school_id == school_id).order_by(RegisterImport.id.desc())
    )
