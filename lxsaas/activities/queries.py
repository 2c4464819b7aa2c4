"""Reads of the children's home, of activities and of the love corner."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, case, cast, exists, func, select
from sqlalchemy.orm import Session

from lxsaas.activities.models import (
    Activity,
    ActivityParticipant,
    CornerEntry,
    HomeDuty,
    HomeItem,
    HomeOpening,
    HomeOpeningStaff,
    HomeVisitor,
    ShownPhoto,
    ShownPhotoChild,
)
from lxsaas.archive.queries import agreed
from lxsaas.care.queries import district_of
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.queries import enrolled, left_behind
from lxsaas.registers.models import Attachment
from lxsaas.schools.models import SchoolClass

TWO = 2
"""Colleagues on duty with whom an opening counts, and openings a week that are asked for (P22)."""


def is_target(session: Session, school_id: int, today: date) -> ColumnElement[bool]:
    """Whether a pupil is a care target of the school's district today."""
    return left_behind(session.scalars(district_of(school_id)).one().care_definition, today)


def openings_running(school_id: int) -> Select[HomeOpening]:
    """Openings that nobody has closed yet, the newest first."""
    one = HomeOpening
    query = select(one).where(one.school_id == school_id, one.closes_at.is_(None), one.withdrawn_at.is_(None))
    return query.order_by(one.opened_on.desc(), one.opens_at.desc(), one.id.desc())


def duties_of(school_id: int, on: date) -> Select[HomeDuty]:
    """The duty roster as it holds on a day, by the day of the week."""
    one = HomeDuty
    query = select(one).where(
        one.school_id == school_id,
        one.withdrawn_at.is_(None),
        one.starts_on <= on,
        one.ends_on.is_(None) | (one.ends_on > on),
    )
    return query.order_by(one.weekday, one.opens_at, one.id)


def items_by_condition(school_id: int) -> Select[str, int]:
    """(condition, how many things) of the inventory."""
    one = HomeItem
    query = select(one.condition, func.sum(one.quantity))
    query = query.where(one.school_id == school_id, one.withdrawn_at.is_(None))
    return query.group_by(one.condition)


def opening_weeks(school_id: int, first: date, last: date) -> Select[Any]:
    """(Monday, openings, those that count, visits, calls) of the weeks with openings between two days."""
    one, staff, visitor = HomeOpening, HomeOpeningStaff, HomeVisitor
    on_duty = (
        select(func.count())
        .where(staff.school_id == one.school_id, staff.opening_id == one.id)
        .correlate(one)
        .scalar_subquery()
    )
    visits = (
        select(func.count())
        .where(visitor.school_id == one.school_id, visitor.opening_id == one.id)
        .correlate(one)
        .scalar_subquery()
    )
    monday = cast(func.date_trunc("week", one.opened_on), Date).label("monday")
    return (
        select(
            monday,
            func.count(),
            func.sum(case((on_duty >= TWO, 1), else_=0)),
            func.coalesce(func.sum(visits), 0),
            func.coalesce(func.sum(one.calls), 0),
        )
        .where(one.school_id == school_id, one.withdrawn_at.is_(None), one.opened_on.between(first, last))
        .group_by(monday)
        .order_by(monday)
    )


def visits_by_class(school_id: int, first: date, last: date) -> Select[str, int, int]:
    """(class, visits, different children) of the children's home between two days."""
    visitor, one = HomeVisitor, HomeOpening
    return (
        select(SchoolClass.code, func.count(), func.count(visitor.pupil_id.distinct()))
        .select_from(visitor)
        .join(one, (one.school_id == visitor.school_id) & (one.id == visitor.opening_id))
        .join(Pupil, (Pupil.school_id == visitor.school_id) & (Pupil.id == visitor.pupil_id))
        .join(SchoolClass, (SchoolClass.school_id == Pupil.school_id) & (SchoolClass.id == Pupil.class_id))
        .where(one.school_id == school_id, one.withdrawn_at.is_(None), one.opened_on.between(first, last))
        .group_by(SchoolClass.code)
        .order_by(SchoolClass.code)
    )


