"""The scripted SMTP server misbehaves as it is told: tests of the outbox rest on it."""

import smtplib
import socket

import pytest

from tests.smtp_server import ScriptedSmtpServer, smtp_server

__all__ = ["smtp_server"]
TEXT = "Subject: figures\r\n\r\nbody\r\n.leading dot\r\n"


def send(server: ScriptedSmtpServer, *recipients: str, timeout: float = 5, login: str | None = None) -> None:
    with smtplib.SMTP(server.host, server.port, timeout=timeout) as client:
        if login:
            client.login(login, "secret")
        client.sendmail("from@example.org", recipients or ["to@example.org"], TEXT)


def test_accepts_and_remembers(smtp_server: ScriptedSmtpServer) -> None:
    send(smtp_server, "a@example.org", "b@example.org")
    [delivery] = smtp_server.wait_for(1)
    assert delivery.recipients == ["a@example.org", "b@example.org"]
    assert delivery.message["Subject"] == "figures"
    assert b"\r\n.leading dot" in delivery.content
    assert smtp_server.connections == 1


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "dot"])
def test_answers_451_as_often_as_told(smtp_server: ScriptedSmtpServer, stage: str) -> None:
    smtp_server.answer("451 4.3.0 later", at=stage, times=2)  # type: ignore[arg-type]
    for _ in range(2):
        with pytest.raises(smtplib.SMTPException) as refused:
            send(smtp_server)
        assert "451" in str(refused.value)
    send(smtp_server)
    assert len(smtp_server.accepted) == 1
    assert len(smtp_server.rejected) == (2 if stage == "dot" else 0)


@pytest.mark.parametrize("stage", ["connect", "mail", "dot"])
def test_421_closes_the_line(smtp_server: ScriptedSmtpServer, stage: str) -> None:
    smtp_server.answer("421 4.3.2 going down", at=stage)  # type: ignore[arg-type]
    with pytest.raises(smtplib.SMTPException) as refused:
        send(smtp_server)
    assert "421" in str(refused.value)
    assert smtp_server.accepted == []


@pytest.mark.parametrize("stage", ["connect", "mail", "rcpt", "data", "body", "dot"])
def test_hangs_up(smtp_server: ScriptedSmtpServer, stage: str) -> None:
    smtp_server.hang_up(stage)  # type: ignore[arg-type]
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        send(smtp_server)
    assert smtp_server.accepted == []
    assert len(smtp_server.unanswered) == (1 if stage == "dot" else 0)
    send(smtp_server)
    assert len(smtp_server.accepted) == 1


def test_is_silent_after_the_final_dot(smtp_server: ScriptedSmtpServer) -> None:
    smtp_server.be_silent()
    with pytest.raises((socket.timeout, smtplib.SMTPServerDisconnected)):
        send(smtp_server, timeout=0.2)
    assert len(smtp_server.unanswered) == 1


def test_refuses_one_recipient(smtp_server: ScriptedSmtpServer) -> None:
    smtp_server.refuse_recipient("Gone@example.org")
    send(smtp_server, "here@example.org", "gone@example.org")
    assert smtp_server.accepted[0].recipients == ["here@example.org"]
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(smtp_server, "gone@example.org")


def test_logins(smtp_server: ScriptedSmtpServer) -> None:
    smtp_server.require_login("district", "secret")
    send(smtp_server, login="district")
    with pytest.raises(smtplib.SMTPAuthenticationError):
        send(smtp_server, login="stranger")
    with pytest.raises(smtplib.SMTPException, match="530"):
        send(smtp_server)
    smtp_server.refuse_logins()
    with pytest.raises(smtplib.SMTPAuthenticationError):
        send(smtp_server, login="district")
    assert smtp_server.logins.count("district") >= 2
    assert len(smtp_server.accepted) == 1
