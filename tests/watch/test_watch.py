"""A night that is late is told once, seen by the operator and by Prometheus, and closes by itself."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from limits import RateLimitItemPerMinute
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session

from lxsaas.config import Settings
from lxsaas.core import clock
from lxsaas.core.scope import Login, aggregating
from lxsaas.extensions import db, plain_engine, session_for
from lxsaas.indicators import engine
from lxsaas.indicators.models import IndicatorUnit
from lxsaas.reports.channel_actions import resume_channel
from lxsaas.schools.models import District
from lxsaas.watch import actions, alarms, commands, throttle
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
    """A district with one school since before DAY; the installation has an operator."""
    district = factory.district()
    factory.school(district)
    settings: Settings = app.extensions["lxsaas.settings"]
    with plain_engine(settings.admin_url).begin() as connection:
        mine = update(District).where(District.id == district.id)
        connection.execute(mine.values(created_at=datetime(2025, 9, 1, tzinfo=UTC)))
    said = settings.operator_token, settings.operator_email, settings.smtp_url
    settings.operator_token = TOKEN
    with app.app_context():
        yield district
    settings.operator_token, settings.operator_email, settings.smtp_url = said


def state_of(district: Place, now: datetime) -> DistrictState:
    return state_of_all(now, SIX, slug=district.slug).districts[0]


def alarms_of(district: Place) -> list[NightAlarm]:
    with session_for(aggregating(district.id, ())) as session:
        return list(session.scalars(select(NightAlarm).where(NightAlarm.district_id == district.id)))


def mails(server: ScriptedSmtpServer, district: Place) -> list[str]:
    """What the operator was told of a district."""
    mine = [one.message for one in server.accepted if district.slug in str(one.message["Subject"])]
    bodies = [message.get_body(("plain",)) for message in mine]
    return [body.get_content() for body in bodies if body is not None]


def run_night(district: Place) -> int:
    run_id = engine.begin_night(district.id, DAY)
    assert run_id is not None
    engine.work_off(district.id, run_id)
    return run_id


def test_a_night_is_late_from_the_set_hour_of_its_district_on(district: Place) -> None:
    assert state_of(district, BEFORE).night.as_of == DAY
    assert not state_of(district, BEFORE).is_late(BEFORE)
    assert state_of(district, AFTER).is_late(AFTER)
    assert state_of(district, AFTER).night.lag(AFTER) == timedelta(hours=4, minutes=50).total_seconds()
    run_night(district)
    assert not state_of(district, AFTER).is_late(AFTER)


def test_a_night_with_a_school_given_up_is_late_and_names_it(district: Place) -> None:
    run_id = run_night(district)
    give_up_schools(district, run_id)
    found = state_of(district, AFTER)
    assert found.is_late(AFTER)
    assert found.night.judged_by is not None
    assert [(error, attempts) for _, error, attempts in found.night.judged_by.dead] == [("DataError", 5)]


def give_up_schools(district: Place, run_id: int) -> None:
    with session_for(aggregating(district.id, engine.schools_of(district.id))) as session:
        session.execute(
            update(IndicatorUnit)
            .where(IndicatorUnit.run_id == run_id)
            .values(state="dead", error="DataError", attempts=5)
        )
        session.commit()


def test_a_night_is_complete_when_another_run_mended_it(district: Place) -> None:
    give_up_schools(district, run_night(district))
    alarms.look(AFTER, slug=district.slug)
    engine.run_as_of(district.id, DAY, full=True)
    assert not state_of(district, AFTER).is_night_late(AFTER)
    alarms.look(AFTER, slug=district.slug)
    assert [one.closed_at is not None for one in alarms_of(district)] == [True]


def test_a_night_that_was_missed_is_complete_with_the_run_that_made_up_for_it(district: Place) -> None:
    alarms.look(AFTER, slug=district.slug)
    two_later = AFTER + timedelta(days=2)
    assert state_of(district, two_later).is_late(two_later)
    run_id = engine.begin_run(district.id, DAY + timedelta(days=2), since=DAY)
    engine.work_off(district.id, run_id)
    alarms.look(two_later, slug=district.slug)
    assert [one.as_of for one in alarms_of(district) if one.closed_at is None] == []
    assert not state_of(district, two_later).is_late(two_later)


def test_an_alarm_stands_until_its_night_came_whatever_the_hour(app: Flask, district: Place) -> None:
    """Also when the next night's hour comes: page, command and Prometheus go on saying it."""
    alarms.look(AFTER, slug=district.slug)
    next_hour = AFTER + timedelta(hours=19, minutes=15)
    found = state_of(district, next_hour)
    assert found.night.as_of == DAY + timedelta(days=1)
    assert not found.is_night_late(next_hour)
    assert found.is_late(next_hour)
    page = app.test_client().get("/operator", auth=("operator", TOKEN), headers={"Accept-Language": "en"})
    assert "is still not complete" in page.text
    metrics = app.test_client().get("/metrics", auth=("operator", TOKEN)).text
    assert f'lxsaas_night_alarms{{district="{district.slug}"}} 1.0' in metrics
    assert f'lxsaas_night_late{{district="{district.slug}"}} 1.0' in metrics
    engine.run_as_of(district.id, DAY)
    assert state_of(district, next_hour).last_complete is not None
    assert state_of(district, next_hour).age(next_hour) == timedelta(hours=25, minutes=15).total_seconds()


