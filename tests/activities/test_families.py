"""The parents' school (P25) and the days on which home and school meet (P26)."""

import io
from datetime import timedelta

import pytest
from docx import Document
from sqlalchemy import select

from lxsaas.activities.family_models import (
    EventAttendance,
    ParentsSchoolMember,
    ParentsSession,
    SessionAttendance,
)
from lxsaas.indicators.engine import run_as_of
from lxsaas.indicators.models import SchoolIndicator
from tests.activities.conftest import TODAY, School
from tests.document_templates import LETTERHEAD, bring_template, words_of

YESTERDAY = TODAY - timedelta(days=1)


def session(school: School, **more: object) -> str:
    form = {
        "topic": "隔代教育怎么做", "held_on": str(YESTERDAY), "minutes": "60",
        "notice_on": str(YESTERDAY - timedelta(days=5)), "teacher": "retired_teacher",
        "teacher_name": "周老师",
    } | more  # fmt: skip
    return school.enter(school.as_(school.teacher), "parents-sessions", **form)


def came(school: School) -> list[tuple[int, int | None]]:
    with school.factory.session(school.place.scope) as opened:
        query = select(SessionAttendance.pupil_id, SessionAttendance.guardian_id).order_by(
            SessionAttendance.id
        )
        return [(row[0], row[1]) for row in opened.execute(query)]


def test_who_came_is_tapped_by_name_and_a_family_counts_once(school: School) -> None:
    page, child = session(school), school.children[0]
    grandmother = school.grandmother(child)
    client = school.as_(school.teacher)
    listed = client.get(f"{page}/present").text
    assert "王秀英" in listed
    taps = [f"{child}-{grandmother}", f"{child}-0", f"{school.children[1]}-0"]
    client.post(f"{page}/present", data={"people": taps})
    assert sorted(came(school), key=str) == sorted(
        [(child, grandmother), (child, None), (school.children[1], None)], key=str
    )
    client.post(f"{page}/present", data={"people": taps})
    assert len(came(school)) == 3
    with school.app.app_context():
        run_as_of(school.place.district_id, TODAY)
    with school.factory.session(school.place.scope) as opened:
        query = select(SchoolIndicator.indicator, SchoolIndicator.numerator, SchoolIndicator.denominator)
        figures = {row[0]: (row[1], row[2]) for row in opened.execute(query)}
    assert figures["parents_school_attendance"] == (2, 3)
    assert figures["parents_school_held"] == (1, 2)
    client.post(f"{page}/present", data={"was": f"{child}-0", "people": []})
    assert (child, None) not in came(school)


def test_a_guardian_of_another_child_or_class_cannot_be_tapped(school: School) -> None:
    page = session(school)
    theirs = school.grandmother(school.others[0], "李桂芳")
    client = school.as_(school.teacher)
    for value in (f"{school.others[0]}-{theirs}", f"{school.children[0]}-{theirs}"):
        assert client.post(f"{page}/present", data={"people": [value]}).status_code == 404, value
    assert "李桂芳" not in client.get(f"{page}/present").text
    assert came(school) == []


def test_families_are_told_before_and_the_notice_says_so(school: School) -> None:
    tomorrow = TODAY + timedelta(days=1)
    client = school.as_(school.teacher)
    late = client.post(
        school.url("parents-sessions/entries"),
        data={
            "topic": "x", "held_on": str(YESTERDAY), "minutes": "40", "teacher": "own_staff",
            "notice_on": str(YESTERDAY),
        },
    )  # fmt: skip
    assert late.status_code == 422
    assert 'id="notice_on-error"' in late.text
    page = session(school, held_on=str(tomorrow), notice_on="")
    notice = client.get(f"{page}/notice").text
    assert "隔代教育怎么做" in notice
    assert "家长学校听课通知" in notice
    client.post(f"{page}/notice", data={"version": "1"})
    with school.factory.session(school.place.scope) as opened:
        assert opened.scalars(select(ParentsSession.notice_on)).one() == TODAY


def test_a_notice_is_not_sent_after_the_session(school: School) -> None:
    page = session(school, notice_on="")
    school.as_(school.teacher).post(f"{page}/notice", data={"version": "1"})
    with school.factory.session(school.place.scope) as opened:
        assert opened.scalars(select(ParentsSession.notice_on)).one() is None


