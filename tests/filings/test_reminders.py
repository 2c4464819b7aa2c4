"""Schools that have not sent are reminded by mail, on their days and when an officer asks; once a day."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask

from lxsaas.core import clock
from lxsaas.core.mail import Mailer
from lxsaas.core.scope import aggregating
from lxsaas.filings import reminders, tasks
from lxsaas.filings.asking import withdraw_filing_call
from lxsaas.filings.commands import filings
from lxsaas.filings.letter import write
from lxsaas.filings.models import FilingReminder
from lxsaas.reports import sending
from lxsaas.reports.models import OutboxMessage, ReportSubscription
from lxsaas.schools.models import Term
from tests.factories import Factory, Person
from tests.filings.conftest import TERM, Office, set_up, today
from tests.smtp_server import ScriptedSmtpServer, smtp_server

__all__ = ["smtp_server"]


def with_mail(office: Office) -> Person:
    return office.factory.staff(office.school, "principal", email="principal@example.invalid")


def owed(office: Office) -> list[tuple[int | None, int]]:
    with office.factory.session(aggregating(office.district.id, [office.school.id])) as session:
        query = sa.select(OutboxMessage.unit_id, OutboxMessage.about_id).order_by(OutboxMessage.id)
        return [(row[0], row[1]) for row in session.execute(query)]


def remind_now(office: Office) -> int:
    with office.app.app_context():
        return tasks.remind(office.district.id, "Asia/Shanghai")


def test_an_officer_reminds_the_late_once_a_day_and_the_mail_arrives(
    app: Flask, factory: Factory, office: Office, smtp_server: ScriptedSmtpServer
) -> None:
    with_mail(office)
    office.child(name="童不可见")
    done = set_up(app, factory, office.district)
    done.sign()
    client = office.client(office.officer)
    address = f"{office.district.path}filings/terms/{office.term_id}/reminders"
    for _ in range(2):
        assert client.post(address).status_code == 302
    assert remind_now(office) == 1
    assert remind_now(office) == 0
    [(unit_id, about_id)] = owed(office)
    assert unit_id == office.school.id
    night = aggregating(office.district.id, [office.school.id])
    with office.factory.session(night) as session:
        letters = [write(session, about_id, language, "https://end.example") for language in (None, "en")]
    for letter in letters:
        assert letter is not None
        assert "2026–2027" in letter.subject
        assert f"/s/{office.school.slug}/filings" in letter.text
        assert "https://end.example" in letter.html
    with app.app_context(), Mailer(smtp_server.url, timeout=2, listen=0.3) as mailer:
        assert sending.send_district(mailer, office.district.id, clock.now()) == {"sent": 1}
    [mail] = smtp_server.accepted
    assert mail.recipients == ["principal@example.invalid"]
    body = mail.message.get_body(("plain",))
    assert body is not None
    assert f"/s/{office.school.slug}/filings" in body.get_content()
    assert "童不可见" not in mail.content.decode(errors="replace") + body.get_content()


def test_who_unsubscribed_is_not_reminded_again(office: Office) -> None:
    with_mail(office)
    client = office.client(office.officer)
    client.post(f"{office.district.path}filings/terms/{office.term_id}/reminders")
    remind_now(office)
    with office.factory.session(aggregating(office.district.id, [office.school.id])) as session:
        session.execute(sa.update(ReportSubscription).values(is_active=False, paused_reason="unsubscribed"))
    with office.factory.session(aggregating(office.district.id, [office.school.id])) as session:
        session.add(
            FilingReminder(
                district_id=office.district.id, unit_id=office.school.id, term=TERM, due_on=today(),
                reminded_on=today() + timedelta(days=1),
            )
        )  # fmt: skip
    assert remind_now(office) == 1
    assert len(owed(office)) == 1


@pytest.mark.parametrize(
    ("days", "is_day"), [(7, True), (1, True), (0, False), (-1, True), (-8, True), (-30, False)]
)
def test_the_calendar_knows_its_days(days: int, is_day: bool) -> None:
    assert reminders.is_day(today() + timedelta(days=days), today()) is is_day


def test_the_calendar_reminds_who_has_not_sent_and_who_was_returned(
    app: Flask, factory: Factory, office: Office
) -> None:
    sent, returned = (set_up(app, factory, office.district) for _ in range(2))
    sent.sign()
    returned.decide(returned.sign(), "returned", {"total": "?"})
    night = aggregating(office.district.id, [one.school.id for one in (office, sent, returned)])
    with factory.session(night) as session:
        day = today() + timedelta(days=7)
        assert reminders.remind_by_calendar(session, office.district.id, day) == 2
        assert reminders.remind_by_calendar(session, office.district.id, day) == 0
        found = session.scalars(sa.select(FilingReminder.unit_id)).all()
    assert set(found) == {office.school.id, returned.school.id}


def test_every_school_is_told_once_of_a_request_and_of_its_change(
    app: Flask, factory: Factory, office: Office
) -> None:
    with_mail(office)
    sent = set_up(app, factory, office.district)
    sent.sign()
    everybody = [office.school.id, sent.school.id]
    assert office.ask(reason="童不可见", definition="register") == 2
    assert office.ask(definition="register") == 0, "nothing was changed"
    assert office.ask(due_on=today() + timedelta(days=20)) == 2, "what was sent counts no more"
    assert remind_now(office) == 4
    assert remind_now(office) == 0
    assert len(owed(office)) == 2, "one principal has an address: a mail an edition"
    with factory.session(aggregating(office.district.id, everybody)) as session:
        assert reminders.remind_by_calendar(session, office.district.id, today() + timedelta(days=13)) == 2
        told = session.scalars(sa.select(FilingReminder).order_by(FilingReminder.id)).all()
        letters = {
            (one.unit_id, language): write(session, one.id, language, None)
            for one in told[:2]
            for language in (None, "en")
        }
    mine, theirs = (letters[school_id, "en"] for school_id in everybody)
    assert mine is not None
    assert theirs is not None
    assert "has changed what it asks for" in mine.subject
    assert "sign a new version" in theirs.text
    assert "sign a new version" not in mine.text
    assert not any("童不可见" in one.text + one.html for one in letters.values() if one)


def test_a_request_tells_what_is_asked_and_a_withdrawal_that_nothing_is(office: Office) -> None:
    with office.factory.session(office.district.scope) as session:
        term = session.get_one(Term, (office.district.id, office.term_id))
        withdraw_filing_call(session, term, today=today(), by=office.officer.id)
    subjects = []
    for due_on in (None, today() + timedelta(days=9)):
        if due_on is not None:
            office.ask(due_on=due_on)
        with office.factory.session(aggregating(office.district.id, [office.school.id])) as session:
            newest = session.scalars(sa.select(sa.func.max(FilingReminder.id))).one()
            letter = write(session, newest, "en")
        assert letter is not None
        subjects.append(letter.subject)
    assert [one.split(": ")[1] for one in subjects] == [
        "the statistics are no longer asked for", "the district asks for the statistics",
    ]  # fmt: skip


def test_who_was_told_today_is_not_reminded_today(office: Office) -> None:
    office.ask(due_on=today() + timedelta(days=7))
    with office.factory.session(aggregating(office.district.id, [office.school.id])) as session:
        assert reminders.remind_by_calendar(session, office.district.id, today()) == 0
    answer = office.client(office.officer).post(
        f"{office.district.path}filings/terms/{office.term_id}/reminders", follow_redirects=True
    )
    assert "今天都已通知过" in answer.text


def test_a_return_is_told_at_once_also_on_a_day_of_reminders(office: Office) -> None:
    with_mail(office)
    with office.factory.session(aggregating(office.district.id, [office.school.id])) as session:
        due_on = office.asked().due_on
        assert due_on is not None
        assert reminders.remind_by_calendar(session, office.district.id, due_on - timedelta(days=1)) == 1
    office.decide(office.sign(), "returned", {"total": "童不可见"})
    assert remind_now(office) == 2
    assert len(owed(office)) == 2
    with office.factory.session(aggregating(office.district.id, [office.school.id])) as session:
        letter = write(session, owed(office)[-1][1], "en")
    assert letter is not None
    assert "were returned to you" in letter.subject
    assert "童不可见" not in letter.text + letter.html


def test_two_things_told_of_at_once_are_two_mails(office: Office) -> None:
    """Two terms may be due on one day, or a summary and a filing."""
    with_mail(office)
    with office.factory.session(aggregating(office.district.id, [office.school.id])) as session:
        for about, term in (("filing", TERM), ("summary", "2025")):
            session.add(
                FilingReminder(
                    district_id=office.district.id, unit_id=office.school.id, about=about, term=term,
                    due_on=today(), reminded_on=today(),
                )
            )  # fmt: skip
    assert remind_now(office) == 2
    assert len({about_id for _, about_id in owed(office)}) == 2


def test_a_principal_may_ask_for_reminders_and_read_the_last(office: Office) -> None:
    client = office.client(office.principal)
    assert f"{office.school.path}reports/new/filings" in client.get(f"{office.school.path}reports").text
    officer = office.client(office.officer)
    assert "reports/new/filings" not in officer.get(f"{office.district.path}reports").text
    added = client.post(f"{office.school.path}reports/new/filings", data={"language": ""})
    assert added.status_code == 302
    page = client.get(f"{office.school.path}reports")
    assert page.status_code == 200


def test_the_command_says_who_waits(office: Office) -> None:
    result = CliRunner().invoke(
        filings,
        ["status", "--district", office.district.slug],
        obj=lambda: office.app,
        catch_exceptions=False,
    )
    assert result.exit_code == 0, result.output
    assert '"missing": 1' in result.output
    assert office.school.slug in result.output
