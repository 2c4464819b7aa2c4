"""A query's rows as a sheet, read some hundred at a time while the file is written."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Select, func, literal, select
from sqlalchemy.orm import Session

from lxsaas.core.export import Cell, Format, Table
from lxsaas.exports.content import Sheet

TOGETHER = 500
"""Rows that are held at once; what lies beside them, such as names, is looked up for all of them together."""
Lines = Callable[[Sequence[Any]], Iterable[Sequence[Cell]]]
"""From some rows of the query to their lines."""


def sheet_of(
    session: Session,
    query: Select[*tuple[Any, ...]],
    lines: Lines,
    *,
    title: str,
    headings: Sequence[str],
    notes: Sequence[str] = (),
    formats: Sequence[Format] | None = None,
) -> Sheet:
    """The sheet of all rows; texts where no formats are given."""
    one = query.order_by(None).with_only_columns(literal(1), maintain_column_froms=True)
    count = session.scalar(select(func.count()).select_from(one.subquery())) or 0
    kinds: Sequence[Format] = formats or ["text"] * len(headings)
    return Sheet(title, Table(title, notes, headings, kinds, _rows(session, query, lines)), count)


def _rows(session: Session, query: Select[*tuple[Any, ...]], lines: Lines) -> Iterator[Sequence[Cell]]:
    # A cursor of the server's: the result is never here as a whole.
    for rows in session.execute(query.execution_options(yield_per=TOGETHER)).partitions():
        yield from lines(rows)
