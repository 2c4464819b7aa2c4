"""Undated facts of many children at once: what the term's statistics ask and a class's teacher knows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lxsaas.archive import law, queries
from lxsaas.archive.actions import change_fields
from lxsaas.archive.five_known import renew_five_known
from lxsaas.archive.models import ChildProfile
from lxsaas.core.errors import RuleError
from lxsaas.pupils import labels
from lxsaas.pupils.models import Pupil
from lxsaas.registers.actions import add_row, edit_row

OF_PROFILE = ("lives_with", "guardianship", "is_registered")
OF_PUPIL = ("is_boarding", "health")
FACTS = (*OF_PROFILE, *OF_PUPIL)
CODES: Mapping[str, Mapping[str, str]] = {
    "lives_with": law.LIVES_WITH, "guardianship": law.GUARDIANSHIP, "health": labels.HEALTH,
}  # fmt: skip
"""Of the facts that are codes what each code is called; the others are yes or no."""
_NEW: Mapping[str, Any] = {
    "character": None, "interests": None, "health": None, "history": None, "no_history": False,
} | dict.fromkeys(OF_PROFILE)  # fmt: skip


@dataclass(frozen=True)
class Change:
    """What becomes of one child's facts, and which versions were seen when that was said."""

    values: Mapping[str, Any]
    """By fact what it is from now on; None: not known."""
    profile_version: int
    """0 where the child had no profile yet."""
    pupil_version: int


def set_facts(
    session: Session, *, school_id: int, changes: Mapping[int, Change], today: date, by: int
) -> int:
    """Writes the facts of several children (by id), all or none; how many children differ.

    Raises RuleError with the child's id as its field for an unknown code, and where somebody else has changed
    the child since.
    """
    query = select(Pupil).where(Pupil.school_id == school_id, Pupil.id.in_(changes))
    pupils = {one.id: one for one in session.scalars(query)}
    profiles = {one.pupil_id: one for one in session.scalars(queries.profiles_of(school_id, [*changes]))}
    differing = []
    # In the order of their ids: two classes that are saved at once wait for each other, not in a circle.
    for pupil_id, change in sorted(changes.items()):
        try:
            if _set(session, pupils[pupil_id], profiles.get(pupil_id), change, by):
                differing.append(pupil_id)
        except RuleError as error:
            raise RuleError(error.code, field=str(pupil_id), **error.params) from error
    renew_five_known(session, school_id, differing, today)
    return len(differing)


def _set(session: Session, pupil: Pupil, held: ChildProfile | None, change: Change, by: int) -> bool:
    for name, value in change.values.items():
        if name in CODES and value is not None and value not in CODES[name]:
            raise RuleError("fact_unknown")
    of_profile = {name: change.values[name] for name in OF_PROFILE if name in change.values}
    of_pupil = {name: change.values[name] for name in OF_PUPIL if name in change.values}
    differs = False
    if of_profile and held is None:
        if change.profile_version:
            raise RuleError("row_stale")
        values = {**_NEW, **of_profile, "pupil_id": pupil.id}
        add_row(session, ChildProfile, school_id=pupil.school_id, values=values, by=by)
        differs = True
    elif of_profile and held is not None:
        differs = bool(edit_row(session, held, values=of_profile, version=change.profile_version, by=by))
    if of_pupil:
        changed = change_fields(session, pupil, of_pupil, {}, version=change.pupil_version, by=by)
        differs = differs or bool(changed)
    return differs