def test_the_six_things_are_settled_one_by_one(school: School) -> None:
    principal = school.as_(school.principal)

    def settled() -> int:
        page = principal.get(school.url("parents-school")).text
        return page.count("settled") + page.count("已落实")

    before = settled()
    for side in ("leading", "committee"):
        member = {
            "side": side,
            "position": "head",
            "name": "张校长",
            "phone": "13800000000",
            "starts_on": "2026-09-01",
        }
        school.enter(principal, "parents-school-members", **member)
    teacher = {"kind": "retired_teacher", "name": "周老师", "starts_on": "2026-09-01"}
    school.enter(principal, "parents-school-teachers", **teacher)
    money = {"kind": "budget", "on_day": str(TODAY), "amount_cents": "2000", "words": "全年经费"}
    school.enter(principal, "parents-school-money", **money)
    book = {"kind": "textbook", "title": "家庭教育读本", "copies": "120", "got_on": str(TODAY)}
    school.enter(principal, "parents-school-material", **book)
    assert settled() >= before + 4
    rule = {"kind": "rule", "title": "家长学校管理制度", "body": "每学期两次。"}
    made = school.enter(principal, "plans", **rule) if "/plans" in str(school.app.url_map) else None
    assert made is None or principal.get(made).status_code == 200
    with school.factory.session(school.place.scope) as opened:
        held = opened.scalars(select(ParentsSchoolMember)).all()
        assert all(b"13800000000" not in (one.phone_sealed or b"") for one in held)


def test_what_is_spent_leaves_less_of_the_budget(school: School) -> None:
    principal = school.as_(school.principal)
    for kind, amount in (("budget", "100"), ("spending", "30.50")):
        money = {"kind": kind, "on_day": str(TODAY), "amount_cents": amount, "words": "读本"}
        school.enter(principal, "parents-school-money", **money)
    session(school, cost_cents="20")
    page = principal.get(school.url("parents-school")).text
    assert "49.50" in page
    none = principal.post(
        school.url("parents-school-money/entries"),
        data={"kind": "budget", "on_day": str(TODAY), "amount_cents": "0", "words": "x"},
    )
    assert none.status_code == 422
    assert 'id="amount_cents-error"' in none.text


def test_who_came_gets_a_certificate_in_word(school: School) -> None:
    page, child = session(school), school.children[0]
    grandmother = school.grandmother(child, "王<秀&英>")
    client = school.as_(school.teacher)
    address = school.url(f"parents-school/certificates/{grandmother}")
    assert client.get(address).status_code == 404
    client.post(f"{page}/present", data={"people": [f"{child}-{grandmother}"]})
    assert "甲0" in client.get(school.url("parents-school/certificates")).text
    answer = client.get(address)
    assert (answer.mimetype or "").endswith("wordprocessingml.document")
    document = Document(io.BytesIO(answer.data))
    told = "\n".join(one.text for one in document.paragraphs)
    assert "王<秀&英>" in told
    assert "甲0" in told
    assert "隔代教育怎么做" in "".join(cell.text for row in document.tables[0].rows for cell in row.cells)
    assert school.as_(school.colleague).get(address).status_code == 404
    bring_template(
        school.factory, school.place.id, school.place.scope, "parents_school_certificate", school.teacher
    )
    assert {LETTERHEAD, "王<秀&英>", "甲0"} <= set(words_of(client.get(address).data))


@pytest.mark.parametrize("kind", ["parents_meeting", "open_day", "visit_day"])
def test_home_and_school_meet_who_was_invited_who_came_what_was_found(school: School, kind: str) -> None:
    client = school.as_(school.teacher)
    form = {"kind": kind, "title": "集中家访日", "held_on": str(TODAY)}
    page = school.enter(client, "family-events", **form)
    client.post(f"{page}/invited", data={"rule": "targets"})
    child = school.children[0]
    grandmother = school.grandmother(child)
    assert "甲2" not in client.get(f"{page}/came").text
    client.post(f"{page}/came", data={"people": [f"{child}-{grandmother}"]})
    assert school.count(EventAttendance) == 1
    client.post(f"{page}/edit", data={**form, "findings": "两户用电不安全", "version": "1"})
    shown = client.get(page).text
    assert "两户用电不安全" in shown
    assert "王秀英" in shown
    theirs = school.as_(school.colleague).get(page).text
    assert "甲0" not in theirs
    assert "王秀英" not in theirs
    assert "集中家访日" in client.get(school.url(f"pupils/{child}/joined")).text
