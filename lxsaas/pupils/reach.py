"""What the signed-in person may see of the archive; everything else does not exist for them."""

from datetime import date

from flask import abort
from flask_login import current_user
from sqlalchemy import Select

from lxsaas.accounts.access import realm
from lxsaas.core import clock
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.pupils import queries
from lxsaas.pupils.models import Pupil


def today() -> date:
    """The calendar day at the school."""
    return clock.today(realm().timezone)


def whole_school() -> bool:
    return Permission.VIEW_WHOLE_SCHOOL in current_user.permissions


def pupils() -> Select[Pupil]:
    """The pupils of one's classes, or of the school."""
    return queries.pupils_in_reach(
        school_id=realm().id, staff_id=current_user.id, whole_school=whole_school(), on=today()
    )


def pupil_or_404(pupil_id: int) -> Pupil:
    return db.session.scalars(pupils().where(Pupil.id == pupil_id)).one_or_none() or abort(404)
