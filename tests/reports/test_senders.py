"""Senders are killed, race, meet a clock that jumps, a domain that defers: no second copy, no standstill."""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from time import monotonic
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from lxsaas.config import Settings
from lxsaas.core.mail import Mailer
from lxsaas.core.scope import aggregating, watching
from lxsaas.extensions import session_for
from lxsaas.indicators import engine
from lxsaas.reports import actions, channel_actions, sending, turns
from lxsaas.reports.journal import Journal, left_behind, this_boot
from lxsaas.reports.models import MailChannel, OutboxMessage
from tests.factories import Factory, Place
from tests.reports.test_outbox import MORNING, NIGHT, district, mailing, send, states
from tests.smtp_server import ScriptedSmtpServer, smtp_server
from tests.worker import kill, lxsaas_process, wait_for

__all__ = ["district", "mailing", "smtp_server"]


def owe(factory: Factory, district: Place, *addresses: str) -> list[str]:
    """Officers with these addresses, each of whom is owed a digest; the addresses, made this test's own."""
    own = [f"{district.slug}-{address}" for address in addresses]
    for address in own:
        factory.officer(district, email=address)
    factory.school(district)
    engine.work_off(district.id, engine.begin_run(district.id, NIGHT))
    return own


def arrived(server: ScriptedSmtpServer, addresses: list[str]) -> Counter[str]:
    """How often each of these addresses has, or may have, got a mail."""
    whole = [*server.accepted, *server.unanswered, *server.rejected]
    return Counter(one.recipients[0] for one in whole if one.recipients[0] in addresses)


def test_a_sender_killed_in_the_middle_leaves_one_message_in_doubt_and_the_others_go(
    app: Flask, factory: Factory, district: Place, mailing: None, smtp_server: ScriptedSmtpServer
) -> None:
    addresses = owe(factory, district, *(f"{number}@example.org" for number in range(5)))
    # Two are accepted (which the script files under what it answered itself), the third never hears.
    smtp_server.answer("250 OK", times=2)
    smtp_server.be_silent("dot")
    settings: Settings = app.extensions["lxsaas.settings"]
    command = ("reports", "send-due", "--now", MORNING.isoformat())
    with lxsaas_process(settings, *command, SMTP_URL=smtp_server.url, LXSAAS_MAIL_LINES="1") as process:
        wait_for(lambda: smtp_server.unanswered)
        kill(process)
    assert states(district) == ["sending"] * 5
    sending.send_due(MORNING)
    assert states(district) == ["sent"] * 4 + ["unknown"]
    assert arrived(smtp_server, addresses) == Counter(addresses)
    assert list(sending.journals(settings).glob("*")) == []


def test_without_its_journal_all_that_a_killed_sender_held_is_in_doubt(
    factory: Factory, district: Place, mailing: None, smtp_server: ScriptedSmtpServer
) -> None:
    """It ran on another machine, or this one went down: nothing goes twice."""
    owe(factory, district, *(f"{number}@example.org" for number in range(3)))
    with session_for(aggregating(district.id, ())) as session:
        held = actions.claim_due(session, district.id, MORNING, 2)
        actions.begin(session, held)
        session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.state == "sending")
            .values(claimed_at=func.now() - actions.ABANDONED - timedelta(seconds=1))
        )
        session.commit()
    assert send(district) == Counter(sent=1)
    assert states(district) == ["sent", "unknown", "unknown"]


def test_what_was_claimed_and_never_begun_is_put_up_again(
    factory: Factory, district: Place, mailing: None, smtp_server: ScriptedSmtpServer
) -> None:
    owe(factory, district, "a@example.org", "b@example.org")
    with session_for(aggregating(district.id, ())) as session:
        held = actions.claim_due(session, district.id, MORNING, 2)
        session.commit()
        assert send(district) == Counter()
        session.execute(update(OutboxMessage).values(claimed_at=datetime.now(UTC) - timedelta(hours=1)))
        session.commit()
    assert send(district) == Counter(sent=2)
    # The first sender was only slow: none of them is its own any more.
    with session_for(aggregating(district.id, ())) as session:
        assert actions.begin(session, held) == set()


def test_a_sender_that_was_thought_dead_says_how_it_ended(
    factory: Factory, district: Place, mailing: None
) -> None:
    """The database's clock jumped while it was sending."""
    owe(factory, district, "a@example.org")
    with session_for(aggregating(district.id, ())) as session:
        held = actions.claim_due(session, district.id, MORNING)
        actions.begin(session, held)
        session.execute(update(OutboxMessage).values(claimed_at=datetime.now(UTC) - timedelta(days=400)))
        actions.give_up(session, district.id, MORNING)
        session.commit()
        assert states(district) == ["unknown"]
        actions.accept(session, held)
        session.commit()
    assert states(district) == ["sent"]


@pytest.mark.parametrize("jump", [timedelta(days=-400), timedelta(days=400)])
def test_a_clock_that_jumps_sends_nothing_twice(
    factory: Factory, district: Place, mailing: None, smtp_server: ScriptedSmtpServer, jump: timedelta
) -> None:
    addresses = owe(factory, district, "a@example.org", "b@example.org")
    smtp_server.answer("451 later")
    send(district)
    send(district, MORNING + jump)
    send(district, MORNING + timedelta(minutes=5))
    came = arrived(smtp_server, addresses)
    assert states(district) == (["sent", "sent"] if jump < timedelta() else ["expired", "sent"])
    assert sum(came.values()) - len(smtp_server.rejected) == states(district).count("sent")


