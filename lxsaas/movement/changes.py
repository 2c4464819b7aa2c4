"""Who entered and who left the left-behind children between two days, with the reason (P6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select
from sqlalchemy.orm import Session

from lxsaas.core.clock import add_months
from lxsaas.core.messages import N_
from lxsaas.movement import queries
from lxsaas.pupils.definitions import DEFINITIONS
from lxsaas.pupils.models import LeftBehindSpell, ParentAbsence, Pupil
from lxsaas.pupils.queries import absences_of, spells_of

REASONS = {
    "enrolled": N_("came to the school"),
    "away": N_("a parent has been away long enough"),
    "left_school": N_("left the school"),
    "grew_up": N_("reached the age at which the definition ends"),
    "returned": N_("a parent has come back"),
    "other": N_("another fact about the child changed"),
}


@dataclass(frozen=True)
class Change:
    """One child who entered or left."""

    pupil: Pupil
    class_code: str
    on: date
    reason: str
    """Message id."""
    parents: Sequence[ParentAbsence] = ()
    """The absences from which it follows: those holding when the child entered, or ended when it left."""


@dataclass(frozen=True)
class Changes:
    """What lies between two days."""

    counted_first: int
    counted_last: int
    entered: Sequence[Change]
    left: Sequence[Change]


def changes_between(
    session: Session, pupils: Select[Pupil], definition: str, first: date, last: date
) -> Changes:
    """Compares who counts on `first` with who counts on `last`; always five queries."""
    before = {one.id: one for one, _ in session.execute(queries.counted_on(pupils, definition, first))}
    after = {one.id: one for one, _ in session.execute(queries.counted_on(pupils, definition, last))}
    new, gone = after.keys() - before.keys(), before.keys() - after.keys()
    ids = sorted(new | gone)
    school_id = next((one.school_id for one in (*before.values(), *after.values())), 0)
    codes = {row[0]: row[1] for row in session.execute(queries.membership_on(ids, last))}
    spells: dict[int, list[LeftBehindSpell]] = {}
    for spell in session.scalars(spells_of(school_id, ids)):
        if spell.definition == definition:
            spells.setdefault(spell.pupil_id, []).append(spell)
    absences: dict[int, list[ParentAbsence]] = {}
    for absence in session.scalars(absences_of(school_id, ids)):
        absences.setdefault(absence.pupil_id, []).append(absence)
    entered = [
        _entered(after[one], spells.get(one, []), absences.get(one, []), codes.get(one, ""), first, last)
        for one in after
        if one in new
    ]
    left = [
        _left(before[one], spells.get(one, []), absences.get(one, []), codes.get(one, ""), definition, first)
        for one in before
        if one in gone
    ]
    return Changes(len(before), len(after), entered, left)


def _stretch(spells: Sequence[LeftBehindSpell], on: date) -> tuple[date, date | None]:
    """From when until when a child counted without a break around a day; one kind may follow another."""
    [first] = [one for one in spells if one.starts_on <= on and (one.ends_on is None or one.ends_on > on)]
    starts_on, ends_on = first.starts_on, first.ends_on
    for one in reversed(spells):
        if one.ends_on == starts_on:
            starts_on = one.starts_on
    for one in spells:
        if one.starts_on == ends_on:
            ends_on = one.ends_on
    return starts_on, ends_on


def _entered(
    pupil: Pupil,
    spells: Sequence[LeftBehindSpell],
    absences: Sequence[ParentAbsence],
    code: str,
    first: date,
    last: date,
) -> Change:
    began = _stretch(spells, last)[0]
    if pupil.enrolled_on > first and pupil.enrolled_on >= began:
        return Change(pupil, code, pupil.enrolled_on, REASONS["enrolled"])
    away = [
        one for one in absences if one.starts_on <= began and (one.ends_on is None or one.ends_on > began)
    ]
    return Change(pupil, code, began, REASONS["away"], away)


def _left(
    pupil: Pupil,
    spells: Sequence[LeftBehindSpell],
    absences: Sequence[ParentAbsence],
    code: str,
    definition: str,
    first: date,
) -> Change:
    ended = _stretch(spells, first)[1]
    if pupil.left_on and pupil.left_on > first and (ended is None or pupil.left_on <= ended):
        return Change(pupil, code, pupil.left_on, REASONS["left_school"])
    on = ended or first
    limit = DEFINITIONS[definition].below_age
    if limit is not None and on == add_months(pupil.born_on, 12 * limit):
        return Change(pupil, code, on, REASONS["grew_up"])
    back = [one for one in absences if one.ends_on == on]
    return Change(pupil, code, on, REASONS["returned" if back else "other"], back)
