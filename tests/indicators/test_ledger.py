"""The ledger of runs: nothing that commits late is lost, runs take turns, work does not grow with schools."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, update

from lxsaas.care.models import CareKind, CareRecord
from lxsaas.core.changes import note_change
from lxsaas.core.errors import LxsaasError
from lxsaas.core.scope import Login, aggregating
from lxsaas.extensions import db, session_for
from lxsaas.indicators import actions, commands, engine, published
from lxsaas.indicators import statements as sql
from lxsaas.indicators.definitions import codes_of
from lxsaas.indicators.models import IndicatorUnit, SchoolIndicator
from tests.factories import Factory
from tests.indicators.districts import EPOCH, Built, Child, SchoolData, build
from tests.indicators.test_figures import DEFINITION, check, stored

pytestmark = pytest.mark.usefixtures("in_app")

MARCH, APRIL = date(2024, 3, 1), date(2024, 4, 10)
CHILD = Child(EPOCH, None, (("register", EPOCH, None), (DEFINITION, EPOCH, None)), ())


def with_schools(factory: Factory, count: int, children: int = 3) -> tuple[Built, list[SchoolData]]:
    data = [SchoolData(number % 2, (CHILD,) * children) for number in range(count)]
    return build(factory, data), data


def ids(built: Built) -> list[int]:
    return [school.id for school in built.schools]


def test_a_visit_that_commits_while_a_night_counts_is_counted_by_the_next(
    app: Flask, factory: Factory
) -> None:
    built, _ = with_schools(factory, 1)
    school, teacher, pupil = built.schools[0], built.teachers[0], built.pupils[0][0]
    engine.run_as_of(built.place.id, date(2024, 3, 31))
    with session_for(school.scope) as session:
        day = date(2024, 3, 5)
        session.add(
            CareRecord(
                school_id=school.id, pupil_id=pupil, recorded_by=teacher.id, kind=CareKind.HOME_VISIT,
                occurred_on=day,
            )
        )  # fmt: skip
        note_change(session, school_id=school.id, starts_on=day, ends_on=day)
        session.flush()
        engine.run_as_of(built.place.id, APRIL)
        session.commit()
    assert stored(app, school)["home_visit_monthly", MARCH] == (0, 3)
    engine.run_as_of(built.place.id, APRIL + timedelta(days=1))
    assert stored(app, school)["home_visit_monthly", MARCH] == (1, 3)


def test_runs_of_a_district_take_turns(app: Flask, factory: Factory) -> None:
    built, data = with_schools(factory, 3)
    first = engine.begin_run(built.place.id, APRIL)
    second = engine.begin_run(built.place.id, APRIL)
    assert engine.compute_batch(built.place.id, second).done == 0
    engine.work_off(built.place.id, second)
    assert not engine.is_running(built.place.id, first)
    assert not engine.is_running(built.place.id, second)
    check(app, built, data, APRIL)


def test_the_night_takes_no_month_back(factory: Factory) -> None:
    """Asked for at midnight, the new day is computed before the night of the old one."""
    built, _ = with_schools(factory, 1)
    engine.run_as_of(built.place.id, APRIL)
    night = engine.begin_night(built.place.id, APRIL - timedelta(days=1))
    assert night is not None
    engine.work_off(built.place.id, night)
    with session_for(built.place.scope) as session:
        rows = session.scalars(published.figures_as_of(APRIL, level="district")).all()
    assert {row.indicator: row.as_of for row in rows} == dict.fromkeys(codes_of("day", "month"), APRIL)


def test_a_school_that_killed_its_worker_twice_is_claimed_alone(factory: Factory) -> None:
    built, _ = with_schools(factory, 4)
    run_id = engine.begin_run(built.place.id, APRIL)
    killer, *others = ids(built)
    with session_for(aggregating(built.place.id, ids(built))) as session:
        session.execute(update(IndicatorUnit).where(IndicatorUnit.school_id == killer).values(attempts=2))
        claims = [
            actions.claim_units(session, district_id=built.place.id, run_id=run_id, limit=50)[1]
            for _ in range(2)
        ]
    assert claims == [others, [killer]]


def test_a_failure_told_late_takes_nothing_from_who_claimed_since(factory: Factory) -> None:
    built, _ = with_schools(factory, 1)
    run_id = engine.begin_run(built.place.id, APRIL)
    school_id = built.schools[0].id
    with session_for(aggregating(built.place.id, [school_id])) as session:
        claim, _ = actions.claim_units(session, district_id=built.place.id, run_id=run_id, limit=1)
        newer = update(IndicatorUnit).values(claim="00000000-0000-0000-0000-000000000001")
        session.execute(newer)
        actions.give_up_unit(session, run_id=run_id, school_id=school_id, claim=claim, error="Late")
        assert session.scalar(select(IndicatorUnit.state)) == "claimed"


@contextmanager
def statements() -> Iterator[list[str]]:
    """What the aggregator's login is sent in the body."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    bound = db.engines[Login.AGGREGATOR.value]
    event.listen(bound, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(bound, "before_cursor_execute", note)


def test_a_batch_sends_as_many_statements_however_many_schools(factory: Factory) -> None:
    counts = []
    for schools, children in ((2, 1), (7, 5)):
        built, _ = with_schools(factory, schools, children)
        run_id = engine.begin_run(built.place.id, APRIL)
        with statements() as seen:
            assert engine.compute_batch(built.place.id, run_id).done == schools
        counts.append(len(seen))
    assert counts[0] == counts[1]


def command(app: Flask, *arguments: str) -> Result:
    return CliRunner().invoke(commands.indicators, arguments, obj=lambda: app, catch_exceptions=False)


def test_a_run_by_command_ends_without_any_worker(
    app: Flask, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "PATIENCE", 0.3)
    built, data = with_schools(factory, 2)
    slug = built.place.slug
    result = command(app, "run", "--district", slug, "--as-of", str(APRIL), "--wait", "--json")
    assert result.exit_code == 0
    assert "No worker answers" in result.stderr
    [outcome] = json.loads(result.stdout)
    assert (outcome["done"], outcome["dead"]) == (2, 0)
    check(app, built, data, APRIL)
    shown = json.loads(command(app, "show", "--district", slug, "--json").stdout)
    totals = {one["indicator"]: one for one in shown if one["level"] == "district"}
    assert (totals["care_targets"]["numerator"], totals["talk_monthly"]["denominator"]) == (6, 6)
    # All of three is hidden, for one of them might be no care target: 1 to 3 of each school.
    share = totals["left_behind_share"]
    assert (share["numerator"], share["slack"], share["denominator"], share["rate"]) == (2, 4, 6, 4 / 6)
    own = json.loads(command(app, "show", "--school", built.schools[0].slug, "--json").stdout)
    assert {one["indicator"]: one["numerator"] for one in own}["care_targets"] == 3


def test_a_principal_reads_the_exact_figures_of_the_own_school(factory: Factory, client: FlaskClient) -> None:
    built, _ = with_schools(factory, 1, children=2)
    school = built.schools[0]
    principal = factory.staff(school, "principal")
    assert principal.sign_in(client).get(f"{school.path}figures").status_code == 200
    engine.run_as_of(built.place.id, APRIL)
    page = client.get(f"{school.path}figures").get_data(as_text=True)
    assert "&lt;3" not in page
    with session_for(school.scope) as session:
        targets = select(SchoolIndicator.numerator).where(SchoolIndicator.indicator == "care_targets")
        assert session.scalar(targets) == 2


def test_a_run_by_command_says_that_schools_died(
    app: Flask, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "PATIENCE", 0.1)
    monkeypatch.setattr(sql, "counting_sql", lambda _codes: "select 1 / 0")
    built, _ = with_schools(factory, 2)
    with pytest.raises(LxsaasError, match="units_dead .count=2."):
        command(app, "run", "--district", built.place.slug, "--as-of", str(APRIL), "--wait")
