"""No arithmetic on what the district is shown tells one child from two: every district that fits is tried."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.indicators.districts import Figures, is_small, summed

DAY = date(2024, 3, 1)
MOST = 4
"""Pupils of a school that are tried; beyond three nothing is hidden."""


@dataclass(frozen=True)
class World:
    """A school as it may be: enrolled, of them left behind, of them targets, of them talked to."""

    enrolled: int
    left_behind: int
    targets: int
    talked: int

    def figures(self) -> Figures:
        return {
            ("left_behind_share", DAY): (self.left_behind, self.enrolled),
            ("care_targets", DAY): (self.targets, None),
            ("talk_monthly", DAY): (self.talked, self.targets),
        }


WORLDS = [
    World(enrolled, left_behind, targets, talked)
    for enrolled in range(MOST + 1)
    for left_behind in range(enrolled + 1)
    for targets in range(left_behind + 1)
    for talked in range(targets + 1)
]
worlds = st.sampled_from(WORLDS)
Shown = tuple[object, ...]


def shown(district: tuple[World, ...]) -> Shown:
    """What is published; `test_figures` compares the database with the same two functions."""
    figures = [world.figures() for world in district]
    each = tuple(
        tuple("<3" if is_small(key[0], parts) else parts for key, parts in one.items()) for one in figures
    )
    return each, tuple(summed(figures).values())


def fitting(district: tuple[World, ...]) -> Iterator[tuple[World, ...]]:
    seen = shown(district)
    return (other for other in product(WORLDS, repeat=len(district)) if shown(other) == seen)


@settings(max_examples=15, deadline=None)
@given(st.tuples(worlds, worlds))
def test_what_is_hidden_stays_open(district: tuple[World, ...]) -> None:
    possible = list(fitting(district))
    for number, world in enumerate(district):
        figures = world.figures()
        if is_small("care_targets", figures["care_targets", DAY]):
            assert {other[number].targets for other in possible} == {1, 2}
            assert len({other[number].talked for other in possible}) > 1
        if is_small("left_behind_share", figures["left_behind_share", DAY]):
            assert len({other[number].enrolled for other in possible}) > 1
            assert len({other[number].left_behind for other in possible}) > 1


def test_two_pupils_with_nobody_left_behind_are_hidden_too() -> None:
    assert shown((World(2, 0, 0, 0),))[0] == (("<3", (0, None), (0, 0)),)
