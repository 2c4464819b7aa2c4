"""The operator sees what became of mail and why, sends again, pauses and resumes; no address is shown."""

import json
from collections.abc import Iterator
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, insert, select

from lxsaas.core.scope import aggregating, watching
from lxsaas.extensions import session_for
from lxsaas.reports.channel_actions import resume_channel
from lxsaas.reports.models import OutboxMessage, ReportSubscription
from tests.command import lxsaas
from tests.factories import Factory, Place
from tests.watch.test_watch import DAY, TOKEN

AUTH = {"auth": ("operator", TOKEN), "headers": {"Accept-Language": "en"}}
STATES = ("failed", "unknown", "retry", "bounced", "sent", "sending")


@pytest.fixture
def operator(app: Flask) -> Iterator[FlaskClient]:
    """A browser with the operator's token; the channel is open before and after."""
    settings = app.extensions["lxsaas.settings"]
    said, settings.operator_token = settings.operator_token, TOKEN
    yield app.test_client()
    settings.operator_token = said
    with app.app_context(), session_for(watching()) as session:
        resume_channel(session)
        session.commit()


@pytest.fixture
def messages(app: Flask, factory: Factory) -> tuple[Place, dict[str, int]]:
    """A district with a message in each of some states."""
    district = factory.district()
    officer = factory.officer(district, email="canary@example.org")
    with app.app_context(), session_for(aggregating(district.id, ())) as session:
        values = {"report": "night", "level": "district", "unit_id": district.id, "staff_id": officer.id}
        one = insert(ReportSubscription).values(district_id=district.id, **values)
        subscription_id = session.scalars(one.returning(ReportSubscription.id)).one()
        made = [
            OutboxMessage(
                district_id=district.id, subscription_id=subscription_id, state=state, period_on=DAY,
                version=number, message_id=f"<{uuid4()}@lxsaas>", next_attempt_at=func.now(),
                expires_at=func.now(), error=f"rcpt 55{number}",
            )
            for number, state in enumerate(STATES)
        ]  # fmt: skip
        session.add_all(made)
        session.commit()
        return district, {one.state: one.id for one in made}


def state_of(app: Flask, district: Place, message_id: int) -> str:
    with app.app_context(), session_for(aggregating(district.id, ())) as session:
        return session.scalars(select(OutboxMessage.state).where(OutboxMessage.id == message_id)).one()


def test_the_page_says_what_failed_and_why_and_nothing_about_people(
    operator: FlaskClient, messages: tuple[Place, dict[str, int]]
) -> None:
    page = operator.get("/operator/mail", **AUTH).text
    for said in ("rcpt 550", "rcpt 551", "rcpt 552", "rcpt 553", messages[0].slug):
        assert said in page
    assert "rcpt 554" not in page
    assert "canary" not in page
    assert operator.get("/operator/mail?state=sending", **AUTH).text.count("rcpt 555") == 1
    assert operator.get("/operator/mail?state=sent", **AUTH).status_code == 404


def test_only_the_token_opens_it(operator: FlaskClient, messages: tuple[Place, dict[str, int]]) -> None:
    district, ids = messages
    assert operator.get("/operator/mail").status_code == 401
    for path in ("pause", "resumption", f"{district.id}/{ids['failed']}/resending"):
        assert operator.post(f"/operator/mail/{path}").status_code == 401
        assert operator.post(f"/operator/mail/{path}", auth=("operator", "wrong")).status_code == 401


def test_a_message_is_sent_again_by_hand_unless_it_is_being_sent(
    app: Flask, operator: FlaskClient, messages: tuple[Place, dict[str, int]]
) -> None:
    district, ids = messages
    for state in ("failed", "unknown", "bounced"):
        assert (
            operator.post(f"/operator/mail/{district.id}/{ids[state]}/resending", **AUTH).status_code == 302
        )
        assert state_of(app, district, ids[state]) == "pending"
    operator.post(f"/operator/mail/{district.id}/{ids['sending']}/resending", **AUTH)
    assert state_of(app, district, ids["sending"]) == "sending"
    assert operator.post(f"/operator/mail/{district.id}/999999999/resending", **AUTH).status_code == 404


def test_all_mail_is_paused_and_resumed_and_page_and_metrics_say_so(operator: FlaskClient) -> None:
    assert operator.post("/operator/mail/pause", **AUTH).status_code == 302
    assert "paused by hand" in operator.get("/operator/mail", **AUTH).text
    assert "lxsaas_mail_paused 1.0" in operator.get("/metrics", **AUTH).text
    assert operator.post("/operator/mail/resumption", **AUTH).status_code == 302
    assert "paused by hand" not in operator.get("/operator/mail", **AUTH).text
    assert "lxsaas_mail_paused 0.0" in operator.get("/metrics", **AUTH).text


def test_the_commands_say_and_do_the_same(
    app: Flask, operator: FlaskClient, messages: tuple[Place, dict[str, int]]
) -> None:
    settings, (district, ids) = app.extensions["lxsaas.settings"], messages
    queue = json.loads(lxsaas(settings, "reports", "queue", "--district", district.slug).stdout)
    assert {one["id"] for one in queue} == {ids[state] for state in ("failed", "unknown", "retry", "bounced")}
    assert lxsaas(settings, "reports", "pause").returncode == 0
    status = json.loads(lxsaas(settings, "reports", "status", "--district", district.slug).stdout)
    assert status["paused_reason"] == "operator"
    assert status["districts"][district.slug] == dict.fromkeys(STATES, 1)
    assert lxsaas(settings, "reports", "resume").returncode == 0
    again = lxsaas(settings, "reports", "resend", "--district", district.slug, str(ids["sending"]))
    assert (again.returncode, "being sent" in again.stderr) == (1, True)
