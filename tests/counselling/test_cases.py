"""Cases and talks as a counsellor keeps them: opened, reviewed, closed, mended, withdrawn."""

import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from lxsaas.care.models import CareKind, CareNote, CareRecord
from lxsaas.core.audit import AuditEntry
from lxsaas.counselling.models import CaseRisk, CounsellingCase, CounsellingSession
from lxsaas.pupils.models import PupilAssignment
from tests.counselling.conftest import SECRET, TODAY, Room


def levels(room: Room, case_id: int) -> list[tuple[int, date, date | None]]:
    with room.factory.session(room.school.scope) as session:
        query = select(CaseRisk).where(CaseRisk.case_id == case_id).order_by(CaseRisk.id)
        return [(one.level, one.starts_on, one.ends_on) for one in session.scalars(query)]


def count(room: Room, model: type) -> int:
    with room.factory.session(room.school.scope) as session:
        return len(session.scalars(select(model)).all())


def review(room: Room, case_id: int, version: int, **values: object) -> int:
    form = {
        "risk": 1,
        "review_on": (TODAY + timedelta(30)).isoformat(),
        "reason": "新的情况",
        "version": version,
    }
    return room.post(room.counsellor, f"counselling/cases/{case_id}/review", **form | values).status_code


def test_a_counsellor_finds_any_child_by_name_and_opens_a_case(room: Room) -> None:
    found = room.post(room.counsellor, "counselling/cases/choose", q="twb").text
    assert "汤文博" in found
    assert "identity" not in found
    case_id = room.open_case()
    page = room.get(room.counsellor, f"counselling/cases/{case_id}").text
    assert SECRET in page
    assert "汤文博" in page
    listed = room.get(room.counsellor, "counselling/cases").text
    assert "汤文博" in listed
    assert SECRET not in listed


def test_a_case_brings_the_child_into_reach_until_it_is_closed(room: Room) -> None:
    path = f"pupils/{room.child}"
    assert room.get(room.counsellor, path).status_code == 404
    case_id = room.open_case()
    assert room.get(room.counsellor, path).status_code == 200
    assert room.get(room.colleague, path).status_code == 404
    closed = room.post(
        room.counsellor, f"counselling/cases/{case_id}/closing", outcome="已好转", version=1
    )  # fmt: skip
    assert closed.status_code == 302
    assert room.get(room.counsellor, path).status_code == 404
    assert "已好转" in room.get(room.counsellor, f"counselling/cases/{case_id}").text
    assert levels(room, case_id) == [(3, TODAY, TODAY)]


def test_a_child_has_one_open_case_and_the_same_form_opens_one(room: Room) -> None:
    key = str(uuid.uuid4())
    case_id = room.open_case(client_key=key)
    assert room.open_case(client_key=key) == case_id
    answer = room.post(
        room.colleague, f"counselling/cases/new?pupil={room.child}", **room.case_form(reason="另一件事")
    )
    assert answer.status_code == 422
    assert "open already" in answer.text
    assert "另一件事" in answer.text
    assert count(room, CounsellingCase) == 1


def test_any_past_day_can_be_asked_for_the_risk(room: Room) -> None:
    start = TODAY - timedelta(20)
    case_id = room.open_case(opened_on=start.isoformat())
    assert review(room, case_id, 1) == 302
    assert levels(room, case_id) == [(3, start, TODAY), (1, TODAY, None)]
    row = room.row(case_id)
    assert (row.risk, row.risk_since) == (1, TODAY)
    assert review(room, case_id, 2, risk=2) == 302
    assert levels(room, case_id) == [(3, start, TODAY), (2, TODAY, None)]


def test_what_stood_in_a_case_is_kept_and_a_stale_form_is_refused(room: Room) -> None:
    case_id = room.open_case()
    assert review(room, case_id, 1) == 302
    page = room.get(room.counsellor, f"counselling/cases/{case_id}").text
    assert f"<del>{SECRET}</del>" in page
    assert review(room, case_id, 1, reason="过时的修改") == 422
    assert room.row(case_id).version == 2
    assert review(room, case_id, 0) == 422


