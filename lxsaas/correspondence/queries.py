"""Reads of threads: for the district all of its own, for a school (by row security too) its own alone."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from lxsaas.core.pinyin import escaped_like
from lxsaas.correspondence.definitions import Side
from lxsaas.correspondence.models import CorrespondenceThread as Thread
from lxsaas.correspondence.models import DistrictMessage, SchoolMessage
from lxsaas.schools.models import School

Townships = frozenset[int] | None
"""To whose schools somebody of the district is limited; None: to none."""


@dataclass(frozen=True)
class Reach:
    """What of a district's threads somebody sees."""

    unit_id: int | None = None
    """Those of one school; None: of all."""
    township_ids: Townships = None
    sees_harm: bool = True
    """Whether also those about suspected harm (`Permission.VIEW_HARM_STATES`, `FOLLOW_HARM`)."""

    def conditions(self) -> list[ColumnElement[bool]]:
        """Over threads joined with their schools."""
        found: list[ColumnElement[bool]] = []
        if not self.sees_harm:
            found.append(Thread.is_confidential.is_(False))
        if self.unit_id is not None:
            found.append(Thread.unit_id == self.unit_id)
        if self.township_ids is not None:
            found.append(School.township_id.in_(self.township_ids))
        return found


EVERYTHING = Reach()


def threads_of(district_id: int, reach: Reach = EVERYTHING) -> Select[Thread, str]:
    """Each thread in reach with its school's name."""
    return (
        select(Thread, School.name)
        .join(School, School.id == Thread.unit_id)
        .where(Thread.district_id == district_id, *reach.conditions())
    )


def is_late(today: date) -> ColumnElement[bool]:
    return (Thread.state == "open") & (Thread.due_on < today)


def shown_as(state: str, today: date) -> ColumnElement[bool]:
    """The condition of one of `definitions.SHOWN`; of anything else that it is not closed."""
    return {
        "open": Thread.state == "open",
        "late": is_late(today),
        "answered": Thread.state == "answered",
        "closed": Thread.state == "closed",
        "all": Thread.id.is_not(None),
    }.get(state, Thread.state != "closed")


def about(words: str) -> ColumnElement[bool]:
    """Whose title, or whose school's name, has these words."""
    like = f"%{escaped_like(words)}%"
    return or_(Thread.title.ilike(like), School.name.ilike(like))


def order_of(sort: str, side: Side) -> list[Any]:
    """The columns for one of `definitions.SORTS`; of the newest those that wait for one's own side first.

    A notice to four hundred schools does not bury the answer that came before it.
    """
    newest = [waits_for(side).desc(), Thread.last_at.desc(), Thread.id.desc()]
    first: dict[str, Any] = {
        "due": Thread.due_on.asc().nulls_last(), "school": School.name, "kind": Thread.kind,
    }  # fmt: skip
    return [first[sort], *newest] if sort in first else newest


def messages_of(model: type[DistrictMessage | SchoolMessage], thread: Thread) -> Select[*tuple[Any, ...]]:
    """What one side wrote in a thread."""
    return select(model).where(
        model.district_id == thread.district_id,
        model.unit_id == thread.unit_id,
        model.thread_id == thread.id,
    )


def waits_for(side: Side) -> ColumnElement[bool]:
    """Threads in which the next word is this side's: an answer that is due, or one to be judged."""
    asked = Thread.kind == "difficulty" if side == "district" else Thread.kind != "difficulty"
    return (asked & (Thread.state == "open")) | (~asked & (Thread.state == "answered"))


def waiting_count(side: Side, today: date, district_id: int, reach: Reach = EVERYTHING) -> Select[int, int]:
    """How many threads in reach wait for a side, and how many of these are late."""
    threads = threads_of(district_id, reach).where(waits_for(side))
    late = func.count().filter(is_late(today))
    return threads.with_only_columns(func.count(), late, maintain_column_froms=True)


def open_requests(district_id: int, reach: Reach) -> Select[*tuple[Thread]]:
    """What the district has asked of a school and is not closed, the most urgent first."""
    return (
        threads_of(district_id, reach)
        .with_only_columns(Thread)
        .where(Thread.kind != "difficulty", Thread.state != "closed")
        .order_by(Thread.due_on.asc().nulls_last(), Thread.id.desc())
    )


def threads_about_alarm(district_id: int, alarm_id: int, reach: Reach) -> Select[Thread, str]:
    """What was asked because of an alarm."""
    return threads_of(district_id, reach).where(Thread.alarm_id == alarm_id).order_by(Thread.id)


def schools_of(
    district_id: int, township_ids: Townships = None, township_id: int | None = None
) -> Select[int, str]:
    """Id and name of the district's schools in reach, or of those of one township, by name."""
    query = select(School.id, School.name).where(School.district_id == district_id).order_by(School.name)
    if township_ids is not None:
        query = query.where(School.township_id.in_(township_ids))
    return query if township_id is None else query.where(School.township_id == township_id)
