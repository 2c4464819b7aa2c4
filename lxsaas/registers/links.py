"""Colleagues and children who belong to a row: ticked in its form, kept beside it and in its past."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from lxsaas.core.db import Base
from lxsaas.core.versioned import Link


def links_of(model: type[Any]) -> tuple[Link, ...]:
    """The lists that belong to the rows of a model."""
    return tuple(getattr(model, "LINKED", ()))


def linked_by_row(
    session: Session, model: type[Any], row_ids: Iterable[int]
) -> Mapping[int, Mapping[str, list[int]]]:
    """Who belongs to some rows, by row and field, in one query a list."""
    ids = list(row_ids)
    found: dict[int, dict[str, list[int]]] = {
        one: {link.field: [] for link in links_of(model)} for one in ids
    }
    for link in links_of(model) if ids else ():
        table = Base.metadata.tables[link.table]
        row, other = table.c[link.row_key], table.c[link.other_key]
        for row_id, other_id in session.execute(select(row, other).where(row.in_(ids)).order_by(other)):
            found[row_id][link.field].append(other_id)
    return found


def linked_of(session: Session, row: Any) -> dict[str, list[int]]:
    """Who belongs to one row, by field."""
    return dict(linked_by_row(session, type(row), [row.id])[row.id]) if links_of(type(row)) else {}


def keep_linked(
    session: Session, model: type[Any], school_id: int, row_id: int, values: Mapping[str, Collection[int]]
) -> None:
    """Makes the lists named in `values` what they say; who stays is not written again."""
    held = linked_by_row(session, model, [row_id])[row_id] if links_of(model) else {}
    for link in links_of(model):
        if link.field not in values:
            continue
        table, before, after = (
            Base.metadata.tables[link.table],
            set(held[link.field]),
            set(values[link.field]),
        )
        if gone := before - after:
            here = (table.c.school_id == school_id) & (table.c[link.row_key] == row_id)
            session.execute(delete(table).where(here, table.c[link.other_key].in_(gone)))
        if come := sorted(after - before):
            rows = [{"school_id": school_id, link.row_key: row_id, link.other_key: one} for one in come]
            session.execute(insert(table), rows)
