"""Every indicator of random districts equals what is counted by hand, at every level."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from lxsaas.extensions import session_for
from lxsaas.indicators import engine
from lxsaas.indicators.models import DistrictIndicator, SchoolIndicator
from tests.factories import Factory, Place
from tests.indicators.oracle import Figures, count_by_hand
from tests.indicators.random_districts import LENGTH, Dice, dice, sizes
from tests.indicators.small_cells_by_hand import Key, Shown, of_school, of_sum
from tests.indicators.world_data import DistrictData
from tests.indicators.worlds import BuiltDistrict, build_district

pytestmark = pytest.mark.usefixtures("in_app")

CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
few_examples = settings(max_examples=12, deadline=None, suppress_health_check=CHECKS)
offsets = st.integers(10, LENGTH)


def stored(school: Place) -> Figures:
    """A school's rows as they stand."""
    with session_for(school.scope) as session:
        rows = session.scalars(select(SchoolIndicator))
        return {(row.indicator, row.starts_on): (row.numerator, row.denominator) for row in rows}


def published(built: BuiltDistrict) -> dict[tuple[str, int], dict[Key, Shown]]:
    """Everything the district sees, by level and unit."""
    found: dict[tuple[str, int], dict[Key, Shown]] = {}
    with session_for(built.place.scope) as session:
        for row in session.scalars(select(DistrictIndicator)):
            shown = Shown(row.numerator, row.denominator, row.hidden, row.slack, row.schools_reporting)
            found.setdefault((row.level, row.unit_id), {})[row.indicator, row.starts_on] = shown
    return found


def published_by_hand(
    built: BuiltDistrict, data: DistrictData, figures: list[Figures]
) -> dict[tuple[str, int], dict[Key, Shown]]:
    """What should be shown of these figures of the schools."""
    found = {
        ("school", school.place.id): {key: of_school(key[0], parts) for key, parts in one.items()}
        for school, one in zip(built.schools, figures, strict=True)
    }
    groups = {("district", built.place.id): figures}
    for number, township in enumerate(built.townships):
        members = [
            one for one, school in zip(figures, data.schools, strict=True) if school.township == number
        ]
        if members:
            groups["township", township] = members
    for unit, members in groups.items():
        found[unit] = {key: of_sum(key[0], [one[key] for one in members]) for key in members[0]}
    return found


def check(built: BuiltDistrict, data: DistrictData, figures: list[Figures]) -> None:
    """Compares all that stands in the database, at every level, with these figures of the schools."""
    for school, expected in zip(built.schools, figures, strict=True):
        assert stored(school.place) == expected
    assert published(built) == published_by_hand(built, data, figures)


@few_examples
@given(dice=dice, sizes=sizes, offset=offsets)
def test_a_day_with_its_month_and_term_equals_a_count_by_hand(
    factory: Factory, dice: Dice, sizes: list[int], offset: int
) -> None:
    data = dice.district(sizes)
    day: date = dice.season + timedelta(days=offset)
    built = build_district(factory, data)
    engine.run_as_of(built.place.id, day)
    check(built, data, [count_by_hand(data, school, day) for school in data.schools])
