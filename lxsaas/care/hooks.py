"""What layers above do when care is recorded, in the same transaction."""

from collections.abc import Callable, Collection, Mapping
from datetime import date

from sqlalchemy.orm import Session

from lxsaas.care.models import CareKind

CareRecorded = Callable[[Session, int, Collection[tuple[int, int]], CareKind, date, int], object]
"""Called with the session, the school's id, (record, pupil) pairs, the kind, the day and who recorded it."""
CareUnrecorded = Callable[[Session, int, int], object]
"""Called with the session, the school's id and a record's id: withdrawn, or its kind or day changed."""

care_recorded: list[CareRecorded] = []
care_unrecorded: list[CareUnrecorded] = []

LetterCounts = Callable[[Session, Collection[int], date, date], Mapping[str, Mapping[int, int]]]
"""Called with the session, pupils and the first and last day: placeholder's code -> pupil -> count."""

letter_counts: list[LetterCounts] = []
"""Figures of a child that layers above add to letters to parents."""
