"""A page of a list that is already in memory; lists in the database use Flask-SQLAlchemy's Pagination."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

T = TypeVar("T")


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
