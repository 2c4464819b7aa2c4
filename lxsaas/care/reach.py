"""What the signed-in person may see of classes and pupils; everything else does not exist for them."""

from collections.abc import Iterable

from flask import abort
from sqlalchemy import Select

from lxsaas.extensions import db
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.reach import pupils
from lxsaas.registers import offers
from lxsaas.schools.models import SchoolClass


def pupils_in_reach() -> Select[Pupil]:
    """The pupils of one's classes and those assigned, or of the school, by their names."""
    return pupils().order_by(Pupil.pinyin, Pupil.id)


def classes_in_reach() -> list[SchoolClass]:
    """The classes that one teaches, or all of the school."""
    return list(db.session.scalars(offers.classes_in_reach()))


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
