"""One click in a mail ends its subscription, nobody else's, and asks for no sign-in (RFC 8058)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lxsaas.core.scope import aggregating
from lxsaas.extensions import csrf, session_for
from lxsaas.reports.models import ReportSubscription
from lxsaas.reports.unsubscribe import PLACEHOLDER, VALID, Ticket, Tokens
from tests.factories import Person, Place
from tests.reports.test_outbox import district, mailing, officers, send
from tests.smtp_server import ScriptedSmtpServer, smtp_server

__all__ = ["district", "mailing", "officers", "smtp_server"]

TODAY = datetime.now(UTC).date()
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def mailed(
    district: Place, officers: list[Person], smtp_server: ScriptedSmtpServer
) -> list[ScriptedSmtpServer]:
    """Two officers' mails have arrived."""
    send(district)
    return [smtp_server]


def link_in(server: ScriptedSmtpServer, recipient: str) -> str:
    """The path in the mail's header."""
    (mail,) = [one.message for one in server.accepted if one.recipients == [recipient]]
    address = str(mail["List-Unsubscribe"]).strip("<>")
    return "/" + address.split("/", 3)[3]


def active(district: Place) -> list[bool]:
    with session_for(aggregating(district.id, ())) as session:
        found = session.scalars(select(ReportSubscription).order_by(ReportSubscription.staff_id))
        return [one.is_active for one in found]


def test_the_click_of_a_mail_program_ends_this_subscription_and_no_other(
    client: FlaskClient, district: Place, mailed: list[ScriptedSmtpServer]
) -> None:
    link = link_in(mailed[0], "officer0@example.org")
    for _ in range(2):
        answer = client.post(link, data={"List-Unsubscribe": "One-Click"}, headers=ENGLISH)
        assert answer.status_code == 200
        assert "not sent to you any more" in answer.text
    assert active(district) == [False, True]


def test_opening_the_link_ends_nothing_and_shows_one_button(
    client: FlaskClient, district: Place, mailed: list[ScriptedSmtpServer]
) -> None:
    page = client.get(link_in(mailed[0], "officer1@example.org"), headers=ENGLISH)
    assert page.status_code == 200
    assert page.text.count('value="One-Click"') == 1
    assert active(district) == [True, True]


def test_each_mail_has_a_link_of_its_own_in_header_and_bodies_without_a_word_about_the_person(
    mailed: list[ScriptedSmtpServer], officers: list[Person]
) -> None:
    links = set()
    for number in (0, 1):
        address = f"officer{number}@example.org"
        link = link_in(mailed[0], address)
        (mail,) = [one.message for one in mailed[0].accepted if one.recipients == [address]]
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        for kind in ("plain", "html"):
            body = mail.get_body((kind,))
            assert body is not None
            assert link in body.get_content()
        assert PLACEHOLDER not in mail.as_string()
        assert not any(word in link for word in ("officer", "example", officers[number].username))
        links.add(link)
    assert len(links) == 2


def test_a_token_that_was_changed_anywhere_is_none(
    app: Flask, client: FlaskClient, district: Place, mailed: list[ScriptedSmtpServer]
) -> None:
    link = link_in(mailed[0], "officer0@example.org")
    prefix, _, token = link.rpartition("/")
    changed = [token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in range(0, 44, 5)]
    for wrong in [*changed, token[:-1], token + "A", PLACEHOLDER, "x", "界" * 44]:
        assert client.get(f"{prefix}/{wrong}").status_code == 404
        assert client.post(f"{prefix}/{wrong}").status_code == 404
    assert active(district) == [True, True]


def test_a_token_of_last_year_works_and_an_older_one_does_not(app: Flask) -> None:
    tokens = Tokens(app.extensions["lxsaas.settings"])
    ticket = Ticket(7, 2**40, date(2026, 5, 1))
    token = tokens.make(ticket)
    assert len(token) == len(PLACEHOLDER)
    assert tokens.read(token, ticket.issued_on + VALID) == ticket
    assert tokens.read(token, ticket.issued_on + VALID + timedelta(days=1)) is None


def test_a_subscription_that_is_no_more_answers_like_a_wrong_token(
    app: Flask, client: FlaskClient, district: Place, mailed: list[ScriptedSmtpServer]
) -> None:
    token = Tokens(app.extensions["lxsaas.settings"]).make(Ticket(district.id, 2**40, TODAY))
    assert client.get(f"/unsubscribe/{token}").status_code == 404
    assert client.post(f"/unsubscribe/{token}").status_code == 404


def test_it_needs_no_session_and_no_form_of_ours(app: Flask, client: FlaskClient) -> None:
    """A mail program has neither; the token in the address is all it has."""
    view = app.view_functions["unsubscribe.end"]
    assert f"{view.__module__}.{view.__name__}" in csrf._exempt_views
