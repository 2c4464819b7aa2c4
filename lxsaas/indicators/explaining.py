"""What stands behind a figure: the children counted and missing, or the weeks, meetings, teachers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from lxsaas.accounts.models import Staff
from lxsaas.activities.family_models import ParentsSession
from lxsaas.activities.models import Activity
from lxsaas.indicators import queries
from lxsaas.indicators.definitions import INDICATORS, Indicator
from lxsaas.indicators.statements import explaining_sql
from lxsaas.pupils.models import Pupil
from lxsaas.schools.models import SchoolClass, Term


@dataclass(frozen=True)
class Counted:
    """One child or item that is due, and whether it counts."""

    item: int | None
    day: date | None
    is_counted: bool
    name: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Explained:
    """A figure with what it is computed from, at one instant: they cannot disagree."""

    indicator: Indicator
    as_of: date
    due: Sequence[Counted]

    @property
    def numerator(self) -> int:
        """Items counted, at most the goal where one is asked for."""
        counted = sum(one.is_counted for one in self.due)
        return counted if self.indicator.goal is None else min(counted, self.indicator.goal)

    @property
    def denominator(self) -> int | None:
        """Items due, or the goal; None for a count."""
        if not self.indicator.is_rate:
            return None
        return len(self.due) if self.indicator.goal is None else self.indicator.goal


def explain(session: Session, *, school_id: int, district_id: int, code: str, as_of: date) -> Explained:
    """Counts an indicator anew for one school and day, with every child or item by name.

    `as_of` is the last day counted: of a closed month or term its end. Runs in the school's own scope.
    """
    indicator = INDICATORS[code]
    calendar = queries.calendar_of(session, district_id, [as_of])
    rows = session.execute(text(explaining_sql(code)), calendar.wanted([(school_id, as_of)])).all()
    names = _names(session, indicator, {row.item for row in rows if row.item is not None})
    due = [Counted(row.item, row.day, row.is_counted, *names.get(row.item, ("", ""))) for row in rows]
    # What is missing first: that is what the page is opened for.
    ordered = sorted(due, key=lambda one: (one.is_counted, one.day or as_of, one.detail, one.name))
    return Explained(indicator, as_of, ordered)


def _names(session: Session, indicator: Indicator, ids: set[int]) -> Mapping[int, tuple[str, str]]:
    """What items are called: (name, class of a child), by id."""
    if not ids:
        return {}
    kind = indicator.items or "children"
    if kind in ("children", "must_visits"):
        same = (SchoolClass.school_id == Pupil.school_id) & (SchoolClass.id == Pupil.class_id)
        query = select(Pupil.id, Pupil.name, SchoolClass.code).join(SchoolClass, same)
        rows = session.execute(query.where(Pupil.id.in_(ids)))
        return {row[0]: (row[1], row[2]) for row in rows}
    if kind not in _NAMED:
        return {}
    key, name = _NAMED[kind]
    return {row[0]: (row[1], "") for row in session.execute(select(key, name).where(key.in_(ids)))}


_NAMED: Mapping[str, tuple[InstrumentedAttribute[int], InstrumentedAttribute[str]]] = {
    "class_weeks": (SchoolClass.id, SchoolClass.code),
    "teachers": (Staff.id, Staff.name),
    "sessions": (ParentsSession.id, ParentsSession.topic),
    "lectures": (Activity.id, Activity.title),
    "filings": (Term.id, Term.name),
}
