"""Mail that comes back is noted on its message; a subscription whose mail goes on coming back is paused."""

from datetime import date, timedelta
from email.message import EmailMessage
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, insert, select

from lxsaas.core.scope import aggregating
from lxsaas.extensions import session_for
from lxsaas.reports.bounces import LARGEST, read_bounce
from lxsaas.reports.models import OutboxMessage, ReportSubscription
from lxsaas.reports.returning import take_returned
from tests.command import lxsaas
from tests.factories import Factory, Place

DAY = date(2026, 5, 1)
Mails = tuple[Place, int, list[str]]


@pytest.fixture
def mails(app: Flask, factory: Factory) -> Mails:
    """A district, a subscription, and the keys of five mails that went on five days."""
    district = factory.district()
    officer = factory.officer(district, email="officer@example.org")
    keys = [str(uuid4()) for _ in range(5)]
    with app.app_context(), session_for(aggregating(district.id, ())) as session:
        values = {"report": "night", "level": "district", "unit_id": district.id, "staff_id": officer.id}
        one = insert(ReportSubscription).values(district_id=district.id, **values)
        subscription_id = session.scalars(one.returning(ReportSubscription.id)).one()
        for number, key in enumerate(keys):
            session.add(
                OutboxMessage(
                    district_id=district.id, subscription_id=subscription_id, state="sent",
                    period_on=DAY + timedelta(days=number), message_id=f"<{key}@lxsaas>",
                    next_attempt_at=func.now(), expires_at=func.now(),
                    sent_at=func.now() - timedelta(days=10 - number),
                )
            )  # fmt: skip
        session.commit()
    return district, subscription_id, keys


def report(
    key: str, status: str = "5.2.1", action: str = "failed", to: str = "noreply@lxsaas.invalid"
) -> bytes:
    """What a mail server answers (RFC 3464)."""
    return f"""From: MAILER-DAEMON@mx.example.org
To: {to}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It did not arrive.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; officer@example.org
Action: {action}
Status: {status}

--b
Content-Type: text/rfc822-headers

From: lxsaas <noreply@lxsaas.invalid>
Message-ID: <{key}@lxsaas.invalid>
Subject: care

--b--
""".replace("\n", "\r\n").encode()


def take(app: Flask, raw: bytes) -> str:
    with app.app_context():
        return take_returned(raw)


def standing(app: Flask, mails: Mails) -> tuple[list[str], bool, int, str | None]:
    """States of the messages, whether the subscription is active, its count, why it is paused."""
    district, subscription_id, _ = mails
    with app.app_context(), session_for(aggregating(district.id, ())) as session:
        states = session.scalars(select(OutboxMessage.state).order_by(OutboxMessage.period_on)).all()
        one = session.get_one(ReportSubscription, (district.id, subscription_id))
        return list(states), one.is_active, one.bounce_count, one.paused_reason


def test_the_third_mail_in_a_row_that_comes_back_pauses_the_subscription(app: Flask, mails: Mails) -> None:
    keys = mails[2]
    assert [take(app, report(key)) for key in keys[:3]] == ["hard", "hard", "paused"]
    assert standing(app, mails) == (["bounced"] * 3 + ["sent"] * 2, False, 3, "bounced")


def test_of_an_address_that_does_not_exist_the_second_does(app: Flask, mails: Mails) -> None:
    assert [take(app, report(key, "5.1.1")) for key in mails[2][:2]] == ["hard", "paused"]


def test_a_mail_between_that_did_not_come_back_begins_the_count_anew(app: Flask, mails: Mails) -> None:
    keys = mails[2]
    assert [take(app, report(keys[number])) for number in (0, 1, 3)] == ["hard"] * 3
    assert standing(app, mails)[1:] == (True, 1, None)


def test_who_resumes_after_that_has_all_tries_again(app: Flask, mails: Mails) -> None:
    district, subscription_id, keys = mails
    for key in keys[:3]:
        take(app, report(key))
    with app.app_context(), session_for(aggregating(district.id, ())) as session:
        one = session.get_one(ReportSubscription, (district.id, subscription_id))
        one.is_active, one.bounce_count, one.paused_reason = True, 0, None
        session.commit()
    assert take(app, report(keys[3])) == "hard"
    assert standing(app, mails)[1:] == (True, 1, None)


def test_a_mail_that_comes_back_twice_counts_once(app: Flask, mails: Mails) -> None:
    for _ in range(4):
        take(app, report(mails[2][0]))
    assert standing(app, mails)[1:] == (True, 1, None)


@pytest.mark.parametrize(
    ("status", "action"), [("4.4.1", "delayed"), ("4.2.2", "failed"), ("5.0.0", "delayed")]
)
def test_what_is_late_or_full_is_only_noted(app: Flask, mails: Mails, status: str, action: str) -> None:
    district, _, keys = mails
    for key in keys:
        assert take(app, report(key, status, action)) == "soft"
    assert standing(app, mails) == (["sent"] * 5, True, 0, None)
    with app.app_context(), session_for(aggregating(district.id, ())) as session:
        errors = session.scalars(select(OutboxMessage.error)).all()
    assert all(status in str(error) for error in errors)


def test_the_address_it_comes_back_to_names_the_message_too(
    app: Flask, mails: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a mail server returns nothing of the mail but its report."""
    monkeypatch.setattr(app.extensions["lxsaas.settings"], "bounce_address", "bounces@example.org")
    raw = report("of no use", to=f"bounces+{mails[2][0]}@example.org")
    assert take(app, raw) == "hard"
    assert standing(app, mails)[0] == ["bounced", *["sent"] * 4]


def nested(depth: int) -> bytes:
    return b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (number, number)
        for number in range(depth)
    )


def answer_of_a_person() -> bytes:
    message = EmailMessage()
    message["Subject"] = "Re: care"
    message.set_content("Thank you")
    return message.as_bytes()


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\0" * 1000, b"\xff\xfe" * 5000, nested(2000), answer_of_a_person(),
        report(str(uuid4())), report("../../etc"), report(str(uuid4()), "2.0.0", "delivered"),
        report(str(uuid4()), "five"), b"Content-Type: message/delivery-status\r\n\r\nStatus",
        b"Content-Type: multipart/report; boundary=\xff\r\n\r\n", b"A: b\r\n" * 200_000,
    ],
    ids=range(12),
)  # fmt: skip
def test_what_is_none_of_ours_does_nothing(app: Flask, mails: Mails, raw: bytes) -> None:
    assert take(app, raw) == "ignored"
    assert standing(app, mails) == (["sent"] * 5, True, 0, None)


def test_of_a_huge_mail_only_the_beginning_is_read(mails: Mails) -> None:
    key = mails[2][0]
    found = read_bounce(report(key) + b"x" * 3 * LARGEST, None)
    assert found is not None
    assert found.keys == (key,)
    assert read_bounce(b"X: y\r\n" * LARGEST + report(key), None) is None


def test_the_command_takes_it_from_a_pipe_and_is_never_upset(app: Flask, mails: Mails) -> None:
    settings = app.extensions["lxsaas.settings"]
    for raw, said in ((report(mails[2][0]), "hard"), (b"\0\xff", "ignored")):
        found = lxsaas(settings, "reports", "bounce", stdin=raw)
        assert (found.returncode, found.stdout.strip()) == (0, said)
