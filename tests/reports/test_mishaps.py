"""What goes wrong before the line is opened, or for a while, costs one attempt: no other mail, no channel."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from lxsaas.commands.doctor import check_addresses, check_mail
from lxsaas.config import Settings
from lxsaas.core.errors import ConfigurationError
from lxsaas.core.mail import Mailer
from lxsaas.core.mail_text import compose, envelope_address
from lxsaas.core.scope import aggregating
from lxsaas.extensions import session_for
from lxsaas.indicators import engine
from lxsaas.reports import actions, channel_actions, sending, writing
from lxsaas.reports.letter import Letter
from lxsaas.reports.models import OutboxMessage
from lxsaas.reports.reading import ReportData
from tests import smtp_server as scripted
from tests.command import lxsaas
from tests.factories import Factory, Person, Place
from tests.reports.test_outbox import (
    BOTH,
    MORNING,
    NIGHT,
    district,
    mailing,
    officers,
    recipients,
    send,
    states,
)
from tests.smtp_server import ScriptedSmtpServer, smtp_server

__all__ = ["district", "mailing", "officers", "smtp_server"]


def login(app: Flask, smtp_server: ScriptedSmtpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = app.extensions["lxsaas.settings"]
    monkeypatch.setattr(settings, "smtp_url", smtp_server.url.replace("smtp://", "smtp://user:secret@"))


def test_a_login_that_cannot_be_checked_just_now_is_tried_again_and_pauses_nothing(
    app: Flask,
    district: Place,
    officers: list[Person],
    smtp_server: ScriptedSmtpServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def busy(line: scripted._Smtp, _arg: str) -> None:
        await line.push("454 4.7.0 Temporary authentication failure")

    login(app, smtp_server, monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(scripted._Smtp, "smtp_AUTH", busy)
        assert send(district) == Counter(retry=2)
    assert send(district, MORNING + timedelta(minutes=5)) == Counter(sent=2)


def test_a_letter_that_cannot_be_written_holds_up_no_other_and_is_tried_again(
    district: Place, officers: list[Person], smtp_server: ScriptedSmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = writing.write_report

    def chinese_only(data: ReportData, codes: Sequence[str], language: str | None, *more: Any) -> Letter:
        if language == "en":
            raise ArithmeticError
        return write(data, codes, language, *more)

    with monkeypatch.context() as patch:
        patch.setattr(writing, "write_report", chinese_only)
        assert send(district) == Counter(retry=1, sent=1)
    assert states(district) == ["retry", "sent"]
    assert send(district, MORNING + timedelta(minutes=5)) == Counter(sent=1)
    assert recipients(smtp_server) == BOTH


def test_an_address_that_is_none_fails_alone(
    factory: Factory, district: Place, mailing: None, smtp_server: ScriptedSmtpServer
) -> None:
    for address in ("bad\naddress@example.org", "nobody@", "good@example.org"):
        factory.officer(district, email=address)
    factory.school(district)
    engine.work_off(district.id, engine.begin_run(district.id, NIGHT))
    assert send(district) == Counter(refused=2, sent=1)
    assert recipients(smtp_server) == ["good@example.org"]


def test_chinese_addresses_are_written_to(
    factory: Factory, district: Place, mailing: None, smtp_server: ScriptedSmtpServer
) -> None:
    """A Chinese domain has a form in ASCII; a Chinese mailbox needs a server that takes it (RFC 6531)."""
    for address in ("wang@例子.cn", "王@例子.cn"):
        factory.officer(district, email=address)
    factory.school(district)
    engine.work_off(district.id, engine.begin_run(district.id, NIGHT))
    assert send(district) == Counter(sent=2)
    assert recipients(smtp_server) == ["wang@xn--fsqu00a.cn", "王@例子.cn"]
    assert {one.message["To"] for one in smtp_server.accepted} == {"wang@xn--fsqu00a.cn", "王@例子.cn"}


def test_a_chinese_mailbox_is_refused_by_a_server_without_it_and_the_line_stays_good(
    smtp_server: ScriptedSmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = compose(
        sender="a@example.org", recipient="王@例子.cn", subject="s", text="t", html="<p>t</p>",
        message_id="<1@lxsaas>", list_id="<list.lxsaas>",
    )  # fmt: skip
    monkeypatch.setattr("smtplib.SMTP.has_extn", lambda _server, _name: False)
    with Mailer(smtp_server.url, timeout=2) as mailer:
        refused = mailer.send(message, sender="a@example.org", recipient="王@例子.cn")
        assert (refused.fate, refused.code) == ("refused", "smtputf8_missing")
        message.replace_header("To", "b@example.org")
        assert mailer.send(message, sender="a@example.org", recipient="b@example.org").fate == "sent"


def test_the_address_on_the_envelope() -> None:
    assert envelope_address("wang@例子.cn") == "wang@xn--fsqu00a.cn"
    for as_it_is in ("Wang@example.org", "officer@qinghe.invalid", "officer@intranet"):
        assert envelope_address(as_it_is) == as_it_is
    for none in ("nobody", "nobody@", "@example.org", "a b@example.org", "a@example.org>"):
        with pytest.raises(ValueError, match="@"):
            envelope_address(none)


@pytest.mark.parametrize(
    "url", ["smtp://host:mail", "smtp://host:99999", "http://host", "smtp://", "smtp://[::1"]
)
def test_a_wrong_url_is_a_fault_of_the_configuration(url: str) -> None:
    with pytest.raises(ConfigurationError, match="smtp_url_invalid"):
        Mailer(url)


def test_a_message_put_up_again_has_all_its_attempts_again(
    district: Place, officers: list[Person], smtp_server: ScriptedSmtpServer
) -> None:
    smtp_server.answer("451 4.3.0 later")
    assert send(district) == Counter(retry=1, sent=1)
    with session_for(aggregating(district.id, ())) as session:
        failed = session.scalars(select(OutboxMessage).where(OutboxMessage.state == "retry")).one()
        failed.state, failed.attempts = "failed", actions.ATTEMPTS
        session.commit()
        actions.resend(session, district.id, failed.id, MORNING)
        session.commit()
    smtp_server.answer("451 4.3.0 later")
    assert send(district) == Counter(retry=1)
    assert states(district) == ["retry", "sent"]


def test_a_turn_that_is_over_claims_nothing_more(
    district: Place, officers: list[Person], smtp_server: ScriptedSmtpServer
) -> None:
    """What it leaves is pending, for the next tick: no time limit strikes in the middle of an attempt."""
    with Mailer(smtp_server.url) as mailer:
        assert sending.send_district(mailer, district.id, MORNING, stop_at=0.0) == Counter()
    assert states(district) == ["pending", "pending"]
    assert send(district) == Counter(sent=2)


def test_doctor_leaves_an_unknown_key_to_the_check_of_migrations(
    app: Flask, mailing: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings: Settings = app.extensions["lxsaas.settings"]
    monkeypatch.setattr(Settings, "context_key", property(lambda _settings: b"another key" * 3))
    assert list(check_mail(settings)) == []


@pytest.mark.parametrize(
    ("sender", "back", "fits"),
    [
        ("关爱 <noreply@example.org>", "bounces@example.org", True),
        ("noreply@example.org", "bounces@Mail.example.org", True),
        ("noreply@mail.example.org", "bounces@example.org", True),
        ("noreply@example.org", None, True),
        ("noreply@example.org", "bounces@otherexample.org", False),
        ("noreply@example.org", "bounces@example.net", False),
    ],
)
def test_doctor_wants_returned_mail_at_the_senders_domain(sender: str, back: str | None, fits: bool) -> None:
    settings = Settings.of(LXSAAS_MAIL_FROM=sender, LXSAAS_BOUNCE_ADDRESS=back)
    assert (list(check_addresses(settings)) == []) is fits


def test_doctor_alarms_while_the_channel_is_paused(
    district: Place, mailing: None, smtp_server: ScriptedSmtpServer, app: Flask
) -> None:
    settings: Settings = app.extensions["lxsaas.settings"]
    assert list(check_mail(settings)) == []
    with session_for(aggregating(district.id, ())) as session:
        channel_actions.pause_channel(session, "535")
        session.commit()
    assert "paused" in " ".join(check_mail(settings))
    with session_for(aggregating(district.id, ())) as session:
        channel_actions.resume_channel(session)
        session.commit()
    assert list(check_mail(settings)) == []


def test_the_command_sends_once_however_often_it_runs_and_says_when_the_channel_is_paused(
    factory: Factory, district: Place, mailing: None, settings: Settings, smtp_server: ScriptedSmtpServer
) -> None:
    address = f"{district.slug}@example.org"
    factory.officer(district, email=address)
    factory.school(district)
    engine.work_off(district.id, engine.begin_run(district.id, NIGHT))
    command = ("reports", "send-due", "--now", "2026-06-01T06:31:00+08:00")
    first = lxsaas(settings, *command, SMTP_URL=smtp_server.url)
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout)["sent"] >= 1
    again = lxsaas(settings, *command, SMTP_URL=smtp_server.url)
    assert again.returncode == 0, again.stderr
    assert "sent" not in json.loads(again.stdout)
    assert recipients(smtp_server).count(address) == 1
    with session_for(aggregating(district.id, ())) as session:
        channel_actions.pause_channel(session, "535")
        session.commit()
    paused = lxsaas(settings, *command, SMTP_URL=smtp_server.url)
    assert paused.returncode == 1
    assert [line for line in paused.stderr.splitlines() if line.startswith("lxsaas: ")] != []
    assert lxsaas(settings, "reports", "resume").returncode == 0
    assert lxsaas(settings, *command, SMTP_URL=smtp_server.url).returncode == 0
