"""What is asked for can be changed after schools have sent: they send again, and only that is summed."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import OperationalError, ProgrammingError

from lxsaas.accounts.models import Staff
from lxsaas.core.errors import RuleError
from lxsaas.core.scope import Login, looking_up
from lxsaas.filings import standings
from lxsaas.filings.actions import sign_filing
from lxsaas.filings.asking import hold_asked, set_filing_call
from lxsaas.filings.models import FilingCall
from lxsaas.pupils.definitions import DEFINITIONS
from lxsaas.schools.models import Term
from tests.factories import PASSWORD, Factory
from tests.filings.conftest import Office, set_up, today

YESTERDAY = today() - timedelta(days=1)
WHY = "截止日写错了"


def summed(office: Office) -> tuple[int, int]:
    """(schools in the district's sum, children in it)."""
    query = standings.sum_of_accepted(office.district.id, office.asked())
    with office.factory.session(office.district.scope) as session:
        row = session.execute(query).one()
    return row.schools, row.total


def state(office: Office) -> str:
    query = standings.of_schools(office.district.id, office.asked(), today()).subquery()
    with office.factory.session(office.district.scope) as session:
        found = session.scalar(sa.select(query.c.state).where(query.c.id == office.school.id))
    return str(found)


def address(office: Office) -> str:
    return f"{office.district.path}filings/terms/{office.term_id}/call"


def form(office: Office, **changed: str) -> dict[str, str]:
    asked = office.asked()
    return {
        "cut_off_on": asked.cut_off_on.isoformat(), "definition": asked.definition.code,
        "due_on": str(asked.due_on), "edition": str(asked.edition),
    } | changed  # fmt: skip


def test_what_was_sent_under_another_request_is_summed_no_more(office: Office) -> None:
    office.child()
    first = office.sign()
    office.decide(first, "accepted")
    assert (summed(office), state(office)) == ((1, 1), "accepted")
    office.ask(reason=WHY, cut_off_on=YESTERDAY)
    assert (summed(office), state(office)) == ((0, 0), "outdated")
    second = office.sign()
    assert (summed(office), state(office)) == ((0, 0), "sent")
    office.decide(second, "accepted")
    assert summed(office) == (1, 1)
    assert [(one.version, one.cut_off_on, one.reason) for one in office.versions()] == [
        (2, YESTERDAY, None), (1, today(), None),
    ]  # fmt: skip


def test_a_request_that_returns_to_what_it_was_counts_what_was_sent_then(office: Office) -> None:
    office.child()
    office.decide(office.sign(), "accepted")
    office.ask(reason=WHY, cut_off_on=YESTERDAY)
    office.sign()
    office.ask(reason="还是原来的截止日", cut_off_on=today())
    assert (summed(office), state(office)) == ((1, 1), "accepted")


def test_a_version_of_an_earlier_request_is_judged_no_more(office: Office) -> None:
    office.child()
    filing_id = office.sign()
    office.ask(reason=WHY, definition="register")
    with pytest.raises(RuleError, match="filing_outdated"):
        office.decide(filing_id, "accepted")
    page = office.client(office.officer).get(f"{office.district.path}filings/{office.told(filing_id).id}")
    assert "decision" not in page.text
    assert "此前的要求" in page.text


def test_another_day_or_definition_needs_a_reason_once_a_school_has_sent(office: Office) -> None:
    office.sign()
    client = office.client(office.officer)
    refused = client.post(address(office), data=form(office, definition="register"))
    assert refused.status_code == 422
    assert 'id="reason-error"' in refused.text
    assert '<option selected value="register">' in refused.text, "what was chosen is kept"
    assert office.asked().definition.code == "state_council_2016"
    assert (
        client.post(address(office), data=form(office, definition="register", reason=WHY)).status_code == 302
    )
    assert WHY in client.get(address(office)).text
    listed = client.get(f"{office.district.path}filings?state=outdated").text
    assert office.school.slug in listed
    for page in (f"{office.school.path}filings", office.draft_path):
        assert WHY in office.client(office.principal).get(page).text


def test_what_presses_stands_on_the_principals_first_page(office: Office) -> None:
    principal, first = office.client(office.principal), f"{office.school.path}overview"
    link = f'href="{office.school.path}filings"'
    assert link not in principal.get(first).text, "due in a fortnight"
    office.sign()
    office.ask(reason=WHY, cut_off_on=YESTERDAY)
    assert link in principal.get(first).text


def test_the_due_day_moves_without_a_reason_and_what_was_sent_stays(office: Office) -> None:
    office.decide(office.sign(), "accepted")
    later = (today() + timedelta(days=30)).isoformat()
    moved = office.client(office.officer).post(address(office), data=form(office, due_on=later))
    assert moved.status_code == 302
    assert (str(office.asked().due_on), summed(office)[0], state(office)) == (later, 1, "accepted")


def test_what_schools_have_sent_is_withdrawn_no_more(office: Office) -> None:
    office.sign()
    office.client(office.officer).post(f"{address(office)}/withdrawal")
    assert office.asked().due_on is not None


def test_who_looked_before_another_officer_changed_it_looks_again(office: Office) -> None:
    seen = form(office, definition="register")
    office.ask(due_on=today() + timedelta(days=20))
    answer = office.client(office.officer).post(address(office), data=seen)
    assert answer.status_code == 422
    assert office.asked().definition.code == "state_council_2016"
    [shown] = re.findall(r'name="edition" type="hidden" value="(\d+)"', answer.text)
    knowing = office.client(office.officer).post(address(office), data=seen | {"edition": shown})
    assert knowing.status_code == 302


def test_what_was_asked_stands_and_is_changed_by_nobody(office: Office) -> None:
    office.ask(cut_off_on=YESTERDAY)
    office.ask(cut_off_on=YESTERDAY)
    with office.factory.session(office.district.scope) as session:
        days = session.scalars(sa.select(FilingCall.cut_off_on).order_by(FilingCall.edition)).all()
        assert days == [today(), YESTERDAY], "asked twice for the same it is one edition"
    for statement in (sa.update(FilingCall).values(definition="register"), sa.delete(FilingCall)):
        with office.factory.session(office.district.scope) as session, pytest.raises(ProgrammingError):
            session.execute(statement)
    with office.factory.session(looking_up(Login.DISTRICT)) as session, pytest.raises(ProgrammingError):
        session.execute(sa.update(Term).values(filing_due_on=None))


def test_who_signs_has_seen_for_which_day_and_definition(office: Office) -> None:
    seal, seen_before = office.seal, replace(office.asked(), definition=DEFINITIONS["register"])
    with office.factory.session(office.school.scope) as session:
        by = session.get_one(Staff, (office.school.id, office.principal.id))
        with pytest.raises(RuleError, match="filing_changed"):
            sign_filing(
                session, asked=seen_before, seal=seal, reason=None, password=PASSWORD, today=today(), by=by
            )
    office.ask(cut_off_on=YESTERDAY)
    client = office.client(office.principal)
    answer = client.post(f"{office.draft_path}/signature", data={"seal": seal, "password": PASSWORD})
    assert answer.status_code == 422, "the figures are the same, the day is not"
    assert office.versions() == []


def test_while_a_school_signs_nobody_asks_otherwise(office: Office) -> None:
    with office.factory.session(office.school.scope) as signing:
        hold_asked(signing, office.school.id, office.asked())
        with office.factory.session(office.district.scope) as asking:
            asking.execute(sa.text("set local lock_timeout = '100ms'"))
            term = asking.get_one(Term, (office.district.id, office.term_id))
            with pytest.raises(OperationalError, match="lock timeout"):
                set_filing_call(asking, term, cut_off_on=YESTERDAY, definition="register", by=0)
            asking.rollback()


def test_only_an_officer_of_the_whole_district_asks(app: Flask, factory: Factory, office: Office) -> None:
    township = factory.township(office.district)
    limited = factory.officer(office.district, township_ids=[township]).sign_in(app.test_client())
    assert limited.get(address(office)).status_code == 403
    far = factory.district()
    stranger = factory.officer(far).sign_in(app.test_client())
    assert stranger.get(f"{far.path}filings/terms/{office.term_id}/call").status_code == 404
    assert office.client(office.principal).get(address(office)).status_code in (302, 403, 404)


def test_schools_stand_by_what_is_asked_now_each_by_its_own(
    app: Flask, factory: Factory, office: Office
) -> None:
    again, silent = (set_up(app, factory, office.district) for _ in range(2))
    for one in (office, again):
        one.child()
        one.decide(one.sign(), "accepted")
    office.ask(reason=WHY, cut_off_on=YESTERDAY)
    again.decide(again.sign(), "accepted")
    assert [state(one) for one in (office, again, silent)] == ["outdated", "accepted", "missing"]
    assert summed(office) == (1, 1)
    page = office.client(office.officer).get(f"{office.district.path}filings/terms").text
    assert '<td data-label="已报送学校" class="lx-num">1</td>' in page
