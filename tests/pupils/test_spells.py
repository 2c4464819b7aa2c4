"""Spells equal a day-by-day evaluation of each definition over the same absences."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lxsaas.core.clock import add_months
from lxsaas.pupils.definitions import DEFINITIONS, Definition
from lxsaas.pupils.spells import Absence, Facts, derive_spells

FIRST = date(2025, 1, 15)
days = st.integers(0, 300).map(lambda offset: FIRST + timedelta(days=offset))


@st.composite
def absences(draw: st.DrawFn) -> list[Absence]:
    """Absences of the parents that do not overlap for one parent, as the database demands."""
    found = []
    for parent in ("father", "mother", "unknown"):
        edges = sorted(draw(st.sets(days, max_size=4)))
        for first, after in zip(edges[::2], edges[1::2], strict=False):
            found.append(Absence(parent, first, after))
        if len(edges) % 2:
            found.append(Absence(parent, edges[-1], None))
    return found


facts = st.builds(
    Facts,
    born_on=st.sampled_from([date(2009, 6, 1), date(2016, 2, 29)]),
    is_rural=st.booleans(),
    grade=st.integers(1, 10),
    absences=absences(),
    other_unable=st.booleans(),
)


def kind_on(day: date, definition: Definition, child: Facts) -> str | None:
    """What the domain document says of one day, straight from its words."""
    away = {
        absence.parent
        for absence in child.absences
        if add_months(absence.starts_on, definition.months) <= day
        and (absence.ends_on is None or day < absence.ends_on)
    }
    if definition.below_age and day >= add_months(child.born_on, 12 * definition.below_age):
        return None
    if definition.rural_only and not child.is_rural:
        return None
    if definition.grades and not definition.grades[0] <= child.grade <= definition.grades[1]:
        return None
    if len(away) >= 2:
        return "both"
    alone = definition.one_parent or (definition.one_if_other_unable and child.other_unable)
    return "one" if away and alone else None


@given(facts)
def test_spells_hold_on_just_the_days_of_their_definition(child: Facts) -> None:
    spells = derive_spells(child)
    for definition in DEFINITIONS.values():
        mine = [spell for spell in spells if spell.definition == definition.code]
        for offset in range(0, 700, 3):
            day = FIRST + timedelta(days=offset)
            covering = [s.kind for s in mine if s.starts_on <= day and (s.ends_on is None or day < s.ends_on)]
            expected = kind_on(day, definition, child)
            assert covering == ([expected] if expected else [])


@given(facts)
def test_spells_of_a_definition_are_in_order_and_as_long_as_they_can_be(child: Facts) -> None:
    spells = derive_spells(child)
    for before, after in zip(spells, spells[1:], strict=False):
        if before.definition == after.definition:
            assert before.ends_on is not None
            assert before.ends_on <= after.starts_on
            assert (before.ends_on, before.kind) != (after.starts_on, after.kind)
