"""What a run counts anew and what it leaves: single cases, told by hand. Random districts: test_exact."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from hypothesis import HealthCheck, settings
from sqlalchemy import func, select

from lxsaas.care.models import CareKind
from lxsaas.core.changes import ChangeLog, note_change
from lxsaas.core.scope import ScopedSession, aggregating, operating
from lxsaas.extensions import session_for
from lxsaas.indicators import counting, engine
from lxsaas.indicators.definitions import codes_of
from lxsaas.indicators.models import DistrictIndicator, IndicatorUnit, SchoolIndicator
from lxsaas.schools.commands import district, school
from lxsaas.schools.models import Township
from tests.factories import Factory, Place
from tests.indicators.districts import (
    EPOCH,
    Built,
    Child,
    Figures,
    SchoolData,
    add_child,
    build,
    counted,
)
from tests.indicators.small_cells_by_hand import of_school, of_sum

DEFINITION = "state_council_2016_3m"
CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
few = settings(max_examples=12, deadline=None, suppress_health_check=CHECKS)


def stored(app: Flask, school: Place) -> Figures:
    """A school's rows as they stand."""
    with app.app_context(), session_for(school.scope) as session:
        rows = session.scalars(select(SchoolIndicator))
        return {(row.indicator, row.starts_on): (row.numerator, row.denominator) for row in rows}


def published(app: Flask, built: Built) -> dict[tuple[str, int], dict[tuple[str, date], DistrictIndicator]]:
    """Everything the district sees, by level and unit."""
    found: dict[tuple[str, int], dict[tuple[str, date], DistrictIndicator]] = {}
    with app.app_context(), session_for(built.place.scope) as session:
        for row in session.scalars(select(DistrictIndicator)):
            found.setdefault((row.level, row.unit_id), {})[row.indicator, row.starts_on] = row
    return found


def check(app: Flask, built: Built, data: list[SchoolData], as_of: date) -> None:
    """Compares figures of a day at every level with those counted by hand."""
    expected = [counted(school, as_of, DEFINITION) for school in data]
    shown = published(app, built)
    for place, figures in zip(built.schools, expected, strict=True):
        assert {key: value for key, value in stored(app, place).items() if key in figures} == figures
        for key, parts in figures.items():
            row, hand = shown["school", place.id][key], of_school(key[0], parts)
            assert (row.numerator, row.denominator, row.hidden) == (
                hand.numerator,
                hand.denominator,
                hand.hidden,
            )
    check_sums(shown["district", built.place.id], expected)


def check_sums(rows: dict[tuple[str, date], DistrictIndicator], expected: list[Figures]) -> None:
    for key in expected[0]:
        row, hand = rows[key], of_sum(key[0], [one[key] for one in expected])
        assert (row.numerator, row.denominator, row.slack) == (hand.numerator, hand.denominator, hand.slack)
        assert (row.schools_reporting, row.schools_expected) == (hand.reporting, len(expected))


def talks(app: Flask, school: Place, month: date) -> tuple[int, int | None]:
    return stored(app, school)["talk_monthly", month]


def test_a_change_in_a_closed_month_is_counted_by_the_next_night(app: Flask, factory: Factory) -> None:
    child = Child(EPOCH, None, ((DEFINITION, EPOCH, None),), ())
    built = build(factory, [SchoolData(None, (child,) * 4)])
    school, teacher, pupil = built.schools[0], built.teachers[0], built.pupils[0][0]
    with app.app_context():
        engine.run_as_of(built.place.id, date(2024, 3, 31))
        engine.run_as_of(built.place.id, date(2024, 4, 10))
    assert talks(app, school, date(2024, 3, 1)) == (0, 4)
    factory.care(school, pupil, teacher, CareKind.TALK, date(2024, 3, 5))
    with factory.session(school.scope) as session:
        note_change(session, school_id=school.id, starts_on=date(2024, 3, 5), ends_on=date(2024, 3, 5))
    with app.app_context():
        engine.run_as_of(built.place.id, date(2024, 4, 11))
    assert talks(app, school, date(2024, 3, 1)) == (1, 4)
    assert published(app, built)["district", built.place.id]["talk_monthly", date(2024, 3, 1)].numerator == 1
    with app.app_context(), session_for(school.scope) as session:
        assert session.scalar(select(func.count()).select_from(ChangeLog)) == 0


def test_a_month_whose_last_nights_were_missed_is_finished_later(app: Flask, factory: Factory) -> None:
    child = Child(EPOCH, None, ((DEFINITION, EPOCH, None),), ((CareKind.TALK, date(2024, 3, 30)),))
    built = build(factory, [SchoolData(None, (child,) * 3)])
    with app.app_context():
        engine.run_as_of(built.place.id, date(2024, 3, 28))
    assert talks(app, built.schools[0], date(2024, 3, 1)) == (0, 3)
    with app.app_context():
        engine.run_as_of(built.place.id, date(2024, 4, 2))
    assert talks(app, built.schools[0], date(2024, 3, 1)) == (3, 3)


def test_a_night_is_started_once_however_many_beats_tick(app: Flask, factory: Factory) -> None:
    built = build(factory, [SchoolData(None, ())])
    with app.app_context():
        assert engine.begin_night(built.place.id, EPOCH) is not None
        assert engine.begin_night(built.place.id, EPOCH) is None


