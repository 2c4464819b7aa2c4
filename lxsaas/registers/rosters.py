"""Children tapped onto a row: who was there, who is invited, whose family came.

A roster is a table beside the register's: a row for each child, or for each member of a family who came.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.core.db import SchoolOwned, table_of
from lxsaas.core.errors import RuleError
from lxsaas.core.versioned import Entered
from lxsaas.pupils.models import Guardian, Pupil
from lxsaas.schools.models import SchoolClass

Person = tuple[int, int | None]
"""A child, and who of its family came: None for somebody of whom nobody said more."""


@dataclass(frozen=True)
class Rule:
    """Children who are put on a roster at once, such as those whose birthday lies in the month."""

    code: str
    label: str
    """Message id."""
    narrow: Callable[[Session, Select[Pupil], Any, date], Select[Pupil]]
    """From the children within reach, the row and the day at the school to those who are meant."""
    of_after: bool = False
    """Whether it means who stands on the roster before: offered where somebody does."""


@dataclass(frozen=True)
class Roster:
    """One list of children of a register's rows."""

    name: str
    """As in the address: 'participants'."""
    model: type[SchoolOwned]
    row: str
    """The column that names the row: 'activity_id'."""
    title: str
    """Message id."""
    add: str
    """Message id of the button that opens the list."""
    icon: str = "users"
    with_family: bool = False
    """Whether it is told who of the family came: a column `guardian_id`."""
    after: "Roster | None" = None
    """The roster whose children stand first here: who was invited comes before who was not."""
    rules: tuple[Rule, ...] = ()


def tap(
    session: Session,
    roster: Roster,
    row: Entered,
    *,
    put: Collection[Person] = (),
    take: Collection[Person] = (),
    by: int,
) -> None:
    """Puts people on a row's roster and takes others off; who stands there already, stays once.

    Raises RuleError where the row was withdrawn in the meantime.
    """
    session.refresh(row, with_for_update={"key_share": True})
    if row.withdrawn_at is not None:
        raise RuleError("row_withdrawn")
    table = table_of(roster.model)
    for pupil_id, guardian_id in take:
        session.execute(delete(table).where(*_of(roster, row), *_is(roster, pupil_id, guardian_id)))
    mine = {"school_id": row.school_id, roster.row: row.id}
    rows = [{**mine, **_columns(roster, one)} for one in sorted(put, key=str)]
    if rows:
        session.execute(insert(table).on_conflict_do_nothing(), rows)
    audit(
        session, f"note_{row.__tablename__}", row.__tablename__, row.id, school_id=row.school_id, by=by,
        roster=roster.name, put=_children(put), taken=_children(take),
    )  # fmt: skip
    session.flush()


def people_on(roster: Roster, row: Entered, pupils: Select[Pupil]) -> Select[Any]:
    """(pupil_id, guardian_id) of those of `pupils` who stand on a row's roster."""
    table = table_of(roster.model)
    guardian = table.c.guardian_id if roster.with_family else None
    ids = pupils.order_by(None).with_only_columns(Pupil.id)
    query = select(table.c.pupil_id) if guardian is None else select(table.c.pupil_id, guardian)
    return query.where(*_of(roster, row), table.c.pupil_id.in_(ids))


def children_on(roster: Roster, rows: Iterable[Entered]) -> Select[int, int]:
    """(row's id, how many children) on the roster of some rows; rows without any are left out."""
    table = table_of(roster.model)
    column = table.c[roster.row]
    return (
        select(column, func.count(table.c.pupil_id.distinct()))
        .where(column.in_([row.id for row in rows]))
        .group_by(column)
    )


def names_on(roster: Roster, row: Entered, pupils: Select[Pupil]) -> Any:
    """(pupil_id, name, class, name and relation of who came) of those of `pupils` on a row's roster.

    A Select; the last two only where it is told who came.
    """
    table = table_of(roster.model)
    same_class = (SchoolClass.school_id == Pupil.school_id) & (SchoolClass.id == Pupil.class_id)
    query = (
        select(Pupil.id, Pupil.name, SchoolClass.code)
        .join(table, (table.c.school_id == Pupil.school_id) & (table.c.pupil_id == Pupil.id))
        .join(SchoolClass, same_class)
        .where(*_of(roster, row), Pupil.id.in_(pupils.order_by(None).with_only_columns(Pupil.id)))
        .order_by(SchoolClass.code, Pupil.pinyin, Pupil.id)
    )
    if not roster.with_family:
        return query
    came = (Guardian.school_id == table.c.school_id) & (Guardian.id == table.c.guardian_id)
    return query.outerjoin(Guardian, came).add_columns(Guardian.name, Guardian.relation)


def on_roster(roster: Roster, row: Entered) -> Select[int]:
    """Ids of the children on a row's roster."""
    table = table_of(roster.model)
    return select(table.c.pupil_id).where(*_of(roster, row))


def _of(roster: Roster, row: Entered) -> tuple[Any, ...]:
    table = table_of(roster.model)
    return table.c.school_id == row.school_id, table.c[roster.row] == row.id


def _is(roster: Roster, pupil_id: int, guardian_id: int | None) -> tuple[Any, ...]:
    table = table_of(roster.model)
    if not roster.with_family:
        return (table.c.pupil_id == pupil_id,)
    return table.c.pupil_id == pupil_id, table.c.guardian_id.is_not_distinct_from(guardian_id)


def _children(people: Collection[Person]) -> list[int]:
    return sorted({pupil_id for pupil_id, _ in people})


def _columns(roster: Roster, person: Person) -> dict[str, Any]:
    pupil_id, guardian_id = person
    return {"pupil_id": pupil_id} | ({"guardian_id": guardian_id} if roster.with_family else {})
