"""The rules that a district starts with are judged in the transaction that publishes its night."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select, update

from lxsaas.alarms import hooks
from lxsaas.alarms.evaluation import add_presets
from lxsaas.alarms.models import Alarm, AlarmRule
from lxsaas.indicators import engine
from tests.factories import Factory
from tests.indicators.districts import EPOCH, Child, SchoolData, build
from tests.indicators.test_figures import DEFINITION

MONTH_END = date(2024, 3, 31)
CHILD = Child(EPOCH, None, (("register", EPOCH, None), (DEFINITION, EPOCH, None)), ())


def test_a_night_that_is_published_raises_alarms_and_one_that_is_broken_off_none(
    app: Flask, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = build(factory, [SchoolData(0, (CHILD,) * size) for size in (5, 2)])

    def raised() -> list[tuple[str | None, int]]:
        with factory.session(built.place.scope) as session:
            query = select(AlarmRule.preset, Alarm.unit_id).join(Alarm, Alarm.rule_id == AlarmRule.id)
            return [(row[0], row[1]) for row in session.execute(query.where(AlarmRule.preset == "talks"))]

    def fails(*_of_alarm: object) -> None:
        raise RuntimeError

    with factory.session(built.place.scope) as session:
        add_presets(session, built.place.id, ())
        session.execute(update(AlarmRule).values(delivery="at_once"))
    with app.app_context():
        run_id = engine.begin_run(built.place.id, MONTH_END)
        monkeypatch.setattr(hooks, "alarm_raised", [fails])
        with pytest.raises(RuntimeError):
            engine.work_off(built.place.id, run_id)
        assert raised() == []
        monkeypatch.setattr(hooks, "alarm_raised", [])
        engine.work_off(built.place.id, run_id)
    # Of two care targets nobody is told how many had no talk: no alarm tells it either.
    assert raised() == [("talks", built.schools[0].id)]
