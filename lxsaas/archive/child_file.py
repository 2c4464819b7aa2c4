"""One child's file as far as somebody may see it: what a level does not open is not loaded (P8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from lxsaas.archive import five_known, queries
from lxsaas.archive.law import ALONE_BELOW_AGE
from lxsaas.archive.models import ChildProfile, Entrustment, TemporaryGuardian
from lxsaas.core.clock import add_months
from lxsaas.pupils import reach
from lxsaas.pupils.levels import Part
from lxsaas.pupils.models import Guardian, LeftBehindSpell, ParentAbsence, Pupil
from lxsaas.pupils.queries import absences_of, family_of, spells_of
from lxsaas.schools.models import SchoolClass


@dataclass(frozen=True)
class ChildFile:
    """What a page shows of a child; empty where the viewer's level does not reach."""

    pupil: Pupil
    parts: frozenset[Part]
    school_class: SchoolClass
    family: Sequence[Guardian]
    absences: Sequence[ParentAbsence]
    spells: Sequence[LeftBehindSpell]
    profile: ChildProfile | None = None
    temporary: Sequence[TemporaryGuardian] = ()
    """Those of today and to come."""
    entrustment: Entrustment | None = None
    """The one that holds today."""
    missing: Mapping[str, list[str]] = field(default_factory=dict)
    """For each of the five things what is missing; empty where the viewer does not keep the file."""

    @property
    def keeps(self) -> bool:
        """Whether the viewer keeps the whole file."""
        return Part.AID in self.parts

    @property
    def sealed_rows(self) -> list[Any]:
        """The rows whose sealed fields the file shows."""
        return [self.pupil, self.profile, self.entrustment, *self.family, *self.temporary]


def load_file(session: Session, pupil_id: int) -> ChildFile:
    """The file of a pupil within reach; aborts with 404 for any other."""
    parts = reach.parts_of(pupil_id)
    pupil = reach.seen_pupil(pupil_id, parts)
    if Part.AID in parts:
        return kept_file(session, pupil, reach.today(), parts)
    return ChildFile(
        pupil=pupil,
        parts=parts,
        school_class=session.get_one(SchoolClass, (pupil.school_id, pupil.class_id)),
        family=reach.seen_family(pupil, parts),
        absences=reach.seen_absences(pupil, parts),
        spells=session.scalars(spells_of(pupil.school_id, [pupil.id])).all(),
    )


def kept_file(
    session: Session, pupil: Pupil, today: date, parts: frozenset[Part] = frozenset(Part)
) -> ChildFile:
    """The file of a pupil for whoever keeps the whole of it."""
    school_id, ids = pupil.school_id, [pupil.id]
    family = session.scalars(family_of(school_id, pupil.id)).all()
    profile = session.scalars(queries.profiles_of(school_id, ids)).one_or_none()
    temporary = session.scalars(queries.temporary_guardians_of(school_id, ids)).all()
    open_yet = [one for one in temporary if not one.ends_on or one.ends_on > today]
    now = [one for one in open_yet if one.starts_on <= today]
    return ChildFile(
        pupil=pupil,
        parts=parts,
        school_class=session.get_one(SchoolClass, (school_id, pupil.class_id)),
        family=family,
        absences=session.scalars(absences_of(school_id, ids)).all(),
        spells=session.scalars(spells_of(school_id, ids)).all(),
        profile=profile,
        temporary=open_yet,
        entrustment=session.scalars(queries.entrustments_of(school_id, ids, today).limit(1)).one_or_none(),
        missing=five_known.missing(pupil, profile, family, now),
    )


def lives_alone(file: ChildFile) -> bool:
    """Whether a child under 16 lives alone, which the law forbids (art. 21)."""
    alone = file.profile is not None and file.profile.lives_with == "alone"
    return alone and add_months(file.pupil.born_on, 12 * ALONE_BELOW_AGE) > reach.today()
