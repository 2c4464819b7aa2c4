"""From dated absences to left-behind spells: pure, for one child at a time.

A child counts on a day under a definition when its condition holds on that day with absences that have lasted
the definition's months by then. Ends are exclusive: the first day on which it is no longer so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from lxsaas.core.clock import add_months
from lxsaas.pupils.definitions import DEFINITIONS, Definition

Parent = Literal["father", "mother", "unknown"]
FOREVER = date.max


@dataclass(frozen=True)
class Absence:
    """A parent is away from `starts_on` until before `ends_on` (None: still)."""

    parent: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True)
class Facts:
    """What definitions ask about a child."""

    born_on: date
    is_rural: bool
    """A household that the register does not classify counts as rural: these are rural schools."""
    grade: int
    absences: Sequence[Absence]
    other_unable: bool = False
    """The parent who is not away is unable to care, or there is none."""


@dataclass(frozen=True)
class Spell:
    definition: str
    version: int
    kind: Literal["both", "one"]
    starts_on: date
    ends_on: date | None


def derive_spells(facts: Facts) -> list[Spell]:
    """The child's spells under every definition, in order, without overlaps."""
    return [spell for definition in DEFINITIONS.values() for spell in _spells_under(definition, facts)]


def _spells_under(definition: Definition, facts: Facts) -> list[Spell]:
    if not _may_count(definition, facts):
        return []
    limit = FOREVER
    if definition.below_age is not None:
        limit = add_months(facts.born_on, 12 * definition.below_age)
    spells: list[Spell] = []
    for first, after, parents in _stretches(definition, facts.absences):
        kind = _kind(definition, facts, parents)
        if kind is not None and first < limit:
            ends_on = None if min(after, limit) == FOREVER else min(after, limit)
            _append(spells, Spell(definition.code, definition.version, kind, first, ends_on))
    return spells


def _may_count(definition: Definition, facts: Facts) -> bool:
    """Whether household and grade let a child count at all."""
    in_grade = definition.grades is None or definition.grades[0] <= facts.grade <= definition.grades[1]
    return in_grade and (facts.is_rural or not definition.rural_only)


def _append(spells: list[Spell], spell: Spell) -> None:
    """Adds a spell, or prolongs the last one that it continues."""
    if spells and spells[-1].kind == spell.kind and spells[-1].ends_on == spell.starts_on:
        spell = replace(spell, starts_on=spells.pop().starts_on)
    spells.append(spell)


def _stretches(definition: Definition, absences: Iterable[Absence]) -> Iterable[tuple[date, date, set[str]]]:
    """Stretches of days on which the same parents are away long enough: first day, day after, parents."""
    counted = []
    for absence in absences:
        begins = add_months(absence.starts_on, definition.months)
        ends = absence.ends_on or FOREVER
        if begins < ends:
            counted.append((absence.parent, begins, ends))
    edges = sorted({edge for _, begins, ends in counted for edge in (begins, ends)})
    for first, after in zip(edges, edges[1:], strict=False):
        parents = {parent for parent, begins, ends in counted if begins <= first < ends}
        if parents:
            yield first, after, parents


def _kind(definition: Definition, facts: Facts, parents: set[str]) -> Literal["both", "one"] | None:
    """Whether these parents' absence makes the child left behind, and how."""
    if len(parents) >= 2:
        return "both"
    if definition.one_parent or (definition.one_if_other_unable and facts.other_unable):
        return "one"
    return None
