"""Levels of access to a child's file (P8): how somebody reaches the child, and which parts that opens.

One table in code. A part that a level does not have is not loaded at all: what no query fetched, no template,
export or error can show.
"""

from collections.abc import Mapping
from enum import StrEnum


class Level(StrEnum):
    """How somebody reaches a child; the widest that applies counts."""

    WHOLE_SCHOOL = "whole_school"
    """Principal and archive keeper."""
    OWN_CLASS = "own_class"
    """The homeroom teacher."""
    COUNSELLED = "counselled"
    """The counsellor of an open case."""
    ASSIGNED = "assigned"
    """Subject teacher of a help plan, helper, acting parent."""


class Part(StrEnum):
    """Parts of the file."""

    BASICS = "basics"
    """Sex, birth, class, household, boarding, absences of the parents and what follows from them."""
    AID = "aid"
    """Whether the child needs and receives aid, is an orphan, its register number."""
    HEALTH = "health"
    """The register's code of health and of a disability."""
    FAMILY = "family"
    """Who belongs to the family, in which relation, who is at home."""
    WORK = "work"
    """Where the parents work, and what they do."""
    TEXTS = "texts"
    """Sealed: character, interests, health and medical history."""
    NUMBERS = "numbers"
    """Sealed: identity number, telephones, addresses."""


SEALED = frozenset({Part.TEXTS, Part.NUMBERS})
"""Opened on demand only, by those with VIEW_SECRETS; each sight is logged."""
_WIDE = frozenset(Part)
PARTS: Mapping[Level, frozenset[Part]] = {
    Level.WHOLE_SCHOOL: _WIDE,
    Level.OWN_CLASS: _WIDE,
    Level.COUNSELLED: frozenset({Part.BASICS, Part.FAMILY, Part.HEALTH, Part.WORK}),
    Level.ASSIGNED: frozenset({Part.BASICS, Part.FAMILY}),
}

COLUMNS: Mapping[str, Part] = {
    "identity_sealed": Part.NUMBERS,
    "identity_digest": Part.NUMBERS,
    "phone_sealed": Part.NUMBERS,
    "phone_digest": Part.NUMBERS,
    "address_sealed": Part.NUMBERS,
    "national_number": Part.AID,
    "needs_aid": Part.AID,
    "receives_aid": Part.AID,
    "is_orphan": Part.AID,
    "health": Part.HEALTH,
    "disability": Part.HEALTH,
    "workplace": Part.WORK,
    "duty": Part.WORK,
    "place": Part.WORK,
}
"""Columns of pupil, guardian and absence that belong to another part than BASICS or FAMILY."""


def parts_for(level: Level, *, may_open: bool) -> frozenset[Part]:
    """The parts of a file at a level; the sealed ones only with `may_open` (VIEW_SECRETS)."""
    return PARTS[level] if may_open else PARTS[level] - SEALED


def hidden_columns(parts: frozenset[Part]) -> list[str]:
    """The columns that must not be loaded for somebody who may see these parts.

    Sealed columns are loaded for the wide levels even without `may_open`: whether one is filled is no secret.
    """
    seen = parts | (SEALED if Part.AID in parts else frozenset())
    return [column for column, part in COLUMNS.items() if part not in seen]