def test_due_reviews_stand_out(room: Room) -> None:
    case_id = room.open_case()
    with room.factory.session(room.school.scope) as session:
        session.get_one(CounsellingCase, (room.school.id, case_id)).review_on = TODAY - timedelta(1)
    page = room.get(room.counsellor, "counselling/cases").text
    assert "1 case is to be reviewed" in page
    assert "汤文博" in room.get(room.counsellor, "counselling/cases?show=due").text
    assert "汤文博" not in room.get(room.colleague, "counselling/cases?show=due").text


def test_a_talk_counts_as_care_without_its_text(room: Room) -> None:
    case_id = room.open_case()
    key = str(uuid.uuid4())
    room.record(case_id, client_key=key)
    room.record(case_id, client_key=key)
    with room.factory.session(room.school.scope) as session:
        care = session.scalars(select(CareRecord)).one()
        assert (care.pupil_id, care.kind, care.occurred_on) == (room.child, CareKind.COUNSELLING, TODAY)
        assert session.scalars(select(CareNote)).all() == []
    assert count(room, CounsellingSession) == 1
    assert SECRET not in room.get(room.teacher, f"pupils/{room.child}/care-records").text


def test_a_talk_is_mended_with_its_care_record_and_keeps_its_past(room: Room) -> None:
    session_id = room.record(room.open_case())
    day = TODAY - timedelta(3)
    form = room.session_form(held_on=day.isoformat(), account="改过的记录", version=1)
    assert room.post(room.counsellor, f"counselling/sessions/{session_id}/edit", **form).status_code == 302
    with room.factory.session(room.school.scope) as session:
        assert session.scalars(select(CareRecord)).one().occurred_on == day
    page = room.get(room.counsellor, f"counselling/sessions/{session_id}").text
    assert f"<del>{SECRET}</del>" in page
    assert room.post(room.counsellor, f"counselling/sessions/{session_id}/edit", **form).status_code == 422


def test_a_withdrawn_talk_counts_nowhere_and_says_why_to_its_counsellor_only(room: Room) -> None:
    case_id = room.open_case()
    session_id = room.record(case_id)
    path = f"counselling/sessions/{session_id}/withdrawal"
    room.post(room.counsellor, path, version=1, reason="")
    with room.factory.session(room.school.scope) as session:
        assert session.scalars(select(CounsellingSession)).one().withdrawn_at is None
    room.post(room.counsellor, path, version=1, reason="记在别的孩子名下了")
    with room.factory.session(room.school.scope) as session:
        assert session.scalars(select(CounsellingSession)).one().withdrawn_at is not None
        assert session.scalars(select(CareRecord)).one().withdrawn_at is not None
    page = room.get(room.counsellor, f"counselling/sessions/{session_id}").text
    assert "记在别的孩子名下了" in page
    assert SECRET in page


def test_a_closed_case_takes_no_talk(room: Room) -> None:
    case_id = room.open_case()
    room.post(room.counsellor, f"counselling/cases/{case_id}/closing", outcome="结束", version=1)
    form = room.session_form()
    answer = room.post(room.counsellor, f"counselling/cases/{case_id}/sessions/new", **form)
    assert answer.status_code == 422
    assert count(room, CareRecord) == 0


