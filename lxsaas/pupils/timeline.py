"""A child's timeline: features put what they know of a child's course into it when they are imported.

Nothing confidential: whoever reaches the child sees the whole picture.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy.orm import Session

from lxsaas.pupils.models import Pupil

Mark = Literal["span", "count", "event"]
"""A time that lasts, a number in a month, or something on a day."""


@dataclass(frozen=True)
class Moment:
    """Something in a child's course."""

    lane: str
    """What it belongs to, in the reader's language: 'Home visit'; moments of one lane share a line."""
    mark: Mark
    starts_on: date
    """The day; of a count any day of its month."""
    ends_on: date | None = None
    """Of a span the first day on which it is no longer so; None: it lasts."""
    text: str = ""
    """In the reader's language: 'Mid-term exam 12 of 45'."""
    short: str = ""
    """What stands beside the mark where there is room: '12/45'."""
    count: int = 1
    url: str | None = None


Source = Callable[[Session, Pupil, date], Iterable[Moment]]
"""Called with a child within the reader's reach and the day at the school; a fixed number of queries."""

_sources: dict[Source, int] = {}


def add_source(source: Source, *, order: int = 50) -> None:
    """Adds a source to every child's timeline, once; lanes stand by `order`, the lowest on top."""
    _sources[source] = order


def remove_source(source: Source) -> None:
    """Takes a source out again."""
    _sources.pop(source, None)


def moments_of(session: Session, pupil: Pupil, today: date) -> list[Moment]:
    """What all sources tell of a child, in the order of the sources."""
    sources = sorted(_sources, key=lambda source: _sources[source])
    return [moment for source in sources for moment in source(session, pupil, today)]
