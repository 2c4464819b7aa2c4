"""The weekly ledger of parents' contact (P36): the law wants one a week with the child and the guardian."""

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.archive.models import ParentContactWeek
from lxsaas.core.audit import audit
from lxsaas.core.changes import note_change
from lxsaas.core.db import table_of
from lxsaas.core.errors import RuleError

WEEKS_BACK = 26
"""Weeks that can still be noted: a term and the holidays before it."""
PARTIES = ("with_child", "with_guardian")
Mark = tuple[int, str]
"""A pupil and one of PARTIES."""


def week_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def note_contacts(
    session: Session, *, school_id: int, week_on: date, marks: Mapping[Mark, bool], today: date, by: int
) -> int:
    """Writes what changed in a week's grid, and nothing else: two teachers do not undo each other.

    Returns the number of cells. Whoever calls has seen to it that the pupils are within reach.
    """
    if week_on > week_of(today):
        raise RuleError("week_to_come", field="week")
    if week_on < week_of(today) - timedelta(weeks=WEEKS_BACK):
        raise RuleError("week_too_old", field="week", weeks=WEEKS_BACK)
    for party in PARTIES:
        rows = [
            {
                "school_id": school_id,
                "pupil_id": pupil_id,
                "week_on": week_of(week_on),
                "with_child": party == "with_child" and value,
                "with_guardian": party == "with_guardian" and value,
                "noted_by": by,
            }
            for (pupil_id, name), value in sorted(marks.items())
            if name == party
        ]
        if rows:
            statement = insert(table_of(ParentContactWeek)).values(rows)
            fresh = {name: statement.excluded[name] for name in (party, "noted_by")}
            session.execute(
                statement.on_conflict_do_update(
                    index_elements=["school_id", "pupil_id", "week_on"], set_=fresh
                )
            )
    if marks:
        pupils = sorted({pupil_id for pupil_id, _ in marks})
        audit(
            session, "note_contacts", "parent_contact_week", None,
            school_id=school_id, by=by, week=week_on.isoformat(), pupils=pupils,
        )  # fmt: skip
        note_change(session, school_id=school_id, starts_on=week_on, ends_on=week_on + timedelta(days=6))
    session.flush()
    return len(marks)
