"""Who may read a case: its counsellor, whoever it is opened to by name, and nobody else."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from lxsaas.accounts.models import Staff
from lxsaas.care.models import CareKind
from lxsaas.core.audit import AuditEntry
from lxsaas.counselling.models import CaseReader, CounsellingCase
from tests.counselling.conftest import SECRET, TODAY, Room
from tests.factories import Factory

PATHS = (
    "counselling/cases/{case}",
    "counselling/cases/{case}/review",
    "counselling/cases/{case}/closing",
    "counselling/cases/{case}/handover",
    "counselling/cases/{case}/readers",
    "counselling/cases/{case}/sessions/new",
    "counselling/sessions/{talk}",
    "counselling/sessions/{talk}/edit",
    "counselling/opened-cases/{case}",
)


@pytest.fixture
def case(room: Room) -> int:
    return room.open_case()


def paths(room: Room, case: int) -> list[str]:
    return [path.format(case=case, talk=room.record(case)) for path in PATHS]


def test_another_counsellor_finds_none_of_it(room: Room, case: int) -> None:
    client = room.browser(room.colleague)
    for path in paths(room, case)[:-1]:
        for method in ("GET", "POST"):
            answer = client.open(room.school.path + path, method=method)
            assert answer.status_code in (404, 405), (method, path)
    assert client.post(f"{room.school.path}counselling/cases/{case}/readers/1/end").status_code == 404
    assert "汤文博" not in client.get(f"{room.school.path}counselling/cases").text


@pytest.mark.parametrize("role", ["homeroom_teacher", "teacher", "archivist"])
def test_other_staff_are_kept_out_whatever_their_role(room: Room, case: int, role: str) -> None:
    person = room.teacher if role == "homeroom_teacher" else room.factory.staff(room.school, role)
    client = room.browser(person)
    for path in paths(room, case):
        answer = client.get(room.school.path + path)
        assert answer.status_code in (403, 404), path
        assert SECRET not in answer.text
        assert "汤文博" not in answer.text
    for path in ("counselling/risk", "counselling/letters", "counselling/letterbox-code"):
        assert client.get(room.school.path + path).status_code == 403


def test_the_principal_reads_a_case_only_while_it_is_opened_by_name(room: Room, case: int) -> None:
    path = f"counselling/opened-cases/{case}"
    room.record(case, account="只有咨询师知道的话")
    other = room.factory.staff(room.school, "principal")
    assert room.get(room.principal, path).status_code == 404
    assert room.open_to(case, room.principal).status_code == 302
    page = room.get(room.principal, path).text
    assert "只有咨询师知道的话" in page
    assert "sessions/new" not in page
    assert room.get(other, path).status_code == 404
    with room.factory.session(room.school.scope) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "view_opened_case")).one()
        assert (entry.staff_id, entry.subject_id) == (room.principal.id, case)
        reader_id = session.scalars(select(CaseReader.id)).one()
    end = f"counselling/cases/{case}/readers/{reader_id}/end"
    assert room.post(room.counsellor, end).status_code == 302
    assert room.get(room.principal, path).status_code == 404


def test_opening_by_name_ends_by_itself(room: Room, case: int) -> None:
    assert room.open_to(case, room.principal, TODAY).status_code == 302
    with room.factory.session(room.school.scope) as session:
        reader = session.scalars(select(CaseReader)).one()
        assert reader.ends_on == TODAY + timedelta(1)
        reader.starts_on, reader.ends_on = TODAY - timedelta(9), TODAY
    assert room.get(room.principal, f"counselling/opened-cases/{case}").status_code == 404


def test_a_case_is_opened_to_principals_only_and_for_a_year_at_most(room: Room, case: int) -> None:
    assert room.open_to(case, room.teacher).status_code == 422
    assert room.open_to(case, room.principal, TODAY - timedelta(1)).status_code == 422
    assert room.open_to(case, room.principal, TODAY + timedelta(400)).status_code == 422
    assert room.open_to(case, room.principal, TODAY + timedelta(30)).status_code == 302
    assert room.open_to(case, room.principal, TODAY + timedelta(2)).status_code == 422


def test_the_principal_sees_who_is_at_high_risk_and_not_why(room: Room, case: int) -> None:
    room.record(case)
    calm = room.factory.pupil(room.school, room.class_id, name="柳青青", pinyin="lqq liuqingqing")
    room.open_case(child=calm, risk=1)
    page = room.get(room.principal, "counselling/risk").text
    assert "汤文博" in page
    assert "柳青青" not in page
    assert SECRET not in page
    assert f"opened-cases/{case}" not in page
    assert "not in 14 days" not in page
    assert room.get(room.counsellor, "counselling/risk").status_code == 403
    with room.factory.session(room.school.scope) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "view_risk_list")).one()
        assert entry.detail == {"pupil_ids": [room.child]}


def test_the_log_does_not_say_whom_a_counsellor_talks_to(room: Room, case: int) -> None:
    talk = room.record(case)
    withdrawn = room.post(
        room.counsellor, f"counselling/sessions/{talk}/withdrawal", version=1, reason="记错了"
    )
    assert withdrawn.status_code == 302
    assert "汤文博" not in room.get(room.principal, "audit").text
    of_child = room.get(room.principal, f"pupils/{room.child}/audit").text
    assert 'data-label="Who"' not in of_child


def test_a_child_at_high_risk_without_contact_stands_out(room: Room, case: int) -> None:
    assert "not in 14 days" in room.get(room.principal, "counselling/risk").text
    room.factory.care(room.school, room.child, room.teacher, CareKind.TALK, TODAY - timedelta(20))
    assert "not in 14 days" in room.get(room.principal, "counselling/risk").text
    room.factory.care(room.school, room.child, room.teacher, CareKind.TALK, TODAY - timedelta(3))
    assert "not in 14 days" not in room.get(room.principal, "counselling/risk").text


def test_the_risk_list_costs_the_same_queries_for_many_children(room: Room, case: int) -> None:
    client = room.browser(room.principal)

    def cost() -> int:
        with room.factory.counting_queries() as seen:
            assert client.get(f"{room.school.path}counselling/risk?sort=-last").status_code == 200
        return len(seen)

    few = cost()
    for _ in range(6):
        room.open_case(child=room.factory.pupil(room.school, room.class_id))
    assert cost() == few


def test_handed_over_a_case_is_the_other_s_alone(room: Room, case: int) -> None:
    path = f"counselling/cases/{case}/handover"
    assert room.post(room.counsellor, path, staff_id=room.teacher.id, version=1).status_code == 422
    assert room.post(room.counsellor, path, staff_id=room.colleague.id, version=7).status_code == 422
    assert room.post(room.counsellor, path, staff_id=room.colleague.id, version=1).status_code == 302
    assert room.get(room.counsellor, f"counselling/cases/{case}").status_code == 404
    assert SECRET in room.get(room.colleague, f"counselling/cases/{case}").text
    assert room.get(room.counsellor, f"pupils/{room.child}").status_code == 404
    assert room.get(room.colleague, f"pupils/{room.child}").status_code == 200


def test_cases_of_a_counsellor_who_left_are_handed_over_unread(room: Room, case: int) -> None:
    form = {"from_id": room.counsellor.id, "staff_id": room.colleague.id}
    room.post(room.principal, "counselling/risk/handover", **form)
    assert room.row(case).counsellor_id == room.counsellor.id
    with room.factory.session(room.school.scope) as session:
        session.get_one(Staff, (room.school.id, room.counsellor.id)).is_active = False
    page = room.get(room.principal, "counselling/risk").text
    assert "leaves 1 open case" in page
    assert room.post(room.principal, "counselling/risk/handover", **form).status_code == 302
    assert room.row(case).counsellor_id == room.colleague.id
    assert SECRET in room.get(room.colleague, f"counselling/cases/{case}").text
    assert room.post(room.teacher, "counselling/risk/handover", **form).status_code == 403


def test_the_next_school_and_the_district_find_nothing(
    room: Room, case: int, factory: Factory, client: FlaskClient
) -> None:
    far = factory.school()
    stranger = factory.staff(far, "counsellor").sign_in(client)
    for path in paths(room, case):
        assert stranger.get(far.path + path).status_code in (403, 404), path
        assert stranger.get(room.school.path + path).status_code in (302, 404), path
    officer = factory.officer(factory.district()).sign_in(room.app.test_client())
    for path in (*paths(room, case), "counselling/risk", "counselling/letters"):
        answer = officer.get(room.school.path + path)
        assert answer.status_code in (302, 404), path
        assert "汤文博" not in answer.text


def test_two_counsellors_who_open_a_case_of_one_child_make_one(room: Room, case: int) -> None:
    answer = room.post(
        room.colleague, f"counselling/cases/new?pupil={room.child}", **room.case_form(reason="又一个")
    )
    assert answer.status_code == 422
    with room.factory.session(room.school.scope) as session:
        assert len(session.scalars(select(CounsellingCase)).all()) == 1


def test_opened_at_the_same_moment_there_is_one_case_and_a_clear_sentence(room: Room) -> None:
    browsers = [room.browser(person) for person in (room.counsellor, room.colleague)]
    path = f"{room.school.path}counselling/cases/new?pupil={room.child}"
    ready = Barrier(2)

    def open_one(client: FlaskClient) -> tuple[int, str]:
        ready.wait(10)
        answer = client.post(path, data=room.case_form())
        return answer.status_code, answer.text

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(open_one, browsers))
    assert [status for status, _ in answers] == [302, 422]
    assert "open already" in answers[1][1]
