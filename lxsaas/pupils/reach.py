"""What the signed-in person may see of the archive; everything else does not exist for them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import abort, g
from flask_login import current_user
from sqlalchemy import Select, select
from sqlalchemy.orm import defer

from lxsaas.accounts.access import realm
from lxsaas.core import clock
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.pupils import queries
from lxsaas.pupils.levels import Level, Part, hidden_columns, parts_for
from lxsaas.pupils.models import Guardian, ParentAbsence, Pupil
from lxsaas.schools.models import District


def today() -> date:
    """The calendar day at the school."""
    return clock.today(realm().timezone)


def care_definition() -> str:
    """Code of the definition whose children the district counts today."""
    query = select(District.care_definition).where(District.id == realm().district_id)
    return str(db.session.scalar(query))


def whole_school() -> bool:
    return Permission.VIEW_WHOLE_SCHOOL in current_user.permissions


def pupils() -> Select[Pupil]:
    """The pupils of one's classes and those assigned, or of the school."""
    return queries.pupils_in_reach(
        school_id=realm().id, staff_id=current_user.id, whole_school=whole_school(), on=today()
    )


def reached_ids() -> list[int] | None:
    """The ids of all one may see; None: the whole school. What is in an export is handed out by it."""
    if whole_school():
        return None
    return sorted(db.session.scalars(pupils().with_only_columns(Pupil.id)))


def pupil_or_404(pupil_id: int) -> Pupil:
    return db.session.scalars(pupils().where(Pupil.id == pupil_id)).one_or_none() or abort(404)


def kept() -> Select[Pupil]:
    """The pupils whose whole file one keeps: of one's classes, or of the school; none that are assigned."""
    return queries.pupils_kept_by(
        school_id=realm().id, staff_id=current_user.id, whole_school=whole_school(), on=today()
    )


def kept_or_404(pupil_id: int) -> Pupil:
    """A pupil whose whole file one keeps."""
    return db.session.scalars(kept().where(Pupil.id == pupil_id)).one_or_none() or abort(404)


def keeps(pupil_id: int) -> bool:
    """Whether one keeps the whole file of a child within reach; one query however often it is asked."""
    if whole_school():
        return True
    if "kept_ids" not in g:
        g.kept_ids = frozenset(db.session.scalars(kept().with_only_columns(Pupil.id)))
    return pupil_id in g.kept_ids


def may_open(pupil_id: int) -> bool:
    """Whether one may see this child's sealed fields: the permission, and the whole file (P8)."""
    if Permission.VIEW_SECRETS not in current_user.permissions:
        return False
    # A list of a child's records asks once for each of them.
    asked: dict[int, bool] = g.setdefault("may_open", {})
    if pupil_id not in asked:
        ids = kept().with_only_columns(Pupil.id)
        asked[pupil_id] = db.session.scalar(ids.where(Pupil.id == pupil_id)) is not None
    return asked[pupil_id]


def level_of(pupil_id: int) -> Level:
    """How one reaches a child; 404 where one does not."""
    ids = kept().with_only_columns(Pupil.id)
    if db.session.scalar(ids.where(Pupil.id == pupil_id)) is not None:
        return Level.WHOLE_SCHOOL if whole_school() else Level.OWN_CLASS
    if db.session.scalar(pupils().with_only_columns(Pupil.id).where(Pupil.id == pupil_id)) is None:
        abort(404)
    subjects = db.session.scalars(queries.assignments_of(current_user.id, pupil_id, today())).all()
    return Level.COUNSELLED if "counselling_case" in subjects else Level.ASSIGNED


def parts_of(pupil_id: int) -> frozenset[Part]:
    """The parts of a child's file that one may see; 404 out of reach."""
    may = Permission.VIEW_SECRETS in current_user.permissions
    return parts_for(level_of(pupil_id), may_open=may)


def seen_pupil(pupil_id: int, parts: frozenset[Part]) -> Pupil:
    """A pupil without the columns of other parts: to ask for one of them is an error, not a leak."""
    query = pupils().where(Pupil.id == pupil_id).options(*hiding(Pupil, parts))
    # Not what an earlier, wider query of this request has loaded.
    return db.session.scalars(query, execution_options={"populate_existing": True}).one()


def seen_family(pupil: Pupil, parts: frozenset[Part]) -> Sequence[Guardian]:
    """The family, likewise; nobody where the family is not to be seen."""
    if Part.FAMILY not in parts:
        return []
    query = queries.family_of(pupil.school_id, pupil.id).options(*hiding(Guardian, parts))
    return db.session.scalars(query).all()


def seen_absences(pupil: Pupil, parts: frozenset[Part]) -> Sequence[ParentAbsence]:
    """When parents are away; where only with WORK."""
    query = queries.absences_of(pupil.school_id, [pupil.id]).options(*hiding(ParentAbsence, parts))
    return db.session.scalars(query).all()


def hiding(model: Any, parts: frozenset[Part]) -> list[Any]:
    """Options of a query that leave out the columns of other parts: to ask for one is an error."""
    hidden = [column for column in hidden_columns(parts) if hasattr(model, column)]
    return [defer(getattr(model, column), raiseload=True) for column in hidden]
