"""One child's file as far as somebody may see it: what a level does not open is not loaded (P8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from lxsaas.archive import five_known, queries
from lxsaas.archive.models import ChildProfile, Entrustment, TemporaryGuardian
from lxsaas.core.clock import add_months
from lxsaas.pupils import reach
from lxsaas.pupils.levels import Part
from lxsaas.pupils.models import Guardian, LeftBehindSpell, ParentAbsence, Pupil
from lxsaas.pupils.queries import spells_of
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
    school_id, today = pupil.school_id, reach.today()
    shared: dict[str, Any] = {
        "pupil": pupil,
        "parts": parts,
        "school_class": session.get_one(SchoolClass, (school_id, pupil.class_id)),
        "family": reach.seen_family(pupil, parts),
        "absences": reach.seen_absences(pupil, parts),
        "spells": session.scalars(spells_of(school_id, [pupil.id])).all(),
    }
    if Part.AID not in parts:
        return ChildFile(**shared)
    profile = session.scalars(queries.profiles_of(school_id, [pupil.id])).one_or_none()
    temporary = session.scalars(queries.temporary_guardians_of(school_id, [pupil.id])).all()
    now = [one for one in temporary if one.starts_on <= today and (not one.ends_on or one.ends_on > today)]
    return ChildFile(
        **shared,
        profile=profile,
        temporary=[one for one in temporary if not one.ends_on or one.ends_on > today],
        entrustment=session.scalars(
            queries.entrustments_of(school_id, [pupil.id], today).limit(1)
        ).one_or_none(),
        missing=five_known.missing(pupil, profile, shared["family"], now),
    )


def lives_alone(file: ChildFile) -> bool:
    """Whether a child under 16 lives alone, which the law forbids (art. 21)."""
    alone = file.profile is not None and file.profile.lives_with == "alone"
    return alone and add_months(file.pupil.born_on, 12 * 16) > reach.today()
