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
    """In the reader's language, short: '12 of 45'."""
    count: int = 1
    url: str | None = None


Source = Callable[[Session, Pupil, date], Iterable[Moment]]
"""Called with a child within the reader's reach and the day at the school; a fixed number of queries."""

_sources: list[Source] = []


def add_source(source: Source) -> None:
    """Adds a source to every child's timeline, once."""
    if source not in _sources:
        _sources.append(source)


def moments_of(session: Session, pupil: Pupil, today: date) -> list[Moment]:
    """What all sources tell of a child, in the order of the sources."""
    return [moment for source in _sources for moment in source(session, pupil, today)]
