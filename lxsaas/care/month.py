"""A month of care for some pupils: who has had what, who is still waiting; always three queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select
from sqlalchemy.orm import Session

from lxsaas.care.messages import MONTHLY
from lxsaas.care.models import CareKind
from lxsaas.care.queries import district_of, latest_by_kind
from lxsaas.core.clock import month_end, month_start
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.queries import enrolled, left_behind


@dataclass(frozen=True)
class MonthRow:
    """One pupil's month: for each kind done the last day."""

    pupil: Pupil
    is_target: bool
    last_days: dict[CareKind, date]

    @property
    def missing(self) -> tuple[CareKind, ...]:
        """What is owed in the month and was not done yet; nothing for who is no care target."""
        return tuple(kind for kind in MONTHLY if kind not in self.last_days) if self.is_target else ()


def month_rows(
    session: Session, pupils: Select[Pupil], month: date, *, today: date, school_id: int
) -> list[MonthRow]:
    """A row for each of `pupils` enrolled on the month's as-of day, care targets first, by their names.

    The as-of day is the month's last, or today while the month is running (domain: Indicators).
    """
    as_of = min(month_end(month), today)
    definition = session.scalars(district_of(school_id)).one().care_definition
    found = pupils.where(enrolled(as_of)).add_columns(left_behind(definition, as_of))
    rows = [(pupil, is_target) for pupil, is_target in session.execute(found)]
    done: dict[int, dict[CareKind, date]] = {pupil.id: {} for pupil, _ in rows}
    for pupil_id, kind, last_day, _count in session.execute(latest_by_kind(done, month_start(month), as_of)):
        done[pupil_id][CareKind(kind)] = last_day
    made = [MonthRow(pupil, is_target, done[pupil.id]) for pupil, is_target in rows]
    return sorted(made, key=lambda row: not row.is_target)


def tally(rows: Sequence[MonthRow]) -> list[tuple[CareKind, int, int]]:
    """(kind, care targets served, care targets) for each kind that is owed monthly."""
    targets = [row for row in rows if row.is_target]
    return [(kind, sum(kind in row.last_days for row in targets), len(targets)) for kind in MONTHLY]