def test_a_school_that_fails_stops_no_other_and_ends_dead(
    app: Flask, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = Child(EPOCH, None, ((DEFINITION, EPOCH, None),), ())
    built = build(factory, [SchoolData(None, (child,) * 3), SchoolData(None, (child,) * 3)])
    bad = built.schools[0].id
    count = counting.count_claimed

    def failing(session: ScopedSession, **given: Any) -> int:
        if bad in session.scope.school_ids:
            raise ArithmeticError
        return count(session, **given)

    monkeypatch.setattr(counting, "count_claimed", failing)
    with app.app_context():
        run_id = engine.begin_run(built.place.id, EPOCH)
        engine.work_off(built.place.id, run_id)
        with session_for(aggregating(built.place.id, [school.id for school in built.schools])) as session:
            units = session.execute(
                select(
                    IndicatorUnit.school_id, IndicatorUnit.state, IndicatorUnit.attempts, IndicatorUnit.error
                )
            ).all()
    assert {unit.school_id: (unit.state, unit.attempts, unit.error) for unit in units} == {
        bad: ("dead", 5, "ArithmeticError"),
        built.schools[1].id: ("done", 1, None),
    }
    total = published(app, built)["district", built.place.id]["care_targets", EPOCH]
    assert (total.numerator, total.schools_reporting, total.schools_expected) == (3, 1, 2)


def test_the_night_of_a_district_begins_by_its_own_clock() -> None:
    assert engine.night_of("Asia/Shanghai", datetime(2026, 11, 22, 17, 9, tzinfo=UTC)) == date(2026, 11, 21)
    assert engine.night_of("Asia/Shanghai", datetime(2026, 11, 22, 17, 10, tzinfo=UTC)) == date(2026, 11, 22)
    assert EPOCH + timedelta(days=9) == date(2024, 2, 29)


def test_a_later_child_of_a_known_day_is_counted(app: Flask, factory: Factory) -> None:
    """A register imported late reaches back to days that were computed without it."""
    built = build(factory, [SchoolData(None, ())])
    school = built.schools[0]
    with app.app_context():
        engine.run_as_of(built.place.id, date(2024, 3, 10))
    class_id = factory.school_class(school)
    for _ in range(3):
        add_child(
            factory, school, class_id, built.teachers[0], Child(EPOCH, None, ((DEFINITION, EPOCH, None),), ())
        )
    with factory.session(school.scope) as session:
        note_change(session, school_id=school.id, starts_on=EPOCH, ends_on=None)
    with app.app_context():
        engine.run_as_of(built.place.id, date(2024, 4, 10))
    assert stored(app, school)["care_targets", date(2024, 3, 10)] == (3, None)
    assert talks(app, school, date(2024, 3, 1)) == (0, 3)


def test_a_school_in_another_township_takes_its_past_along(app: Flask, factory: Factory) -> None:
    child = Child(EPOCH, None, ((DEFINITION, EPOCH, None),), ())
    built = build(factory, [SchoolData(0, (child,) * 4), SchoolData(1, (child,) * 5)])
    old, new = built.townships
    with app.app_context():
        engine.run_as_of(built.place.id, date(2024, 3, 31))
        engine.run_as_of(built.place.id, date(2024, 4, 10))
    assert township_sums(app, built, date(2024, 3, 1)) == {old: 4, new: 5}
    with factory.session(operating()) as session:
        name = session.scalars(select(Township.name).where(Township.id == new)).one()
    moved = ["set-township", "--school", built.schools[0].slug, "--township", name]
    done = CliRunner().invoke(school, moved, obj=lambda: app)
    assert done.exit_code == 0, done.output
    with app.app_context():
        engine.run_as_of(built.place.id, date(2024, 4, 11))
    for month in (date(2024, 3, 1), date(2024, 4, 1)):
        assert township_sums(app, built, month) == {new: 9}


def test_a_term_that_is_moved_leaves_nothing_behind(app: Flask, factory: Factory) -> None:
    child = Child(EPOCH, None, ((DEFINITION, EPOCH, None),), ())
    built = build(factory, [SchoolData(None, (child,) * 4)])
    found = []
    for first, day in ((date(2024, 3, 1), date(2024, 3, 31)), (date(2024, 5, 1), date(2024, 4, 10))):
        term = ["set-term", "--district", built.place.slug, "--name", "2024-1", "--ends-on", "2024-07-01"]
        done = CliRunner().invoke(district, [*term, "--starts-on", str(first)], obj=lambda: app)
        assert done.exit_code == 0, done.output
        with app.app_context():
            engine.run_as_of(built.place.id, day)
        figures = [{*stored(app, built.schools[0])}, *({*rows} for rows in published(app, built).values())]
        found.append([{start for code, start in keys if code in codes_of("term")} for keys in figures])
    assert found == [[{date(2024, 3, 1)}] * 3, [set()] * 3]


def township_sums(app: Flask, built: Built, month: date) -> dict[int, int | None]:
    """How many care targets of a month each township shows."""
    return {
        unit: rows["talk_monthly", month].denominator
        for (level, unit), rows in published(app, built).items()
        if level == "township" and ("talk_monthly", month) in rows
    }