def test_a_district_of_today_owes_no_night_yet(factory: Factory, district: Place) -> None:
    fresh = factory.district()
    tonight = datetime.combine(clock.today("Asia/Shanghai"), time(15), tzinfo=UTC)
    assert not state_of(fresh, tonight).is_late(tonight)
    alarms.look(tonight, slug=fresh.slug)
    assert alarms_of(fresh) == []


def test_a_look_takes_as_many_statements_for_one_district_as_for_three(
    factory: Factory, district: Place
) -> None:
    counts = []
    for _ in range(3):
        run_night(district)
        with counted_statements() as statements:
            state_of_all(AFTER, SIX)
        counts.append(len(statements))
        district = factory.district()
        factory.school(district)
    assert len(set(counts)) == 1


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(connection: object, cursor: object, statement: str, *more: object) -> None:
        statements.append(statement)

    aggregator = db.engines[Login.AGGREGATOR]
    event.listen(aggregator, "before_cursor_execute", note)
    yield statements
    event.remove(aggregator, "before_cursor_execute", note)


def test_a_fault_in_one_district_does_not_stop_the_others(
    factory: Factory, district: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = factory.district()
    raise_alarm = actions.raise_alarm

    def raise_of_others(session: Session, *, district_id: int, **values: Any) -> bool:
        if district_id == broken.id:
            raise RuntimeError("planted")
        return raise_alarm(session, district_id=district_id, **values)

    monkeypatch.setattr(actions, "raise_alarm", raise_of_others)
    # At noon in Shanghai, when a night is late, at whatever hour the test runs.
    later = datetime.combine(datetime.now(UTC).date() + timedelta(days=3), time(4), UTC)
    alarms.look(later)
    assert alarms_of(broken) == []
    assert [one.as_of for one in alarms_of(district)] == [state_of(district, later).night.as_of]


def test_it_is_told_once_by_mail_and_closes_when_the_night_came(app: Flask, district: Place) -> None:
    settings: Settings = app.extensions["lxsaas.settings"]
    settings.operator_email = "operator@example.org"
    with ScriptedSmtpServer() as server:
        settings.smtp_url = server.url
        for _ in range(3):
            alarms.look(AFTER, slug=district.slug)
        letter, *more = mails(server, district)
    assert more == []
    for said in ("2026-03-11 06:00 (Asia/Shanghai)", "尚未完成", "has not begun"):
        assert said in letter
    assert [(one.as_of, one.mail, one.closed_at) for one in alarms_of(district)] == [(DAY, "sent", None)]
    run_night(district)
    alarms.look(AFTER, slug=district.slug)
    assert [one.closed_at is not None for one in alarms_of(district)] == [True]


def test_mail_that_cannot_go_now_goes_later(
    app: Flask, district: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However long the server is away: it says nothing of this mail.
    monkeypatch.setattr(actions, "ATTEMPTS", 1)
    settings: Settings = app.extensions["lxsaas.settings"]
    settings.operator_email, settings.smtp_url = "operator@example.org", "smtp://127.0.0.1:9"
    alarms.look(AFTER, slug=district.slug)
    assert [(one.mail, one.attempts) for one in alarms_of(district)] == [("pending", 1)]
    with ScriptedSmtpServer() as server:
        settings.smtp_url = server.url
        alarms.look(AFTER + timedelta(hours=1), slug=district.slug)
    assert [(one.mail, one.attempts) for one in alarms_of(district)] == [("sent", 2)]


def test_no_mail_goes_of_a_night_that_came_before_it(app: Flask, district: Place) -> None:
    settings: Settings = app.extensions["lxsaas.settings"]
    settings.operator_email, settings.smtp_url = "operator@example.org", "smtp://127.0.0.1:9"
    alarms.look(AFTER, slug=district.slug)
    run_night(district)
    with ScriptedSmtpServer() as server:
        settings.smtp_url = server.url
        alarms.look(AFTER + timedelta(hours=1), slug=district.slug)
        assert mails(server, district) == []
    assert [(one.mail, one.closed_at is None) for one in alarms_of(district)] == [("none", False)]


def test_what_a_killed_sender_held_is_unknown_and_goes_not_twice(app: Flask, district: Place) -> None:
    settings: Settings = app.extensions["lxsaas.settings"]
    settings.operator_email = "operator@example.org"
    with session_for(aggregating(district.id, ())) as session:
        actions.raise_alarm(session, district_id=district.id, as_of=DAY, now=AFTER, tell=True)
        assert actions.claim_mail(session, district_id=district.id, now=AFTER) is not None
        session.commit()
    with ScriptedSmtpServer() as server:
        settings.smtp_url = server.url
        alarms.look(AFTER, slug=district.slug)
        assert [one.mail for one in alarms_of(district)] == ["sending"]
        with session_for(aggregating(district.id, ())) as session:
            ago = func.now() - timedelta(hours=1)
            session.execute(update(NightAlarm).values(claimed_at=ago))
            session.commit()
        alarms.look(AFTER, slug=district.slug)
        assert mails(server, district) == []
    assert [(one.mail, one.error) for one in alarms_of(district)] == [("unknown", "sender_killed")]


def test_a_refused_login_pauses_all_mail_and_costs_no_attempt(app: Flask, district: Place) -> None:
    settings: Settings = app.extensions["lxsaas.settings"]
    settings.operator_email = "operator@example.org"
    try:
        with ScriptedSmtpServer() as server:
            settings.smtp_url = server.url.replace("smtp://", "smtp://u:p@")
            server.refuse_logins()
            for minutes in range(0, 600, 40):
                alarms.look(AFTER + timedelta(minutes=minutes), slug=district.slug)
            assert server.connections == 1
        assert [(one.mail, one.attempts) for one in alarms_of(district)] == [("pending", 0)]
        page = app.test_client().get("/operator", auth=("operator", TOKEN))
        assert "lxsaas reports resume" in page.text
    finally:
        with session_for(aggregating(district.id, ())) as session:
            resume_channel(session)
            session.commit()
    with ScriptedSmtpServer() as server:
        settings.smtp_url = server.url
        alarms.look(AFTER + timedelta(hours=11), slug=district.slug)
        assert len(mails(server, district)) == 1


def test_an_address_that_no_envelope_takes_fails_at_once(app: Flask, district: Place) -> None:
    settings: Settings = app.extensions["lxsaas.settings"]
    settings.operator_email = "nobody at home"
    with ScriptedSmtpServer() as server:
        settings.smtp_url = server.url
        alarms.look(AFTER, slug=district.slug)
        assert server.accepted == []
    assert [(one.mail, one.error) for one in alarms_of(district)] == [("failed", "address_invalid")]


def test_guessing_at_the_token_is_slowed_down_and_counted(
    app: Flask, district: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "BY_ADDRESS", RateLimitItemPerMinute(3, 15, namespace=district.slug))
    client = app.test_client()
    before = throttle.wrong_tokens()
    answers = [client.get("/metrics", auth=("operator", f"wrong {number}")) for number in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    # From this address not even with the right one, or guessing on would find it.
    assert client.get("/metrics", auth=("operator", TOKEN)).status_code == 429
    assert throttle.wrong_tokens() == before + 3


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
