"""The night's work by a real worker over a real broker, which are killed and emptied while it goes on."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import redis
from flask import Flask
from hypothesis import given
from sqlalchemy import func, insert, select

from lxsaas.config import Settings
from lxsaas.core.scope import aggregating
from lxsaas.extensions import session_for
from lxsaas.indicators import engine
from lxsaas.indicators.models import IndicatorUnit, SchoolIndicator
from lxsaas.indicators.tasks import hint
from lxsaas.reports.models import OutboxMessage
from lxsaas.reports.subscription_actions import subscribe_everybody
from tests.factories import Factory
from tests.indicators.districts import EPOCH, Built, Child, SchoolData, build, days, districts
from tests.indicators.test_figures import DEFINITION, check, few
from tests.worker import kill, wait_for, worker

AS_OF = date(2024, 3, 20)


def some_schools(count: int) -> list[SchoolData]:
    child = Child(EPOCH, None, ((DEFINITION, EPOCH, None),), ())
    return [SchoolData(number % 2, (child,) * 3) for number in range(count)]


def test_a_worker_computes_what_was_asked_for(
    app: Flask, in_app: None, factory: Factory, settings: Settings
) -> None:
    data = some_schools(4)
    built = build(factory, data)
    run_id = engine.begin_run(built.place.id, AS_OF)
    with worker(settings):
        hint(built.place.id)
        wait_for(lambda: not engine.is_running(built.place.id, run_id))
    check(app, built, data, AS_OF)


def test_a_worker_computes_random_districts(app: Flask, factory: Factory, settings: Settings) -> None:
    """One worker, one broker, district after district; each equals the count in plain Python."""

    @few
    @given(data=districts, as_of=days)
    def compute(data: list[SchoolData], as_of: date) -> None:
        with app.app_context():
            built = build(factory, data, timezone="Pacific/Apia")
            run_id = engine.begin_run(built.place.id, as_of)
            hint(built.place.id)
            wait_for(lambda: not engine.is_running(built.place.id, run_id))
        check(app, built, data, as_of)

    with worker(settings):
        compute()


def units(built: Built, state: str) -> int:
    with session_for(aggregating(built.place.id, [school.id for school in built.schools])) as session:
        query = select(func.count()).select_from(IndicatorUnit).where(IndicatorUnit.state == state)
        return int(session.scalar(query) or 0)


def test_a_killed_worker_and_an_emptied_broker_cost_nothing(
    app: Flask, in_app: None, factory: Factory, settings: Settings
) -> None:
    """The worker is killed with a batch in hand, the broker loses every message; the run ends by itself."""
    data = some_schools(6)
    built = build(factory, data)
    factory.officer(built.place, email="officer@example.org")
    with session_for(aggregating(built.place.id, ())) as session:
        # Else the first tick would ask the officer only about nights that are still to come.
        subscribe_everybody(session, built.place.id, AS_OF)
        session.commit()
    run_id = engine.begin_run(built.place.id, AS_OF)
    with hanging_worker(built, settings) as process:
        hint(built.place.id)
        wait_for(lambda: units(built, "claimed") == len(data))
        kill(process)
    broker = redis.Redis.from_url(settings.redis_url)
    for key in broker.scan_iter(f"*{settings.queue}*"):
        broker.delete(key)
    for key in broker.scan_iter("unacked*"):
        broker.delete(key)
    broker.close()
    assert engine.is_running(built.place.id, run_id)
    with worker(settings):
        wait_for(lambda: has_ended(built.place.id, run_id), 240)
    check(app, built, data, AS_OF)
    with session_for(aggregating(built.place.id, ())) as session:
        nights = session.execute(
            select(OutboxMessage.period_on, func.count()).group_by(OutboxMessage.period_on)
        ).all()
    assert {row[0]: row[1] for row in nights}[AS_OF] == 1


def has_ended(district_id: int, run_id: int) -> bool:
    """Whether a run is over; until it is, gives the hint that each tick of a beat gives a district.

    A beat would look after each of the hundreds of districts that other tests have left here; `test_faults`
    has beats, and a database of its own.
    """
    if not engine.is_running(district_id, run_id):
        return True
    hint(district_id)
    time.sleep(1)
    return False


@contextmanager
def hanging_worker(built: Built, settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that hangs in the middle of its batch: its inserts wait for a row that the test holds."""
    ids = [school.id for school in built.schools]
    with session_for(aggregating(built.place.id, ids)) as session:
        held = {"indicator": "care_targets", "starts_on": AS_OF, "as_of": AS_OF, "numerator": 0}
        session.execute(
            insert(SchoolIndicator).values(held | {"school_id": ids[0], "definition_version": 1, "run_id": 0})
        )
        with worker(settings) as process:
            yield process
        session.rollback()
