"""The mail server fails at every phase in every way: the message has one fate, and the next one goes."""

import itertools
import time

import pytest

from lxsaas.core.mail import Mailer
from lxsaas.core.mail_text import compose
from tests.smtp_server import ScriptedSmtpServer, Stage, smtp_server

__all__ = ["smtp_server"]

STAGES: list[Stage] = ["connect", "ehlo", "auth", "mail", "rcpt", "data", "body", "dot"]
FAULTS = ["hang up", "silence", "drip", "nonsense", "421 4.3.2 going down", "451 4.3.0 later", "554 5.7.1 no"]
PATIENCE = 0.4


def fate_at(stage: Stage, fault: str) -> str:
    """What must become of a message that meets a fault at a stage."""
    if stage == "dot":
        return {"421": "retry", "451": "retry", "554": "refused"}.get(fault[:3], "unknown")
    if stage == "body" and fault == "silence":
        return "unknown"  # All was said, and nothing answered.
    if fault.startswith("554"):
        return {"rcpt": "refused", "data": "refused", "auth": "login_refused"}.get(stage, "retry")
    return "retry"


def send(mailer: Mailer, number: int) -> str:
    message = compose(
        sender="a@example.org", recipient=f"{number}@example.org", subject="s", text="t", html="<p>t</p>",
        message_id=f"<{number}@example.org>", list_id="<list.example.org>",
    )  # fmt: skip
    return mailer.send(message, sender="a@example.org", recipient=f"{number}@example.org").fate


def plan(server: ScriptedSmtpServer, stage: Stage, fault: str) -> None:
    if fault == "hang up":
        server.hang_up(stage)
    elif fault == "silence":
        server.be_silent(stage)
    elif fault == "drip":
        server.drip(stage)
    else:
        # Of a login that is refused, smtplib tries the other way that the server offers.
        server.answer(fault, at=stage, times=2 if stage == "auth" and not fault.startswith("421") else 1)


@pytest.mark.parametrize(("stage", "fault"), list(itertools.product(STAGES, FAULTS)))
def test_one_message_meets_a_fault_and_the_next_one_goes(
    smtp_server: ScriptedSmtpServer, stage: Stage, fault: str
) -> None:
    smtp_server.require_login("user", "secret")
    plan(smtp_server, stage, fault)
    url = smtp_server.url.replace("smtp://", "smtp://user:secret@")
    with Mailer(url, timeout=PATIENCE, listen=0.1) as mailer:
        first = send(mailer, 1)
        assert first == fate_at(stage, fault)
        assert send(mailer, 2) == "sent"
    arrived = [one.recipients for one in smtp_server.accepted]
    assert arrived == ([["1@example.org"]] if first == "sent" else []) + [["2@example.org"]]
    # What may have arrived is called sent or unknown, and nothing else is.
    assert smtp_server.unanswered == [] or first == "unknown"


@pytest.mark.parametrize("stage", STAGES)
def test_no_server_holds_a_sender_for_long(smtp_server: ScriptedSmtpServer, stage: Stage) -> None:
    """A byte now and then keeps every timeout of a read away; the whole attempt has one of its own."""
    smtp_server.require_login("user", "secret")
    smtp_server.drip(stage)
    started = time.monotonic()
    with Mailer(smtp_server.url.replace("smtp://", "smtp://user:secret@"), timeout=PATIENCE) as mailer:
        assert send(mailer, 1) != "sent"
    # The way, the answer, and two looks of the watcher; of a machine that does other things besides.
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("query", ["", "?starttls=1"])
def test_tls_that_fails_is_tried_again(smtp_server: ScriptedSmtpServer, query: str) -> None:
    """TLS from the start with a server that speaks plainly; STARTTLS that is required and not offered."""
    url = smtp_server.url + query if query else smtp_server.url.replace("smtp://", "smtps://")
    with Mailer(url, timeout=PATIENCE) as mailer:
        assert send(mailer, 1) == "retry"
    assert smtp_server.accepted == []


def test_an_error_before_the_final_dot_withdraws_the_message(smtp_server: ScriptedSmtpServer) -> None:
    def database_is_gone() -> None:
        raise ConnectionError

    with Mailer(smtp_server.url, timeout=PATIENCE) as mailer:
        with pytest.raises(ConnectionError):
            mailer.send(
                b"Subject: s\r\n\r\nt\r\n", sender="a@b.cn", recipient="c@b.cn", before_dot=database_is_gone
            )
        assert send(mailer, 2) == "sent"
    assert [one.recipients for one in smtp_server.accepted] == [["2@example.org"]]
