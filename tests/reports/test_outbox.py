"""Mail owed is sent once: every fault of the server ends as the design says."""

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_string, policy

import pytest
from flask import Flask, current_app
from sqlalchemy import select, update

from lxsaas.core.mail import Mailer
from lxsaas.core.scope import aggregating, watching
from lxsaas.extensions import session_for
from lxsaas.indicators import engine
from lxsaas.indicators.hooks import run_finished
from lxsaas.reports import actions, channel_actions, owing, queries, schedule, sending, subscription_actions
from lxsaas.reports.models import OutboxMessage
from lxsaas.reports.subscription_actions import Owner
from lxsaas.reports.subscription_queries import own_subscriptions
from tests.factories import Factory, Person, Place
from tests.smtp_server import ScriptedSmtpServer, smtp_server

__all__ = ["smtp_server"]

NIGHT = date(2026, 5, 31)
MORNING = datetime(2026, 5, 31, 22, 31, tzinfo=UTC)
"""06:31 of the morning after, in Shanghai."""


@pytest.fixture
def mailing(app: Flask, smtp_server: ScriptedSmtpServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The application sends to the scripted server, in its context."""
    settings = app.extensions["lxsaas.settings"]
    monkeypatch.setattr(settings, "smtp_url", smtp_server.url)
    with app.app_context():
        expire_others_mail()
        yield
        for district_id, _ in engine.districts()[:1]:
            with session_for(aggregating(district_id, ())) as session:
                channel_actions.resume_channel(session)
                session.commit()


def expire_others_mail() -> None:
    """What earlier tests left waiting in other districts would take answers that are this test's."""
    with session_for(watching()) as session:
        districts = list(session.scalars(queries.districts_with_work(MORNING, actions.ABANDONED)))
    for district_id in districts:
        with session_for(aggregating(district_id, ())) as session:
            waits = OutboxMessage.state.in_(("pending", "retry", "claimed"))
            session.execute(update(OutboxMessage).where(waits).values(state="expired"))
            session.commit()


@pytest.fixture
def district(factory: Factory) -> Place:
    return factory.district()


@pytest.fixture
def officers(factory: Factory, district: Place, mailing: None) -> list[Person]:
    """Two officers with addresses, and a night that owes each of them a digest."""
    people = [
        factory.officer(district, email=f"officer{number}@example.org", language=language)
        for number, language in enumerate(["zh_Hans_CN", "en"])
    ]
    factory.school(district)
    run_id = engine.begin_run(district.id, NIGHT)
    engine.work_off(district.id, run_id)
    return people


def send(district: Place, now: datetime = MORNING) -> Counter[str]:
    """What `reports send-due` does, for this test's district alone."""
    settings = current_app.extensions["lxsaas.settings"]
    with Mailer(settings.smtp_url, timeout=2, listen=0.3) as mailer:
        with session_for(aggregating(district.id, ())) as session:
            owing.owe_digests(session, district.id, NIGHT)
            actions.give_up(session, district.id, now)
            session.commit()
        return sending.send_district(mailer, district.id, now)


def states(district: Place) -> list[str]:
    with session_for(aggregating(district.id, ())) as session:
        return sorted(session.scalars(select(OutboxMessage.state)))


def recipients(server: ScriptedSmtpServer) -> list[str]:
    return sorted(one for delivery in server.accepted for one in delivery.recipients)


BOTH = ["officer0@example.org", "officer1@example.org"]


def test_a_night_gives_each_officer_one_digest_however_often_it_is_sent(
    district: Place, officers: list[Person], smtp_server: ScriptedSmtpServer
) -> None:
    assert send(district)["sent"] == 2
    assert send(district) == Counter()
    engine.work_off(district.id, engine.begin_run(district.id, NIGHT))
    assert send(district) == Counter()
    assert recipients(smtp_server) == BOTH


def test_two_senders_at_once_send_each_message_once(
    app: Flask, district: Place, officers: list[Person], smtp_server: ScriptedSmtpServer
) -> None:
    def work() -> None:
        with app.app_context():
            send(district)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert recipients(smtp_server) == BOTH


def test_the_digest_waits_for_its_hour_and_is_history_after_three_days(
    district: Place, officers: list[Person], smtp_server: ScriptedSmtpServer
) -> None:
    assert send(district, MORNING - timedelta(minutes=2)) == Counter()
    assert send(district, MORNING + timedelta(days=4)) == Counter()
    assert states(district) == ["expired", "expired"]
    assert smtp_server.accepted == []


def test_a_digest_says_the_figures_in_the_language_of_its_reader(
    district: Place, officers: list[Person], smtp_server: ScriptedSmtpServer
) -> None:
    send(district)
    texts = {delivery.recipients[0]: delivery.content.decode() for delivery in smtp_server.accepted}
    bodies = {}
    for address, text in texts.items():
        message = message_from_string(text, policy=policy.default)
        assert {part.get_content_type() for part in message.walk()} >= {"text/plain", "text/html"}
        body = message.get_body(("plain",))
        assert body is not None
        bodies[address] = body.get_content()
    assert "留守儿童关爱" in bodies["officer0@example.org"]
    assert "Care for left-behind children" in bodies["officer1@example.org"]


def test_451_is_tried_again_later(
    district: Place, officers: list[Person], smtp_server: ScriptedSmtpServer
) -> None:
    smtp_server.answer("451 4.3.0 later", times=2)
    assert send(district) == Counter(retry=2)
    assert states(district) == ["retry", "retry"]
    assert send(district) == Counter()
    assert send(district, MORNING + timedelta(minutes=5))["sent"] == 2
    assert recipients(smtp_server) == BOTH


@pytest.mark.parametrize("stage", ["connect", "mail", "rcpt", "data", "body"])
def test_a_line_dropped_before_the_final_dot_is_tried_again(
    district: Place, officers: list[Person], smtp_server: ScriptedSmtpServer, stage: str
) -> None:
    smtp_server.hang_up(stage)  # type: ignore[arg-type]
    assert send(district) == Counter(retry=1, sent=1)
    assert send(district, MORNING + timedelta(minutes=5)) == Counter(sent=1)
    assert recipients(smtp_server) == BOTH


@pytest.mark.parametrize("fault", ["hang up", "silence"])
def test_no_answer_after_the_final_dot_is_unknown_and_never_sent_again(
    district: Place, officers: list[Person], smtp_server: ScriptedSmtpServer, fault: str
) -> None:
    if fault == "silence":
        smtp_server.be_silent("dot")
    else:
        smtp_server.hang_up("dot")
    assert send(district) == Counter(unknown=1, sent=1)
    assert send(district, MORNING + timedelta(days=1)) == Counter()
    assert states(district) == ["sent", "unknown"]
    assert len(smtp_server.accepted) == 1


def test_a_refused_recipient_fails_and_the_others_get_theirs(
    district: Place, officers: list[Person], smtp_server: ScriptedSmtpServer
) -> None:
    smtp_server.refuse_recipient("officer0@example.org")
    assert send(district) == Counter(refused=1, sent=1)
    assert states(district) == ["failed", "sent"]
    assert recipients(smtp_server) == ["officer1@example.org"]


def test_a_refused_login_pauses_everything_until_it_is_resumed(
    app: Flask,
    district: Place,
    officers: list[Person],
    smtp_server: ScriptedSmtpServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    smtp_server.refuse_logins()
    settings = app.extensions["lxsaas.settings"]
    monkeypatch.setattr(settings, "smtp_url", smtp_server.url.replace("smtp://", "smtp://user:secret@"))
    assert send(district) == Counter(login_refused=1, paused=1)
    assert states(district) == ["pending", "pending"]
    assert send(district) == Counter(paused=1)
    smtp_server.forgive()
    smtp_server.require_login("user", "secret")
    with session_for(aggregating(district.id, ())) as session:
        channel_actions.resume_channel(session)
        session.commit()
    assert send(district)["sent"] == 2


def test_a_message_that_a_killed_sender_held_is_unknown(
    district: Place, officers: list[Person], smtp_server: ScriptedSmtpServer
) -> None:
    """Nobody knows whether it went: sending it again could send it twice."""
    with session_for(aggregating(district.id, ())) as session:
        (message,) = actions.claim_due(session, district.id, MORNING)
        assert actions.begin(session, [message]) == {message.id}
        long_ago = datetime.now(UTC) - timedelta(hours=1)
        session.execute(
            update(OutboxMessage).where(OutboxMessage.id == message.id).values(claimed_at=long_ago)
        )
        session.commit()
    assert send(district) == Counter(sent=1)
    assert states(district) == ["sent", "unknown"]


def test_who_unsubscribed_gets_nothing_and_is_not_subscribed_again(
    factory: Factory, district: Place, officers: list[Person], smtp_server: ScriptedSmtpServer
) -> None:
    owner = Owner(district.id, officers[0].id)
    with factory.session(district.scope) as session:
        one = session.scalars(own_subscriptions(owner.person)).one()
        subscription_actions.pause_subscription(session, owner, one)
    send(district)
    # Nothing went wrong: no operator need look.
    assert states(district) == ["expired", "sent"]
    engine.work_off(district.id, engine.begin_run(district.id, NIGHT + timedelta(days=1)))
    send(district, MORNING + timedelta(days=1))
    assert recipients(smtp_server) == ["officer1@example.org", "officer1@example.org"]


def test_an_officer_who_comes_after_the_night_still_gets_it(
    factory: Factory, district: Place, officers: list[Person], smtp_server: ScriptedSmtpServer
) -> None:
    factory.officer(district, email="late@example.org")
    send(district)
    assert recipients(smtp_server) == ["late@example.org", *BOTH]


def test_figures_and_digests_are_published_together_or_not_at_all(
    factory: Factory, district: Place, mailing: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    factory.officer(district, email="one@example.org")
    factory.school(district)

    def failing(*_given: object) -> None:
        raise ArithmeticError

    monkeypatch.setattr("lxsaas.indicators.publishing.run_finished", [*run_finished, failing])
    run_id = engine.begin_run(district.id, NIGHT)
    with pytest.raises(ArithmeticError):
        engine.compute_batch(district.id, run_id)
    assert engine.is_running(district.id, run_id)
    assert states(district) == []


@pytest.mark.parametrize(
    ("day", "timezone", "utc"),
    [
        (date(2026, 6, 1), "Asia/Shanghai", datetime(2026, 5, 31, 22, 30, tzinfo=UTC)),
        (date(2026, 1, 15), "America/New_York", datetime(2026, 1, 15, 11, 30, tzinfo=UTC)),
    ],
)
def test_the_hour_is_that_of_the_district(day: date, timezone: str, utc: datetime) -> None:
    assert schedule.instant_of(day, time(6, 30), timezone) == utc


def test_an_hour_that_summer_time_skips_comes_after_the_gap() -> None:
    instant = schedule.instant_of(date(2026, 3, 8), time(2, 30), "America/New_York")
    assert instant == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
