"""Support in a child's timeline and whole file: must-visits, attendance and drop-out; plans, conduct, aid.

Pairings stay out of the file: they name other children.
"""

from collections.abc import Iterable
from datetime import date

from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lxsaas.pupils.models import Pupil
from lxsaas.pupils.timeline import Moment, add_source
from lxsaas.pupils.whole_file import add_part
from lxsaas.registers.child_part import part_of_register
from lxsaas.support import labels, registers
from lxsaas.support.models import AttendanceEvent, DropOut, MustVisit

HANDED_OVER = (
    registers.PLANS,
    registers.PLAN_STEPS,
    registers.PLAN_REVIEWS,
    registers.CONDUCT,
    registers.MUST_VISITS,
    registers.ATTENDANCE,
    registers.DROP_OUTS,
    registers.DROP_OUT_STEPS,
    registers.AID,
)


def drop_out_lane(session: Session, pupil: Pupil, _today: date) -> Iterable[Moment]:
    """When the child was out of school."""
    out = DropOut
    query = select(out.since_on, out.returned_on).where(
        out.school_id == pupil.school_id, out.pupil_id == pupil.id, out.withdrawn_at.is_(None)
    )
    for since_on, returned_on in session.execute(query.order_by(out.since_on)):
        yield Moment(gettext("Dropped out"), "span", since_on, returned_on)


def must_visit_lane(session: Session, pupil: Pupil, _today: date) -> Iterable[Moment]:
    """Which must-visit was raised when."""
    visit = MustVisit
    query = select(visit.reason, visit.raised_on).where(
        visit.school_id == pupil.school_id, visit.pupil_id == pupil.id, visit.withdrawn_at.is_(None)
    )
    for reason, raised_on in session.execute(query.order_by(visit.raised_on)):
        reason_text = gettext(labels.VISIT_REASONS[reason])
        yield Moment(gettext("Must-visits"), "event", raised_on, text=reason_text)


def attendance_lanes(session: Session, pupil: Pupil, _today: date) -> Iterable[Moment]:
    """How often the child was absent, late or left early in each month."""
    event = AttendanceEvent
    month = func.date_trunc("month", event.occurred_on)
    query = (
        select(event.kind, func.min(event.occurred_on), func.count())
        .where(event.school_id == pupil.school_id, event.pupil_id == pupil.id, event.withdrawn_at.is_(None))
        .group_by(event.kind, month)
    )
    order = list(labels.ATTENDANCE)
    for kind, day, count in sorted(session.execute(query), key=lambda row: (order.index(row[0]), row[1])):
        yield Moment(gettext(labels.ATTENDANCE[kind]), "count", day, count=count)


add_source(drop_out_lane, order=30)
add_source(must_visit_lane, order=40)
add_source(attendance_lanes, order=55)
for register in HANDED_OVER:
    add_part(part_of_register(register))
