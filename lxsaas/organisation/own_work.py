"""What waits for the signed-in person beside the children: for the page of the week."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_login import current_user
from sqlalchemy import select

from lxsaas.accounts.queries import classes_taught_by
from lxsaas.extensions import db
from lxsaas.organisation import queries
from lxsaas.organisation import reach as own
from lxsaas.organisation.activity_views import weeks_of
from lxsaas.organisation.checks import monday
from lxsaas.organisation.models import ClassActivity, GroupDecision, PlanDocument
from lxsaas.pupils import reach
from lxsaas.schools.models import SchoolClass


@dataclass(frozen=True)
class OwnWork:
    """Documents to read, decisions to see to, own classes without this week's activity."""

    documents: Sequence[PlanDocument]
    decisions: Sequence[Any]
    """Rows of `queries.decisions`."""
    gaps: Sequence[tuple[SchoolClass, ClassActivity | None]]
    """Classes taught whose activity of the week is not done, with what is planned; in term only."""


def own_work() -> OwnWork:
    """What waits for the signed-in person today."""
    today = reach.today()
    decided = queries.decisions().where(queries.is_open(), GroupDecision.staff_id == current_user.id)
    return OwnWork(
        documents=db.session.scalars(queries.to_read(current_user.id, today, own.term_name())).all(),
        decisions=db.session.execute(decided).all(),
        gaps=_gaps(),
    )


def _gaps() -> list[tuple[SchoolClass, ClassActivity | None]]:
    term, week = own.term_now(), monday(reach.today())
    if term is None or week not in weeks_of(term):
        return []
    taught = select(SchoolClass).where(SchoolClass.id.in_(classes_taught_by(current_user.id, reach.today())))
    classes = db.session.scalars(taught.order_by(SchoolClass.code)).all()
    held = db.session.scalars(queries.activities_of([one.id for one in classes], week, week)).all()
    done = {one.class_id for one in held if one.held_on}
    planned = {one.class_id: one for one in held}
    return [(one, planned.get(one.id)) for one in classes if one.id not in done]
