"""What the signed-in person may see of classes and pupils; everything else does not exist for them."""

from collections.abc import Iterable
from datetime import date

from flask import abort
from flask_login import current_user
from sqlalchemy import Select

from lxsaas.accounts.access import realm
from lxsaas.care import queries
from lxsaas.core import clock
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.pupils import queries as pupil_queries
from lxsaas.pupils.models import Pupil
from lxsaas.schools.models import SchoolClass


def today() -> date:
    """The calendar day at the school."""
    return clock.today(realm().timezone)


def pupils_in_reach() -> Select[Pupil]:
    """The pupils of one's classes, or of the school, by their names."""
    reach = pupil_queries.pupils_in_reach(
        school_id=realm().id, staff_id=current_user.id, whole_school=_whole_school(), on=today()
    )
    return reach.order_by(Pupil.pinyin, Pupil.id)


def classes_in_reach() -> list[SchoolClass]:
    query = queries.classes_in_reach(current_user.id, whole_school=_whole_school(), on=today())
    return list(db.session.scalars(query))


def chosen_class(classes: list[SchoolClass], wanted: int | None) -> SchoolClass | None:
    """The class asked for (404 out of reach), else the first, or None where there is none."""
    if wanted is None:
        return classes[0] if classes else None
    return next((one for one in classes if one.id == wanted), None) or abort(404)


def reachable_pupil(pupil_id: int) -> Pupil:
    """One pupil within reach, or 404."""
    return reachable_pupils([pupil_id])[0]


def reachable_pupils(pupil_ids: Iterable[int]) -> list[Pupil]:
    """All of these pupils; 404 when one of them is out of reach."""
    wanted = set(pupil_ids)
    found = list(db.session.scalars(pupils_in_reach().where(Pupil.id.in_(wanted))))
    if len(found) != len(wanted):
        abort(404)
    return found


def _whole_school() -> bool:
    return Permission.VIEW_WHOLE_SCHOOL in current_user.permissions