def reached(pupils: Select[Pupil], first: date, last: date) -> Select[Any]:
    """(pupil, class, activities joined, day of the last) of these children; those with fewest first."""
    part, held = ActivityParticipant, Activity
    joined = (
        select(part.pupil_id, func.count().label("times"), func.max(held.held_on).label("last_on"))
        .join(held, (held.school_id == part.school_id) & (held.id == part.activity_id))
        .where(held.held_on.between(first, last), held.withdrawn_at.is_(None))
        .group_by(part.pupil_id)
        .subquery()
    )
    times = func.coalesce(joined.c.times, 0).label("times")
    same = (SchoolClass.school_id == Pupil.school_id) & (SchoolClass.id == Pupil.class_id)
    return (
        pupils.join(SchoolClass, same)
        .outerjoin(joined, joined.c.pupil_id == Pupil.id)
        .add_columns(SchoolClass.code, times, joined.c.last_on)
        .order_by(times, SchoolClass.code, Pupil.pinyin, Pupil.id)
    )


def may_be_shown(today: date) -> ColumnElement[bool]:
    """Whether a photo may be shown: of all who can be recognised on it somebody has agreed to it."""
    child = ShownPhotoChild
    on_it = (child.school_id == ShownPhoto.school_id) & (child.photo_id == ShownPhoto.id)
    here = (Pupil.school_id == child.school_id) & (Pupil.id == child.pupil_id)
    refused = exists().where(on_it, here, ~agreed("photos", today))
    return ~refused & (ShownPhoto.is_faceless | exists().where(on_it))


def photos_of(activity: Activity) -> Select[Attachment]:
    """The photos of an activity, those taken away left out."""
    one = Attachment
    query = select(one).where(
        one.school_id == activity.school_id,
        one.subject == "activity",
        one.subject_id == activity.id,
        one.media_type == "image/jpeg",
        one.withdrawn_at.is_(None),
    )
    return query.order_by(one.id)


def photos_to_show(activity: Activity, today: date) -> Select[Attachment]:
    """Those photos of an activity that may be shown."""
    same = (ShownPhoto.school_id == Attachment.school_id) & (ShownPhoto.attachment_id == Attachment.id)
    return photos_of(activity).join(ShownPhoto, same).where(may_be_shown(today))


def decided_photos(activity: Activity, today: date) -> Select[ShownPhoto, bool]:
    """(what was said of a photo, whether it may be shown) for the photos of an activity."""
    here = (ShownPhoto.school_id == activity.school_id) & (ShownPhoto.activity_id == activity.id)
    return select(ShownPhoto, may_be_shown(today)).where(here)


def children_on(photo: Attachment) -> Select[int]:
    """Ids of the children who can be recognised on a photo, as far as somebody has said so."""
    child, shown = ShownPhotoChild, ShownPhoto
    same = (shown.school_id == child.school_id) & (shown.id == child.photo_id)
    here = shown.school_id == photo.school_id, shown.attachment_id == photo.id
    return select(child.pupil_id).join(shown, same).where(*here)


def corner_wall(school_id: int, today: date) -> Select[CornerEntry, int, int]:
    """(entry, grade and number of the class) that hang on the love corner's wall, the newest first.

    Approved by the school, of a child who is still there, for whom somebody has agreed that works are shown.
    """
    one = CornerEntry
    return (
        select(one, SchoolClass.grade, SchoolClass.number)
        .join(Pupil, (Pupil.school_id == one.school_id) & (Pupil.id == one.pupil_id))
        .join(SchoolClass, (SchoolClass.school_id == Pupil.school_id) & (SchoolClass.id == Pupil.class_id))
        .where(
            one.school_id == school_id,
            one.state == "approved",
            one.withdrawn_at.is_(None),
            enrolled(today),
            agreed("photos", today),
        )
        .order_by(one.made_on.desc(), one.id.desc())
    )


def corner_waiting(pupils: Select[Pupil], today: date) -> Select[CornerEntry, Pupil, bool]:
    """(entry, child, whether it may be shown) of what these children handed in and nobody decided yet."""
    one, ids = CornerEntry, pupils.order_by(None).with_only_columns(Pupil.id)
    return (
        select(one, Pupil, agreed("photos", today))
        .join(Pupil, (Pupil.school_id == one.school_id) & (Pupil.id == one.pupil_id))
        .where(one.state == "submitted", one.withdrawn_at.is_(None), one.pupil_id.in_(ids))
        .order_by(one.made_on, one.id)
    )


def staff_of(opening: HomeOpening) -> Select[HomeOpeningStaff]:
    """Who was on duty at an opening."""
    one = HomeOpeningStaff
    return select(one).where(one.school_id == opening.school_id, one.opening_id == opening.id)


def shown_photo(photo: Attachment) -> Select[ShownPhoto]:
    """What was said of a photo."""
    here = (ShownPhoto.school_id == photo.school_id) & (ShownPhoto.attachment_id == photo.id)
    return select(ShownPhoto).where(here)
