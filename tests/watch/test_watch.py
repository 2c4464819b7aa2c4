"""A night that is late is told once, seen by the operator and by Prometheus, and closes by itself."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select, update

from lxsaas.config import Settings
from lxsaas.core.scope import aggregating
from lxsaas.extensions import session_for
from lxsaas.indicators import engine
from lxsaas.indicators.models import IndicatorUnit
from lxsaas.watch import alarms, commands
from lxsaas.watch.models import NightAlarm
from lxsaas.watch.nights import DistrictState, state_of_all
from tests.factories import Factory, Place
from tests.smtp_server import ScriptedSmtpServer

TOKEN = "operator-token-of-the-tests"
SIX = time(6)
DAY = date(2026, 3, 10)
BEFORE = datetime(2026, 3, 10, 21, 59, tzinfo=UTC)
"""A minute to six in Shanghai, the morning after DAY."""
AFTER = datetime(2026, 3, 10, 22, 0, tzinfo=UTC)


@pytest.fixture
def district(app: Flask, factory: Factory) -> Iterator[Place]:
    """A district with one school; the installation has an operator."""
    district = factory.district()
    factory.school(district)
    settings: Settings = app.extensions["lxsaas.settings"]
    said = settings.operator_token, settings.operator_email, settings.smtp_url
    settings.operator_token = TOKEN
    with app.app_context():
        yield district
    settings.operator_token, settings.operator_email, settings.smtp_url = said


def state_of(district: Place, now: datetime) -> DistrictState:
    return state_of_all(now, SIX, slug=district.slug)[0]


def alarms_of(district: Place) -> list[NightAlarm]:
    with session_for(aggregating(district.id, ())) as session:
        return list(session.scalars(select(NightAlarm).where(NightAlarm.district_id == district.id)))


def run_night(district: Place) -> int:
    run_id = engine.begin_night(district.id, DAY)
    assert run_id is not None
    engine.work_off(district.id, run_id)
    return run_id


def test_a_night_is_late_from_the_set_hour_of_its_district_on(district: Place) -> None:
    assert state_of(district, BEFORE).as_of == DAY
    assert not state_of(district, BEFORE).is_late(BEFORE)
    assert state_of(district, AFTER).is_late(AFTER)
    assert state_of(district, AFTER).lag(AFTER) == timedelta(hours=4, minutes=50).total_seconds()
    run_night(district)
    assert not state_of(district, AFTER).is_late(AFTER)


def test_a_night_with_a_school_given_up_is_late_and_names_it(district: Place) -> None:
    run_id = run_night(district)
    schools = engine.schools_of(district.id)
    with session_for(aggregating(district.id, schools)) as session:
        session.execute(
            update(IndicatorUnit)
            .where(IndicatorUnit.run_id == run_id)
            .values(state="dead", error="DataError", attempts=5)
        )
        session.commit()
    found = state_of(district, AFTER)
    assert found.is_late(AFTER)
    assert found.night is not None
    assert [(error, attempts) for _, error, attempts in found.night.dead] == [("DataError", 5)]


def test_it_is_told_once_by_mail_and_closes_when_the_night_came(app: Flask, district: Place) -> None:
    settings: Settings = app.extensions["lxsaas.settings"]
    settings.operator_email = "operator@example.org"
    with ScriptedSmtpServer() as server:
        settings.smtp_url = server.url
        for _ in range(3):
            alarms.look(AFTER, slug=district.slug)
        mine = [one for one in server.accepted if district.slug in str(one.message["Subject"])]
    assert len(mine) == 1
    assert [(one.as_of, one.mail, one.closed_at) for one in alarms_of(district)] == [(DAY, "sent", None)]
    run_night(district)
    alarms.look(AFTER, slug=district.slug)
    assert [one.closed_at is not None for one in alarms_of(district)] == [True]


def test_mail_that_cannot_go_now_goes_later(app: Flask, district: Place) -> None:
    settings: Settings = app.extensions["lxsaas.settings"]
    settings.operator_email, settings.smtp_url = "operator@example.org", "smtp://127.0.0.1:9"
    alarms.look(AFTER, slug=district.slug)
    assert [(one.mail, one.attempts) for one in alarms_of(district)] == [("pending", 1)]
    with ScriptedSmtpServer() as server:
        settings.smtp_url = server.url
        alarms.look(AFTER + timedelta(hours=1), slug=district.slug)
    assert [(one.mail, one.attempts) for one in alarms_of(district)] == [("sent", 2)]


@pytest.mark.parametrize("path", ["/operator", "/metrics"])
def test_only_the_token_opens_the_operator_s_pages(app: Flask, district: Place, path: str) -> None:
    client = app.test_client()
    assert client.get(path).status_code == 401
    assert client.get(path, headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert client.get(path, auth=("operator", "")).status_code == 401
    for headers in ({"Authorization": f"Bearer {TOKEN}"},):
        assert client.get(path, headers=headers).status_code == 200
    page = client.get(path, auth=("operator", TOKEN))
    assert page.status_code == 200
    assert district.slug in page.text or "县教育局" in page.text
    app.extensions["lxsaas.settings"].operator_token = None
    assert client.get(path, auth=("operator", "")).status_code == 404


def test_prometheus_reads_units_and_lag(app: Flask, district: Place) -> None:
    run_id = engine.begin_night(district.id, engine.night_of("Asia/Shanghai", datetime.now(UTC)))
    assert run_id is not None
    text = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    assert f'lxsaas_night_units{{district="{district.slug}",state="pending"}} 1.0' in text
    assert f'lxsaas_night_complete{{district="{district.slug}"}} 0.0' in text
    assert f'lxsaas_night_lag_seconds{{district="{district.slug}"}}' in text


def test_the_command_ends_with_one_where_a_night_is_late(app: Flask, district: Place) -> None:
    def status(*more: str) -> tuple[int, str]:
        result = CliRunner().invoke(
            commands.indicators, ["status", "--district", district.slug, *more], obj=lambda: app
        )
        return result.exit_code, result.output

    as_of = engine.night_of("Asia/Shanghai", datetime.now(UTC))
    app.extensions["lxsaas.settings"].night_deadline = time(0)
    code, text = status()
    assert (code, "LATE" in text) == (1, True)
    run_id = engine.begin_night(district.id, as_of)
    assert run_id is not None
    engine.work_off(district.id, run_id)
    code, text = status("--json")
    app.extensions["lxsaas.settings"].night_deadline = SIX
    assert code == 0
    found = json.loads(text)[0]
    assert (found["complete"], found["runs"][0]["units"]["done"]) == (True, 1)
