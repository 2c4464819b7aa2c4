"""Writes on the archive that follow from facts."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from lxsaas.core.changes import note_change
from lxsaas.core.db import table_of
from lxsaas.pupils import queries
from lxsaas.pupils.models import LeftBehindSpell, Pupil
from lxsaas.pupils.spells import Absence, Facts, Spell, derive_spells
from lxsaas.schools.models import SchoolClass


def renew_spells(session: Session, *, school_id: int, pupil_ids: Collection[int]) -> int:
    """Derives the spells of these pupils anew and replaces those that differ; how many pupils changed.

    Notes the days from the first that differs, so that the next night counts them.
    """
    stored: dict[int, list[Spell]] = defaultdict(list)
    for row in session.scalars(queries.spells_of(school_id, pupil_ids)):
        kind = "both" if row.kind == "both" else "one"
        stored[row.pupil_id].append(
            Spell(row.definition, row.definition_version, kind, row.starts_on, row.ends_on)  # type: ignore[arg-type]
        )
    changed = {
        pupil_id: (set(stored[pupil_id]), spells)
        for pupil_id, spells in _derived(session, school_id, pupil_ids).items()
        if set(spells) != set(stored[pupil_id])
    }
    if not changed:
        return 0
    session.execute(
        delete(LeftBehindSpell).where(
            LeftBehindSpell.school_id == school_id, LeftBehindSpell.pupil_id.in_(changed)
        )
    )
    rows = [_row(school_id, pupil_id, spell) for pupil_id, (_, spells) in changed.items() for spell in spells]
    if rows:
        session.execute(insert(table_of(LeftBehindSpell)), rows)
    for starts_on in {min(one.starts_on for one in old ^ set(new)) for old, new in changed.values()}:
        note_change(session, school_id=school_id, starts_on=starts_on, ends_on=None)
    session.flush()
    return len(changed)


def _derived(session: Session, school_id: int, pupil_ids: Collection[int]) -> dict[int, list[Spell]]:
    absences: dict[int, list[Absence]] = defaultdict(list)
    for absence in session.scalars(queries.absences_of(school_id, pupil_ids)):
        absences[absence.pupil_id].append(Absence(absence.parent, absence.starts_on, absence.ends_on))
    pupils = session.execute(
        select(Pupil.id, Pupil.born_on, Pupil.is_rural, Pupil.is_orphan, SchoolClass.grade)
        .join(SchoolClass, (SchoolClass.school_id == Pupil.school_id) & (SchoolClass.id == Pupil.class_id))
        .where(Pupil.school_id == school_id, Pupil.id.in_(pupil_ids))
    )
    return {
        row.id: derive_spells(
            Facts(
                born_on=row.born_on,
                is_rural=row.is_rural is not False,
                grade=row.grade,
                absences=absences[row.id],
                other_unable=bool(row.is_orphan),
            )
        )
        for row in pupils
    }


def _row(school_id: int, pupil_id: int, spell: Spell) -> dict[str, int | str | date | None]:
    return {
        "school_id": school_id,
        "pupil_id": pupil_id,
        "definition": spell.definition,
        "definition_version": spell.version,
        "kind": spell.kind,
        "starts_on": spell.starts_on,
        "ends_on": spell.ends_on,
    }