def test_racing_senders_share_a_queue_without_a_second_copy(
    app: Flask, factory: Factory, district: Place, mailing: None, smtp_server: ScriptedSmtpServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(app.extensions["lxsaas.settings"], "mail_batch", 3)
    addresses = owe(factory, district, *(f"{number}@example.org" for number in range(20)))

    def work() -> None:
        with app.app_context():
            send(district)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert arrived(smtp_server, addresses) == Counter(addresses)
    assert states(district) == ["sent"] * 20


def test_a_domain_that_defers_rests_and_the_others_mail_goes(
    factory: Factory, district: Place, mailing: None, smtp_server: ScriptedSmtpServer
) -> None:
    slow = owe(factory, district, *(f"{number}@slow.example" for number in range(5)))
    quick = [factory.officer(district, email=f"{district.slug}-{n}@quick.example") for n in range(2)]
    for address in slow:
        smtp_server.refuse_recipient(address, "451 4.7.1 greylisted")
    assert send(district) == Counter(retry=5, sent=len(quick))
    with session_for(aggregating(district.id, ())) as session:
        rows = session.execute(select(OutboxMessage.error, OutboxMessage.attempts)).all()
    waits = Counter((error, attempts) for error, attempts in rows if error)
    assert waits == {("rcpt 451", 1): 3, ("domain_rests", 0): 2}


def test_a_server_that_is_down_costs_three_attempts_a_turn_and_no_message(
    app: Flask, factory: Factory, district: Place, mailing: None, smtp_server: ScriptedSmtpServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    owe(factory, district, *(f"{number}@example.org" for number in range(6)))
    with monkeypatch.context() as patch:
        patch.setattr(app.extensions["lxsaas.settings"], "smtp_url", "smtp://127.0.0.1:9")
        for hours in range(20):
            send(district, MORNING + timedelta(hours=hours))
    assert set(states(district)) <= {"retry", "pending"}
    assert send(district, MORNING + timedelta(hours=30)) == Counter(sent=6)


def test_the_channel_keeps_its_pace_whoever_sends(
    app: Flask, factory: Factory, district: Place, mailing: None, smtp_server: ScriptedSmtpServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(app.extensions["lxsaas.settings"], "mail_rate", 2)
    owe(factory, district, *(f"{number}@example.org" for number in range(3)))

    def turn() -> Counter[str]:
        with Mailer(smtp_server.url) as mailer:
            return sending.send_district(mailer, district.id, MORNING, stop_at=monotonic() + 2)

    set_slot(None)
    assert [turn(), turn()] == [Counter(sent=1), Counter()]
    set_slot(timedelta(seconds=-1))
    assert turn() == Counter(sent=1)
    # A clock that jumped back must not stop all mail until it comes there again.
    set_slot(timedelta(days=300))
    assert turn() == Counter(sent=1)
    set_slot(None)


def set_slot(after: timedelta | None) -> None:
    with session_for(watching()) as session:
        at = None if after is None else func.now() + after
        session.execute(update(MailChannel).values(next_slot_at=at))
        session.commit()


@pytest.mark.parametrize("rate", [1, 2, 7, 12, 60, 600, 5000])
def test_no_minute_sees_more_than_the_rate(rate: int) -> None:
    at_once, interval = channel_actions.pace(rate)
    # Any 60 seconds hold what goes at once and one more for each interval that fits.
    assert at_once + int((timedelta(minutes=1) - timedelta(microseconds=1)) / interval) <= rate


def test_one_turn_at_a_time_and_a_killed_worker_s_ends_by_itself(mailing: None) -> None:
    first, second = uuid4(), uuid4()
    with session_for(watching()) as session:
        assert channel_actions.take_turn(session, first)
        assert not channel_actions.take_turn(session, second)
        assert channel_actions.take_turn(session, first)
        for until in (timedelta(seconds=-1), timedelta(days=300)):
            session.execute(update(MailChannel).values(turn_by=first, turn_until=func.now() + until))
            assert channel_actions.take_turn(session, second)
        channel_actions.end_turn(session, first)
        assert not channel_actions.take_turn(session, first)
        channel_actions.end_turn(session, second)
        session.commit()


def test_the_clock_s_turn_sends_and_ends(
    factory: Factory, district: Place, mailing: None, smtp_server: ScriptedSmtpServer
) -> None:
    owe(factory, district, "a@example.org")
    turns.take_turn(MORNING, seconds=60)
    assert states(district) == ["sent"]
    with session_for(watching()) as session:
        assert channel_actions.take_turn(session, uuid4())
        session.rollback()


def test_paused_by_hand_nothing_goes_until_it_is_resumed(
    factory: Factory, district: Place, mailing: None, smtp_server: ScriptedSmtpServer
) -> None:
    owe(factory, district, "a@example.org")
    with session_for(watching()) as session:
        channel_actions.pause_channel(session, channel_actions.BY_HAND)
        session.commit()
    assert send(district) == Counter(paused=1)
    assert sending.send_due(MORNING) == Counter(paused=1)
    with session_for(watching()) as session:
        channel_actions.resume_channel(session)
        session.commit()
    assert send(district) == Counter(sent=1)


def test_a_journal_is_read_only_when_its_process_is_gone(app: Flask, mailing: None) -> None:
    folder = app.extensions["lxsaas.settings"].data_dir / f"journals-{uuid4()}"
    boot = this_boot()
    assert boot is not None
    journal = Journal.begin(folder, 1, uuid4(), boot)
    journal.tried(5)
    assert list(left_behind(folder, boot)) == []
    journal.end()
    assert list(folder.iterdir()) == []
    Journal.begin(folder, 1, uuid4(), "before the machine went down").leave()
    assert list(left_behind(folder, boot)) == []
    assert list(folder.iterdir()) == []
