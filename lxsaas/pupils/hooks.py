"""What layers above add to the archive: who hears of changed pupils, and where else a number may stand."""

from collections.abc import Callable, Collection
from datetime import date

from sqlalchemy import Select
from sqlalchemy.orm import Session

PupilsChanged = Callable[[Session, int, Collection[int], date], object]
"""Called with the session, the school's id, ids of pupils whose rows or families changed, and the day."""

pupils_changed: list[PupilsChanged] = []

NumberFinder = Callable[[bytes], Select[int]]
"""From the keyed hash of a number to the ids of the pupils in whose files it stands."""

number_finders: list[NumberFinder] = []
