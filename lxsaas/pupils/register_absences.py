"""Who is away as the register says it: today's absences made those of the sheet."""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from lxsaas.core.clock import add_months
from lxsaas.core.db import table_of
from lxsaas.pupils.models import ParentAbsence
from lxsaas.pupils.register.rows import AbsenceEvidence, RegisterRow

REGISTER_MONTHS = 3
"""A parent counts in the register from three months on: the absence began then at the latest."""


def update_absences(session: Session, school_id: int, rows: dict[int, RegisterRow], today: date) -> None:
    """Makes today's absences those of the sheet; starts are estimated and marked so."""
    query = select(ParentAbsence).where(
        ParentAbsence.school_id == school_id,
        ParentAbsence.pupil_id.in_(rows),
        ParentAbsence.ends_on.is_(None),
        ParentAbsence.withdrawn_at.is_(None),
    )
    open_now: dict[int, dict[str, ParentAbsence]] = {}
    # Who edits one of them meanwhile is waited for, and told that it has changed.
    for absence in session.scalars(query.with_for_update()):
        open_now.setdefault(absence.pupil_id, {})[absence.parent] = absence
    opened = []
    for pupil_id, row in rows.items():
        held = open_now.get(pupil_id, {})
        wanted = _wanted(row, held)
        for parent in held.keys() - wanted.keys():
            _end(session, held[parent], today)
        for parent in wanted.keys() & held.keys():
            held[parent].place = wanted[parent].place or held[parent].place
        opened += [_opened(school_id, pupil_id, wanted[one], today) for one in wanted.keys() - held.keys()]
    session.flush()
    if opened:
        starts = _free_starts(session, school_id, [one["pupil_id"] for one in opened])
        for one in opened:
            one["starts_on"] = max(
                one["starts_on"], starts.get((one["pupil_id"], one["parent"]), one["starts_on"])
            )
        session.execute(insert(table_of(ParentAbsence)), opened)


def _wanted(row: RegisterRow, held: Collection[str]) -> dict[str, AbsenceEvidence]:
    """Who is to be away, by parent; `held`: who is."""
    wanted: dict[str, AbsenceEvidence] = {one.parent: one for one in row.absences}
    if wanted.keys() == {"unknown"} and len(held) == 1:
        # The school knows which of the parents it is.
        return dict(zip(held, wanted.values(), strict=True))
    return wanted


def _end(session: Session, absence: ParentAbsence, today: date) -> None:
    # An absence that had not begun a day ago was never one.
    if absence.starts_on >= today:
        session.delete(absence)
    else:
        absence.ends_on = today
        absence.version += 1


def _opened(school_id: int, pupil_id: int, evidence: AbsenceEvidence, today: date) -> dict[str, Any]:
    return {
        "school_id": school_id,
        "pupil_id": pupil_id,
        "parent": evidence.parent,
        "starts_on": add_months(today, -REGISTER_MONTHS),
        "start_is_estimated": True,
        "place": evidence.place,
        "source": "register",
    }


def _free_starts(session: Session, school_id: int, pupil_ids: Collection[int]) -> dict[tuple[int, str], date]:
    """When each parent's last absence ended: an estimate must not reach back into it."""
    query = (
        select(ParentAbsence.pupil_id, ParentAbsence.parent, func.max(ParentAbsence.ends_on))
        .where(
            ParentAbsence.school_id == school_id,
            ParentAbsence.pupil_id.in_(pupil_ids),
            ParentAbsence.withdrawn_at.is_(None),
        )
        .group_by(ParentAbsence.pupil_id, ParentAbsence.parent)
    )
    return {(row[0], row[1]): row[2] for row in session.execute(query) if row[2] is not None}
