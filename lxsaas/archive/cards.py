"""The contact card (联系卡): what a teacher needs in a hurry, one page a child; also for a whole class."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from lxsaas.archive import queries
from lxsaas.archive.models import ChildProfile, Entrustment, TemporaryGuardian
from lxsaas.core.crypto import school_cipher
from lxsaas.pupils.models import Guardian, Pupil
from lxsaas.pupils.queries import families_of
from lxsaas.pupils.secrets import Opened, open_secrets
from lxsaas.schools.models import SchoolClass


@dataclass(frozen=True)
class Card:
    """One child's card, opened."""

    pupil: Pupil
    school_class: SchoolClass
    teachers: str
    """Names of the homeroom teachers."""
    family: Sequence[Guardian]
    temporary: Sequence[TemporaryGuardian]
    entrustment: Entrustment | None
    profile: ChildProfile | None
    opened: Opened


def cards_of(session: Session, pupils: Sequence[Pupil], *, on: date, by: int) -> list[Card]:
    """The cards of some pupils of one school, in a constant number of queries; one log entry a child.

    To be shown only where the caller commits the entries.
    """
    if not pupils:
        return []
    school_id, ids = pupils[0].school_id, [pupil.id for pupil in pupils]
    family = _by_pupil(session.scalars(families_of(school_id, ids)))
    temporary = _by_pupil(session.scalars(queries.temporary_guardians_of(school_id, ids, on)))
    entrusted = _by_pupil(session.scalars(queries.entrustments_of(school_id, ids, on)))
    profiles = _by_pupil(session.scalars(queries.profiles_of(school_id, ids)))
    classes = {one.id: one for one in session.scalars(queries.classes_of(school_id, pupils))}
    teachers = defaultdict(list)
    for class_id, name in session.execute(queries.teachers_of(school_id, list(classes), on)):
        teachers[class_id].append(name)
    cipher = school_cipher(session, school_id)
    cards = []
    for pupil in pupils:
        held = [family[pupil.id], temporary[pupil.id], entrusted[pupil.id], profiles[pupil.id]]
        rows = [pupil, *(row for some in held for row in some)]
        cards.append(
            Card(
                pupil=pupil,
                school_class=classes[pupil.class_id],
                teachers=" ".join(teachers[pupil.class_id]),
                family=held[0],
                temporary=held[1],
                entrustment=next(iter(held[2]), None),
                profile=next(iter(held[3]), None),
                opened=open_secrets(session, cipher, pupil, rows, by=by, why="card"),
            )
        )
    return cards


def _by_pupil(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.pupil_id].append(row)
    return found
