"""A page of a list in memory, or of a query's rows; lists of objects use Flask-SQLAlchemy's Pagination."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar

from sqlalchemy import Row, Select, func, literal, select
from sqlalchemy.orm import Session

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True)
class Page(Generic[T]):
    """Items of one page, with the fields that the pager needs."""

    items: Sequence[T]
    page: int
    pages: int
    total: int

    @classmethod
    def of(cls, items: Sequence[T], page: int, size: int) -> Self:
        """Page number `page` (from 1; beyond the end it is the last) of `size` items each."""
        pages = max(-(-len(items) // size), 1)
        page = min(max(page, 1), pages)
        return cls(items[(page - 1) * size : page * size], page, pages, len(items))

    def mapped(self, make: Callable[[T], U]) -> "Page[U]":
        """The same page with what `make` makes of each item."""
        return Page([make(one) for one in self.items], self.page, self.pages, self.total)

    @property
    def has_prev(self) -> bool:
        return self.page > 1

    @property
    def has_next(self) -> bool:
        return self.page < self.pages

    @property
    def prev_num(self) -> int | None:
        return self.page - 1 if self.has_prev else None

    @property
    def next_num(self) -> int | None:
        return self.page + 1 if self.has_next else None


def page_of_rows(
    session: Session, query: Select[*tuple[Any, ...]], page: int, size: int
) -> Page[Row[*tuple[Any, ...]]]:
    """The same of a query with several columns, of which the database counts all and reads one page."""
    one = query.order_by(None).with_only_columns(literal(1), maintain_column_froms=True)
    total = session.scalar(select(func.count()).select_from(one.subquery())) or 0
    pages = max(-(-total // size), 1)
    page = min(max(page, 1), pages)
    rows = session.execute(query.limit(size).offset((page - 1) * size)).all()
    return Page(rows, page, pages, total)