def test_each_sight_of_a_case_is_logged_with_nothing_but_numbers(room: Room) -> None:
    case_id = room.open_case()
    session_id = room.record(case_id)
    room.get(room.counsellor, f"counselling/cases/{case_id}")
    room.get(room.counsellor, f"counselling/sessions/{session_id}")
    with room.factory.session(room.school.scope) as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        by_action = {one.action: one for one in entries}
        assert by_action["view_counselling_case"].detail == {"pupil_id": room.child}
        assert by_action["view_counselling_session"].subject_id == session_id
        assert all(SECRET not in str(one.detail) and "汤文博" not in str(one.detail) for one in entries)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("opened_on", (TODAY + timedelta(1)).isoformat()),
        ("opened_on", "1990-01-01"),
        ("opened_on", "gestern"),
        ("review_on", (TODAY - timedelta(1)).isoformat()),
        ("review_on", "2999-01-01"),
        ("risk", "9"),
        ("risk", ""),
        ("reason", ""),
        ("reason", "空\0白"),
        ("reason", "长" * 5001),
    ],
)
def test_what_cannot_be_is_told_at_its_field_and_nothing_is_saved(room: Room, field: str, value: str) -> None:
    form = room.case_form(**{"reason": "留在表里的话", field: value})
    answer = room.post(room.counsellor, f"counselling/cases/new?pupil={room.child}", **form)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    if field != "reason":
        assert "留在表里的话" in answer.text
    assert count(room, CounsellingCase) == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("held_on", (TODAY + timedelta(1)).isoformat()),
        ("held_on", "1990-01-01"),
        ("minutes", "0"),
        ("minutes", "9999999999999999999999"),
        ("account", " "),
        ("account", "空\0白"),
    ],
)
def test_an_impossible_talk_is_told_at_its_field(room: Room, field: str, value: str) -> None:
    case_id = room.open_case()
    form = room.session_form(**{field: value})
    answer = room.post(room.counsellor, f"counselling/cases/{case_id}/sessions/new", **form)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert count(room, CareRecord) == 0


def test_scripts_and_formulas_are_shown_as_they_were_written(room: Room) -> None:
    hostile = '<script>alert(1)</script> =HYPERLINK("http://x") {{ 7*7 }}'
    case_id = room.open_case(reason=hostile)
    page = room.get(room.counsellor, f"counselling/cases/{case_id}").text
    assert "<script>alert(1)</script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ 7*7 }}" in page


def test_many_cases_and_talks_cost_the_same_queries(room: Room) -> None:
    client = room.browser(room.counsellor)
    case_id = room.open_case()
    room.record(case_id)
    pages = ("counselling/cases", f"counselling/cases/{case_id}")

    def cost() -> list[int]:
        counts = []
        for page in pages:
            with room.factory.counting_queries() as seen:
                assert client.get(room.school.path + page).status_code == 200
            counts.append(len(seen))
        return counts

    few = cost()
    for _ in range(5):
        child = room.factory.pupil(room.school, room.class_id)
        room.open_case(child=child)
        room.record(case_id)
    assert cost() == few


def test_hours_of_the_room_stand_on_the_page_of_the_letterbox(room: Room) -> None:
    form = {
        "weekday": 3, "starts_at": "16:30", "ends_at": "17:30", "place": "一楼东头 102",
        "counsellor_id": room.counsellor.id, "client_key": str(uuid.uuid4()),
    }  # fmt: skip
    assert room.post(room.counsellor, "room-hours/entries", **form | {"ends_at": "15:00"}).status_code == 422
    assert (
        room.post(
            room.counsellor, "room-hours/entries", **form | {"counsellor_id": room.teacher.id}
        ).status_code
        == 422
    )
    assert room.post(room.teacher, "room-hours/entries", **form).status_code == 403
    assert room.post(room.counsellor, "room-hours/entries", **form).status_code == 302
    assert "一楼东头 102" in room.get(None, "letterbox").text
    assert "一楼东头 102" in room.get(room.teacher, "room-hours").text


def test_an_assignment_follows_the_case(room: Room) -> None:
    case_id = room.open_case()
    with room.factory.session(room.school.scope) as session:
        row = session.scalars(select(PupilAssignment)).one()
        assert (row.staff_id, row.subject, row.subject_id) == (
            room.counsellor.id,
            "counselling_case",
            case_id,
        )
