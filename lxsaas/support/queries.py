"""Reads on pairings, plans and must-visits: who has nobody, who carries whom, what is open."""

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from lxsaas.accounts.models import Staff
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.queries import enrolled
from lxsaas.schools.models import School, Term
from lxsaas.support.models import AttendanceEvent, DropOut, HelpPlan, MustVisit, Pairing, PairingCheck

AFTER_TERM = timedelta(days=60)
"""What came of a plan is written in the holidays; so long its subject teacher still sees the child."""


def paired(on: date) -> ColumnElement[bool]:
    """Whether a pairing is in force on a day."""
    return and_(
        Pairing.withdrawn_at.is_(None),
        Pairing.starts_on <= on,
        or_(Pairing.ends_on.is_(None), Pairing.ends_on > on),
    )


def has_pairing(kind: str, on: date) -> ColumnElement[bool]:
    """Whether a pupil has a helper of a kind on a day, as the indicators count it."""
    return exists().where(
        Pairing.school_id == Pupil.school_id,
        Pairing.pupil_id == Pupil.id,
        Pairing.kind == kind,
        paired(on),
    )


def carried_by(staff_ids: Iterable[int], on: date) -> Select[int | None, int]:
    """(staff, number of children whom somebody helps on a day)."""
    return (
        select(Pairing.staff_id, func.count(Pairing.pupil_id.distinct()))
        .where(Pairing.staff_id.in_(list(staff_ids)), paired(on))
        .group_by(Pairing.staff_id)
    )


def pairings_of_helper(school_id: int, staff_id: int, on: date) -> Select[Pairing]:
    """The pairings in which somebody helps on a day."""
    query = select(Pairing).where(Pairing.school_id == school_id, Pairing.staff_id == staff_id, paired(on))
    return query.order_by(Pairing.id)


def orphaned(on: date) -> ColumnElement[bool]:
    """A pairing in force whose helper is not there any more: left the staff, or the school."""
    gone_staff = exists().where(
        Staff.school_id == Pairing.school_id, Staff.id == Pairing.staff_id, Staff.is_active.is_(False)
    )
    helper = Pupil.__table__.alias("helper")
    gone_pupil = exists().where(
        helper.c.school_id == Pairing.school_id,
        helper.c.id == Pairing.helper_pupil_id,
        helper.c.left_on <= on,
    )
    return and_(paired(on), or_(gone_staff, gone_pupil))


def check_due(before: date, on: date) -> ColumnElement[bool]:
    """A pairing in force that began before a day and was not checked since."""
    checked = exists().where(
        PairingCheck.school_id == Pairing.school_id,
        PairingCheck.pairing_id == Pairing.id,
        PairingCheck.withdrawn_at.is_(None),
        PairingCheck.checked_on >= before,
    )
    return and_(paired(on), Pairing.starts_on < before, ~checked)


def open_visits() -> ColumnElement[bool]:
    """A must-visit that no home visit has closed."""
    return and_(MustVisit.withdrawn_at.is_(None), MustVisit.closed_on.is_(None))


def open_beside(row: MustVisit) -> Select[int]:
    """Another open must-visit of the child for the same reason."""
    return select(MustVisit.id).where(
        MustVisit.school_id == row.school_id,
        MustVisit.pupil_id == row.pupil_id,
        MustVisit.reason == row.reason,
        MustVisit.id != row.id,
        open_visits(),
    )


def late_visits(on: date) -> ColumnElement[bool]:
    return and_(open_visits(), MustVisit.due_on < on)


def plan_over(school_id: int, term: str) -> Select[date]:
    """The first day on which a plan of a term is no longer worked on."""
    return (
        select(Term.ends_on + AFTER_TERM.days)
        .join(School, School.district_id == Term.district_id)
        .where(School.id == school_id, Term.name == term)
    )


def latest_plan(school_id: int, pupil_id: int) -> Select[HelpPlan]:
    """The last plan that was entered for a child."""
    return (
        select(HelpPlan)
        .where(
            HelpPlan.school_id == school_id, HelpPlan.pupil_id == pupil_id, HelpPlan.withdrawn_at.is_(None)
        )
        .order_by(HelpPlan.recorded_at.desc(), HelpPlan.id.desc())
        .limit(1)
    )


def times_late(school_id: int, pupil_ids: Iterable[int], first: date, last: date) -> Select[int, int]:
    """(pupil, how often late or gone early without excuse) between two days, both included."""
    event = AttendanceEvent
    return (
        select(event.pupil_id, func.count())
        .where(
            event.school_id == school_id,
            event.pupil_id.in_(list(pupil_ids)),
            event.kind.in_(("late", "left_early")),
            event.is_excused.is_(False),
            event.occurred_on.between(first, last),
            event.withdrawn_at.is_(None),
        )
        .group_by(event.pupil_id)
    )


def unexcused_absences(since: date, on: date) -> Select[int, int, date]:
    """(pupil, days absent without excuse since a day, the last of them) of those enrolled `on` a day."""
    event = AttendanceEvent
    return (
        select(event.pupil_id, func.count(), func.max(event.occurred_on))
        .join(Pupil, (Pupil.school_id == event.school_id) & (Pupil.id == event.pupil_id))
        .where(
            event.kind == "absent",
            event.is_excused.is_(False),
            event.occurred_on >= since,
            event.withdrawn_at.is_(None),
            enrolled(on),
        )
        .group_by(event.pupil_id)
    )


def dropped_out(on: date) -> ColumnElement[bool]:
    """A drop-out that has not ended."""
    return and_(
        DropOut.withdrawn_at.is_(None),
        DropOut.since_on <= on,
        or_(DropOut.returned_on.is_(None), DropOut.returned_on > on),
    )
