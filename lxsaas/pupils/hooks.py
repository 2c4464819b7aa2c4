"""What layers above add to the archive: who hears of changed pupils, and where else a number may stand."""

from collections.abc import Callable, Collection
from datetime import date
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

PupilsChanged = Callable[[Session, int, Collection[int], date], object]
"""Called with the session, the school's id, ids of pupils whose rows or families changed, and the day."""

pupils_changed: list[PupilsChanged] = []

NumberFinder = Callable[[bytes], Select[int]]
"""From the keyed hash of a number to the ids of the pupils in whose files it stands."""

number_finders: list[NumberFinder] = []

secrets_erased: list[Callable[[Session, int, int, int], object]] = []
"""Called with the session and the ids of the school, the pupil and who does it, when a family has had
secrets of a file erased."""

carried_models: list[type[Any]] = []
"""Registers whose rows in force go along, as rows, when a child transfers to another school.

Their columns refer to the pupil and to nothing else of the school.
"""
