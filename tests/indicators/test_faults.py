"""Servers and workers are killed while a night is counted: it ends by itself, exact, each unit done once."""

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from threading import Event

import psutil
import pytest
from flask import Flask
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError

from lxsaas.app import create_app
from lxsaas.care.models import CareKind, CareRecord
from lxsaas.commands.database import temporary_database
from lxsaas.config import Settings
from lxsaas.core import clock, services
from lxsaas.core.changes import note_change
from lxsaas.core.scope import aggregating
from lxsaas.extensions import db, plain_engine, session_for
from lxsaas.indicators import engine
from lxsaas.indicators.models import IndicatorRun, IndicatorUnit, SchoolIndicator
from lxsaas.indicators.tasks import hint
from lxsaas.reports.models import OutboxMessage
from lxsaas.reports.subscription_actions import subscribe_everybody
from tests.factories import Factory
from tests.indicators.districts import Built, SchoolData, build
from tests.indicators.test_figures import check, stored
from tests.indicators.test_worker import AS_OF, some_schools
from tests.worker import beat, kill, wait_for, worker

LONG = 120.0
"""Seconds for a night that is disturbed: what a killed worker held is put up again after a while."""


@pytest.fixture(scope="module")
def apart(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Servers of this module alone, that may be killed; keys as everywhere, for a process has one set."""
    if "DATABASE_URL" in os.environ:
        pytest.skip("servers that were named to us are not killed")
    data_dir = tmp_path_factory.mktemp("apart")
    shutil.copy(settings.data_dir / "secrets.json", data_dir)
    services.start(data_dir)
    try:
        with temporary_database(Settings.of(LXSAAS_DATA_DIR=data_dir, LXSAAS_TICK_SECONDS=1)) as settings:
            yield settings
    finally:
        services.discard(data_dir)


@pytest.fixture(scope="module")
def on_them(app: Flask, apart: Settings) -> Iterator[Flask]:
    other = create_app(apart)
    with other.app_context():
        yield other
        for one in db.engines.values():
            one.dispose()
    # A process has one Celery, the one made last: later tests must not ask the broker of these.
    app.extensions["celery"].set_default()
    app.extensions["celery"].set_current()


def a_district(app: Flask, schools: int = 8) -> tuple[Built, list[SchoolData]]:
    """A district with schools and an officer who wants its digest."""
    data = some_schools(schools)
    factory = Factory(app)
    built = build(factory, data)
    factory.officer(built.place, email="officer@example.org")
    with session_for(aggregating(built.place.id, ())) as session:
        # Else the first tick would ask the officer only about nights that are still to come.
        subscribe_everybody(session, built.place.id, AS_OF)
        session.commit()
    return built, data


def school_ids(built: Built) -> list[int]:
    return [school.id for school in built.schools]


def attempts(built: Built, run_id: int) -> dict[str, list[int]]:
    """How often the units of a run were claimed, by the state in which they are."""
    found: dict[str, list[int]] = {}
    with session_for(aggregating(built.place.id, school_ids(built))) as session:
        for unit in session.scalars(select(IndicatorUnit).where(IndicatorUnit.run_id == run_id)):
            found.setdefault(unit.state, []).append(unit.attempts)
    return found


def was_claimed(built: Built, run_id: int, times: int) -> bool:
    """Whether a unit is claimed and was so many times."""
    return max(attempts(built, run_id).get("claimed", [0])) >= times


def digests(built: Built, day: date) -> int:
    with session_for(aggregating(built.place.id, ())) as session:
        query = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.period_on == day)
        return int(session.scalar(query) or 0)


@contextmanager
def busy(built: Built) -> Iterator[None]:
    """Who counts the district hangs in the middle of a batch, at a row that is held here."""
    ids = school_ids(built)
    with session_for(aggregating(built.place.id, ids)) as session:
        held = {"indicator": "care_targets", "starts_on": AS_OF, "as_of": AS_OF, "numerator": 0}
        session.execute(
            insert(SchoolIndicator).values(held | {"school_id": ids[0], "definition_version": 1, "run_id": 0})
        )
        yield
        # The server that held it may be gone.
        with suppress(DBAPIError):
            session.rollback()


def kill_server(pid: int | None) -> None:
    """kill -9 for a server and everything that it started."""
    assert pid is not None
    server = psutil.Process(pid)
    family = [server, *server.children(recursive=True)]
    for one in family:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    psutil.wait_procs(family, timeout=10)


def assert_exact(app: Flask, built: Built, data: list[SchoolData], run_id: int) -> None:
    check(app, built, data, AS_OF)
    assert attempts(built, run_id).keys() == {"done"}
    assert digests(built, AS_OF) == 1


def test_postgresql_killed_in_the_middle_of_a_night_costs_nothing(
    apart: Settings, on_them: Flask, tmp_path: Path
) -> None:
    built, data = a_district(on_them)
    run_id = engine.begin_run(built.place.id, AS_OF)
    with worker(apart), beat(apart, tmp_path):
        with busy(built):
            wait_for(partial(was_claimed, built, run_id, 1))
            kill_server(services.status(apart.data_dir).postgres.pid)
            services.start(apart.data_dir)
        wait_for(lambda: not engine.is_running(built.place.id, run_id), LONG)
    assert_exact(on_them, built, data, run_id)


def test_a_broker_killed_and_emptied_costs_nothing(apart: Settings, on_them: Flask, tmp_path: Path) -> None:
    built, data = a_district(on_them)
    with worker(apart), beat(apart, tmp_path):
        run_id = engine.begin_run(built.place.id, AS_OF)
        hint(built.place.id)
        kill_server(services.status(apart.data_dir).valkey.pid)
        for kept in (apart.data_dir / "valkey").rglob("*"):
            if kept.name.endswith((".rdb", ".aof")) or kept.name == "appendonlydir":
                shutil.rmtree(kept) if kept.is_dir() else kept.unlink(missing_ok=True)
        services.start(apart.data_dir)
        wait_for(lambda: not engine.is_running(built.place.id, run_id), LONG)
    assert_exact(on_them, built, data, run_id)


def kill_workers_at_work(apart: Settings, built: Built, run_id: int, times: int) -> None:
    """Kills so many workers, each with a batch in hand; one more ends the run."""
    for number in range(1, times + 1):
        with worker(apart) as process, busy(built):
            wait_for(partial(was_claimed, built, run_id, number), LONG)
            kill(process)
    with worker(apart):
        wait_for(lambda: not engine.is_running(built.place.id, run_id), LONG)


def test_workers_killed_again_and_again_cost_nothing(apart: Settings, on_them: Flask, tmp_path: Path) -> None:
    built, data = a_district(on_them)
    run_id = engine.begin_run(built.place.id, AS_OF)
    with beat(apart, tmp_path):
        kill_workers_at_work(apart, built, run_id, 3)
    assert_exact(on_them, built, data, run_id)


def test_what_people_write_while_workers_are_killed_is_counted_once(
    apart: Settings, on_them: Flask, tmp_path: Path
) -> None:
    """Teachers go on recording care of the day that is counted; the night after has all of it."""
    built, data = a_district(on_them)
    stop = Event()
    with ThreadPoolExecutor() as teachers, beat(apart, tmp_path):
        at_work = [teachers.submit(record_talks, on_them, built, number, stop) for number in range(len(data))]
        try:
            run_id = engine.begin_run(built.place.id, AS_OF)
            kill_workers_at_work(apart, built, run_id, 2)
        finally:
            stop.set()
        written = [one.result() for one in at_work]
    assert all(written)
    engine.run_as_of(built.place.id, AS_OF)
    assert attempts(built, run_id).keys() == {"done"}
    talked = [
        replace(one, children=tuple(
            replace(child, records=((CareKind.TALK, AS_OF),)) if place < count else child
            for place, child in enumerate(one.children)
        ))
        for one, count in zip(data, written, strict=True)
    ]  # fmt: skip
    check(on_them, built, talked, AS_OF)


def record_talks(app: Flask, built: Built, number: int, stop: Event) -> int:
    """A school's teacher records a talk with one child after the other; with how many."""
    school, teacher, pupils = built.schools[number], built.teachers[number], built.pupils[number]
    done = 0
    while not stop.wait(0.5 * (1 + number)) and done < len(pupils):
        with app.app_context(), session_for(school.scope) as session:
            record = {"school_id": school.id, "pupil_id": pupils[done], "recorded_by": teacher.id}
            session.execute(insert(CareRecord).values(record | {"kind": CareKind.TALK, "occurred_on": AS_OF}))
            note_change(session, school_id=school.id, starts_on=AS_OF, ends_on=AS_OF, about="care_record")
            session.commit()
        done += 1
    return done


def test_three_beats_start_one_night_and_count_each_school_once(
    apart: Settings, on_them: Flask, tmp_path: Path
) -> None:
    built, data = a_district(on_them)
    night = engine.night_of("Asia/Shanghai", clock.now())

    def run() -> IndicatorRun | None:
        with session_for(aggregating(built.place.id, ())) as session:
            return session.scalars(select(IndicatorRun).where(IndicatorRun.as_of == night)).one_or_none()

    with ExitStack() as running:
        running.enter_context(worker(apart))
        for number in range(3):
            folder = tmp_path / str(number)
            folder.mkdir()
            running.enter_context(beat(apart, folder))
        wait_for(lambda: (found := run()) is not None and found.state == "done", LONG)
        # Some more ticks of each: nothing begins again.
        wait_for(lambda: digests(built, night) == 1, LONG)
    found = run()
    assert found is not None
    assert found.number == 0
    assert attempts(built, found.id) == {"done": [1] * len(data)}
    check(on_them, built, data, night)


def test_two_nights_missed_are_made_up_for(on_them: Flask) -> None:
    missing, data = a_district(on_them, 2)
    in_time = build(Factory(on_them), data)
    nights = [AS_OF + timedelta(days=number) for number in range(4)]
    for number, night in enumerate(nights):
        for built in (in_time, missing) if number in (0, 3) else (in_time,):
            run_id = engine.begin_night(built.place.id, night)
            assert run_id is not None
            engine.work_off(built.place.id, run_id)
    for late, punctual in zip(missing.schools, in_time.schools, strict=True):
        assert stored(on_them, late) == stored(on_them, punctual)
        assert {starts_on for _, starts_on in stored(on_them, late)} >= set(nights)


def test_a_school_whose_data_breaks_the_statement_stays_alone_with_its_error(
    apart: Settings, on_them: Flask
) -> None:
    built, data = a_district(on_them, 4)
    broken, *others = built.schools
    refusal = f"alter table school_indicator add constraint broken check (school_id <> {broken.id})"
    with plain_engine(apart.admin_url).begin() as connection:
        connection.execute(text(refusal))
    engine.run_as_of(built.place.id, AS_OF)
    with session_for(aggregating(built.place.id, school_ids(built))) as session:
        units = {unit.school_id: (unit.state, unit.error) for unit in session.scalars(select(IndicatorUnit))}
    assert units == {broken.id: ("dead", "IntegrityError")} | {one.id: ("done", None) for one in others}
    assert all(stored(on_them, one) for one in others)
    with plain_engine(apart.admin_url).begin() as connection:
        connection.execute(text("alter table school_indicator drop constraint broken"))
    engine.run_as_of(built.place.id, AS_OF)
    check(on_them, built, data, AS_OF)
