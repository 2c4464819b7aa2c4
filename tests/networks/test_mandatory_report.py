"""A mandatory report: opened in two taps, followed until closed, seen by few; by the district at once."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from lxsaas.core import clock
from lxsaas.core.errors import RuleError
from lxsaas.core.scope import aggregating, operating
from lxsaas.counselling.actions import open_case
from lxsaas.networks.report_actions import open_report, share_report
from lxsaas.networks.report_models import MandatoryReport
from lxsaas.pupils.models import Pupil
from lxsaas.schools.models import School
from tests.factories import Factory, Person
from tests.guardrails.test_routes import text_of
from tests.networks.conftest import WORDS, Harm, count

HERE = ZoneInfo("Asia/Shanghai")
SHARED = "一名学生身上有伤，已报警，正在医院检查。"


def local(at: datetime) -> str:
    return at.astimezone(HERE).strftime("%Y-%m-%dT%H:%M")


def new_form(known_at: datetime, **more: str) -> dict[str, str]:
    return {"harm": "neglect", "known_at": local(known_at), "words": "连续三天没有人做饭。"} | more


def test_two_taps_from_a_childs_page_open_a_report(harm: Harm) -> None:
    client, path = harm.client(harm.teacher), harm.school.path
    child = client.get(f"{path}pupils/{harm.pupil_id}").text
    assert f"pupils/{harm.pupil_id}/mandatory-reports" in child
    form = client.get(f"{path}pupils/{harm.pupil_id}/mandatory-reports")
    assert f"mandatory-reports/new?pupil={harm.pupil_id}" in form.text
    known = clock.now() - timedelta(minutes=20)
    sent = new_form(known, client_key="0e7a0f4e-58a0-4ac9-8c4e-3c0c4d5f3a11")
    answer = client.post(f"{path}mandatory-reports/new?pupil={harm.pupil_id}", data=sent)
    assert answer.status_code == 302
    page = client.get(answer.location).text
    assert "连续三天没有人做饭。" in page
    assert f'data-draft-saved="mandatory-report-{harm.pupil_id}"' in page
    again = client.post(f"{path}mandatory-reports/new?pupil={harm.pupil_id}", data=sent)
    assert again.location == answer.location, "sent twice, opened once"
    opened = max(harm.seen_by(harm.district.scope), key=lambda row: row.report_id)
    assert local(opened.known_at) == local(known)
    assert opened.state == "opened"


def test_two_taps_from_the_page_of_the_week_open_a_report(harm: Harm) -> None:
    client, path = harm.client(harm.teacher), harm.school.path
    assert f"{path}mandatory-reports/new" in client.get(f"{path}week").text
    assert f"{path}mandatory-reports/new" in harm.client(harm.principal).get(f"{path}overview").text
    form = client.get(f"{path}mandatory-reports/new").text
    assert f'<option value="{harm.pupil_id}"' in form
    out_of_reach = harm.factory.pupil(harm.school, harm.factory.school_class(harm.school))
    assert f'<option value="{out_of_reach}"' not in client.get(f"{path}mandatory-reports/new").text
    sent = new_form(clock.now() - timedelta(minutes=5))
    for pupil_id, code in ((out_of_reach, 422), ("", 422), (harm.pupil_id, 302)):
        answer = client.post(f"{path}mandatory-reports/new", data=sent | {"pupil_id": str(pupil_id)})
        assert answer.status_code == code, pupil_id
    assert len(harm.seen_by(harm.district.scope)) == 2


def test_the_district_sees_it_in_the_same_transaction(harm: Harm) -> None:
    row = harm.state()
    assert (row.unit_id, row.report_id, row.state) == (harm.school.id, harm.report_id, "opened")
    assert row.opened_at - row.known_at > timedelta(minutes=59)
    with harm.factory.session(harm.school.scope) as session:
        pupil = session.get_one(Pupil, (harm.school.id, harm.pupil_id))
        open_report(session, pupil, harm="other", known_at=clock.now(), words="x", by=harm.teacher.id)
        session.rollback()
    assert len(harm.seen_by(harm.district.scope)) == 1, "what was not said, the district does not hear"


def test_the_night_sees_how_it_stands_and_another_district_nothing(harm: Harm, factory: Factory) -> None:
    night = aggregating(harm.district.id, [harm.school.id])
    with harm.factory.session(night) as session:
        query = text("select state, known_at from district_mandatory_report")
        assert [row.state for row in session.execute(query)] == ["opened"]
    for stranger in (factory.district().scope, factory.school(harm.district).scope, factory.school().scope):
        assert harm.seen_by(stranger) == []


def test_the_state_follows_from_the_steps(harm: Harm) -> None:
    harm.step("police")
    assert harm.state().state == "partly_told"
    harm.step("follow_up")
    assert harm.state().state == "partly_told"
    harm.step("civil_affairs")
    harm.step("education")
    told = harm.state()
    assert (told.state, told.state_since) == ("told", told.education_told_at)
    harm.step("closed", closed_as="handed_over")
    closed = harm.state()
    assert (closed.state, closed.closed_as) == ("closed", "handed_over")
    with pytest.raises(RuleError, match="report_closed"):
        harm.step("follow_up")
    harm.step("reopened")
    assert (harm.state().state, harm.state().closed_as) == ("told", None)


def test_it_is_closed_once_the_authorities_know_or_as_a_mistake_that_shows(harm: Harm) -> None:
    harm.step("police")
    for refused, code in (({"closed_as": "settled"}, "authorities_not_told"), ({}, "closed_as_missing")):
        with pytest.raises(RuleError, match=code):
            harm.step("closed", **refused)
    harm.step("closed", closed_as="mistake")
    assert (harm.state().state, harm.state().closed_as) == ("closed", "mistake")


@pytest.mark.parametrize(
    ("known", "told"),
    [(timedelta(minutes=5), "known_in_future"), (timedelta(days=-400), "known_too_early")],
)
def test_the_clock_starts_at_a_possible_time(harm: Harm, known: timedelta, told: str) -> None:
    with pytest.raises(RuleError, match=told):
        harm.open(clock.now() + known)


def test_nobody_was_told_before_it_was_known(harm: Harm) -> None:
    with pytest.raises(RuleError, match="done_before_known"):
        harm.step("police", done_at=clock.now() - timedelta(hours=3))
    with pytest.raises(RuleError, match="recipient_missing"):
        harm.step("police", recipient=None)


def test_who_opened_it_the_principal_and_the_childs_counsellor_read_it_and_that_is_logged(
    harm: Harm,
) -> None:
    counsellor = harm.factory.staff(harm.school, "counsellor")
    with harm.factory.session(harm.school.scope) as session:
        pupil = session.get_one(Pupil, (harm.school.id, harm.pupil_id))
        today = clock.today("Asia/Shanghai")
        open_case(
            session, pupil=pupil, risk=3, opened_on=today, review_on=today, reason="担心", by=counsellor.id
        )
    address = f"{harm.school.path}mandatory-reports/{harm.report_id}"
    for number, person in enumerate((harm.teacher, harm.principal, counsellor), 1):
        page = harm.client(person).get(address)
        assert page.status_code == 200
        assert WORDS in page.text
        assert harm.logged("view_mandatory_report") == number


def strangers(harm: Harm) -> list[Person]:
    """A colleague, a counsellor of other children, the archive keeper, a principal elsewhere, the officer."""
    factory = harm.factory
    return [
        factory.staff(harm.school), factory.staff(harm.school, "counsellor"),
        factory.staff(harm.school, "archivist"), factory.staff(factory.school(harm.district), "principal"),
        harm.officer,
    ]  # fmt: skip


def test_for_everybody_else_it_does_not_exist(harm: Harm) -> None:
    for person in strangers(harm):
        client = harm.client(person)
        for page in ("", "/steps", "/sharing"):
            answer = client.get(f"{person.place.path}mandatory-reports/{harm.report_id}{page}")
            assert answer.status_code in (403, 404) or WORDS not in answer.text
            assert WORDS not in answer.text
        assert WORDS not in client.get(f"{person.place.path}mandatory-reports").text
    assert harm.logged("view_mandatory_report") == 0


def test_any_colleague_opens_one_about_any_child_of_the_school(harm: Harm, app: Flask) -> None:
    colleague = harm.factory.staff(harm.school, "teacher")
    client, path = harm.client(colleague), harm.school.path
    with harm.factory.session(harm.school.scope) as session:
        name = session.get_one(Pupil, (harm.school.id, harm.pupil_id)).name
    assert name not in client.get(f"{path}mandatory-reports/choose").text
    assert name in client.post(f"{path}mandatory-reports/choose", data={"q": name}).text
    answer = client.post(
        f"{path}mandatory-reports/new?pupil={harm.pupil_id}",
        data=new_form(clock.now() - timedelta(minutes=1)),
    )
    assert answer.status_code == 302
    assert client.get(f"{path}mandatory-reports/{harm.report_id}").status_code == 404
    elsewhere = harm.factory.staff(harm.factory.school(harm.district))
    other = harm.client(elsewhere).get(f"{elsewhere.place.path}mandatory-reports/new?pupil={harm.pupil_id}")
    assert other.status_code == 404


def test_a_teacher_adds_steps_and_leaves_closing_to_the_principal(harm: Harm) -> None:
    address = f"{harm.school.path}mandatory-reports/{harm.report_id}/steps"
    step = {
        "kind": "police", "done_at": local(clock.now()), "done_by": str(harm.teacher.id),
        "recipient": "镇派出所 王警官", "reference": "2026-1128",
    }  # fmt: skip
    assert harm.client(harm.teacher).post(address, data=step).status_code == 302
    assert harm.state().state == "partly_told"
    closing = step | {"kind": "closed", "closed_as": "mistake"}
    assert harm.client(harm.teacher).post(address, data=closing).status_code == 422
    assert harm.client(harm.principal).post(address, data=closing).status_code == 302
    assert harm.state().state == "closed"


def test_closing_sent_twice_over_a_bad_line_is_closing_once(harm: Harm) -> None:
    client, address = (
        harm.client(harm.principal),
        f"{harm.school.path}mandatory-reports/{harm.report_id}/steps",
    )
    closing = {
        "kind": "closed", "closed_as": "mistake", "done_at": local(clock.now()),
        "done_by": str(harm.principal.id), "client_key": "0e7a0f4e-58a0-4ac9-8c4e-3c0c4d5f3a12",
    }  # fmt: skip
    assert [client.post(address, data=closing).status_code for _ in range(2)] == [302, 302]
    assert harm.logged("close_mandatory_report") == 1


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(harm: Harm) -> None:
    client, path = harm.client(harm.teacher), harm.school.path
    sent = new_form(clock.now() + timedelta(days=2))
    answer = client.post(f"{path}mandatory-reports/new?pupil={harm.pupil_id}", data=sent)
    assert answer.status_code == 422
    assert "连续三天没有人做饭。" in answer.text
    assert "known_at-error" in answer.text
    assert len(harm.seen_by(harm.district.scope)) == 1


def test_the_district_reads_what_the_school_shares_and_that_is_logged(harm: Harm) -> None:
    client = harm.client(harm.officer)
    address = f"{harm.district.path}mandatory-reports/{harm.state().id}"
    assert WORDS not in client.get(address).text
    answer = harm.client(harm.principal).post(
        f"{harm.school.path}mandatory-reports/{harm.report_id}/sharing", data={"words": SHARED}
    )
    assert answer.status_code == 302
    page = client.get(address).text
    assert SHARED in page
    assert WORDS not in page
    assert harm.logged("share_mandatory_report") == 1
    with harm.factory.session(harm.district.scope) as session:
        assert count(session, "district_audit_entry", "view_mandatory_report") == 2
    with harm.factory.session(aggregating(harm.district.id, [harm.school.id])) as session:
        with pytest.raises(ProgrammingError):
            session.execute(text("select shared_text from district_mandatory_report"))


def test_a_shared_text_names_no_child_unless_the_whole_report_is_shared(harm: Harm) -> None:
    with harm.factory.session(harm.school.scope) as session:
        report = session.get_one(MandatoryReport, (harm.school.id, harm.report_id))
        name = session.get_one(Pupil, (harm.school.id, harm.pupil_id)).name
        for words, code in ((f"{name}受伤", "share_names_child"), (None, "share_nothing")):
            with pytest.raises(RuleError, match=code):
                share_report(session, report, words=words, whole=False, by=harm.principal.id)
        share_report(session, report, words=SHARED, whole=True, by=harm.principal.id)
    assert harm.state().shared_text == f"{SHARED}\n\n{WORDS}"


def test_a_teacher_shares_nothing(harm: Harm) -> None:
    address = f"{harm.school.path}mandatory-reports/{harm.report_id}/sharing"
    assert harm.client(harm.teacher).post(address, data={"words": SHARED}).status_code == 403


def test_officers_see_the_list_and_take_it_out_analysts_see_counts(harm: Harm) -> None:
    analyst = harm.factory.officer(harm.district, "analyst")
    path = f"{harm.district.path}mandatory-reports"
    detail = f"{path}/{harm.state().id}"
    page = harm.client(harm.officer).get(f"{path}?state=open&sort=-age").text
    assert detail in page
    assert f"{harm.school.slug}小学" in text_of(harm.client(harm.officer).get(f"{path}.xlsx").data)
    counted = harm.client(analyst).get(path)
    assert counted.status_code == 200
    assert harm.school.slug not in counted.text
    for address in (detail, f"{path}.xlsx"):
        assert harm.client(analyst).get(address).status_code == 403


def test_an_officer_of_some_townships_sees_their_schools_alone(harm: Harm) -> None:
    near, far = harm.factory.township(harm.district), harm.factory.township(harm.district)
    with harm.factory.session(operating()) as session:
        session.get_one(School, harm.school.id).township_id = near
    path, report = f"{harm.district.path}mandatory-reports", harm.state().id
    for township, seen in ((near, True), (far, False)):
        officer = harm.factory.officer(harm.district, township_ids=[township])
        client = harm.client(officer)
        assert (f"{path}/{report}" in client.get(path).text) is seen
        assert client.get(f"{path}/{report}").status_code == (200 if seen else 404)
        assert (harm.school.slug in text_of(client.get(f"{path}.xlsx").data)) is seen


def test_lists_take_the_same_few_queries_however_many_there_are(harm: Harm) -> None:
    client, counts = harm.client(harm.principal), []
    for _ in range(2):
        client.get(f"{harm.school.path}mandatory-reports")
        with harm.factory.counting_queries() as sent:
            client.get(f"{harm.school.path}mandatory-reports")
        counts.append(len(sent))
        for _ in range(4):
            harm.open()
    assert counts[0] == counts[1]


def test_the_sheet_of_the_school_holds_no_text(harm: Harm) -> None:
    sheet = harm.client(harm.principal).post(f"{harm.school.path}mandatory-reports.xlsx")
    assert WORDS not in text_of(sheet.data)
    assert harm.client(harm.teacher).post(f"{harm.school.path}mandatory-reports.xlsx").status_code == 403
