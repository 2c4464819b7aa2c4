"""P1: members and duties by term, meetings with who was there, decisions followed until they are done."""

import io
from datetime import timedelta

import pytest
from docx import Document
from sqlalchemy import select

from lxsaas.accounts.models import Staff
from lxsaas.core.changes import ChangeLog
from lxsaas.organisation.models import GroupDecision, GroupMeeting, GroupMember
from tests.document_templates import LETTERHEAD, bring_template, words_of
from tests.factories import Person
from tests.organisation.conftest import TODAY, Staffroom


def join(
    room: Staffroom, person: Person, term: str = "this", position: str = "member", **more: object
) -> str:
    form = {"term": term, "staff_id": person.id, "position": position} | more
    return room.post(room.principal, "group-members/entries", **form)


def meet(room: Staffroom, *present: Person, back: int = 0, **more: object) -> str:
    form = {
        "held_on": str(TODAY - timedelta(days=back)), "attended": [one.id for one in present],
        "agenda": "Study\nLife", "minutes": "All classes reported.",
    }  # fmt: skip
    return room.post(room.principal, "group-meetings/entries", **form | more)


def id_of(address: str) -> int:
    return int(address.rsplit("/", 1)[1])


def decide(
    room: Staffroom, meeting: str, person: Person, due: int = 7, words: str = "Visit each home"
) -> None:
    form = {
        "parent": id_of(meeting), "words": words, "staff_id": person.id,
        "due_on": str(TODAY + timedelta(days=due)),
    }  # fmt: skip
    assert room.post(room.principal, "group-decisions/entries", **form) == meeting


def test_a_group_is_carried_over_to_the_new_term_without_who_has_left(staffroom: Staffroom) -> None:
    gone = staffroom.factory.staff(staffroom.place, is_active=False)
    join(staffroom, staffroom.principal, "last", "head", duty="Answers for all")
    join(staffroom, staffroom.teacher, "last", duty="Class 3")
    with staffroom.factory.session(staffroom.place.scope) as session:
        row = {"term": "last", "staff_id": gone.id, "position": "member", "recorded_by": gone.id}
        session.add(GroupMember(school_id=staffroom.place.id, **row))
    assert "Carry over" in staffroom.page(staffroom.principal, "leading-group")
    staffroom.post(staffroom.principal, "leading-group/carry-over")
    shown = staffroom.page(staffroom.teacher, "leading-group")
    assert "Answers for all" in shown
    assert "Class 3" in shown
    staffroom.post(staffroom.principal, "leading-group/carry-over")
    with staffroom.factory.session(staffroom.place.scope) as session:
        now = session.scalars(select(GroupMember).where(GroupMember.term == "this")).all()
        assert sorted((one.staff_id, one.position) for one in now) == sorted(
            [(staffroom.principal.id, "head"), (staffroom.teacher.id, "member")]
        )


def test_a_group_has_one_head_and_nobody_twice(staffroom: Staffroom) -> None:
    join(staffroom, staffroom.principal, position="head")
    client = staffroom.client(staffroom.principal)
    for person, position, field in (
        (staffroom.teacher, "head", "position"),
        (staffroom.principal, "head", "staff_id"),
    ):
        form = {"term": "this", "staff_id": person.id, "position": position}
        answer = client.post(f"{staffroom.place.path}group-members/entries", data=form)
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text


def test_who_was_there_is_ticked_changed_and_remembered(staffroom: Staffroom) -> None:
    meeting = meet(staffroom, staffroom.principal, staffroom.teacher)
    names = {one.id: name_of(staffroom, one.id) for one in (staffroom.teacher, staffroom.colleague)}
    assert names[staffroom.teacher.id] in staffroom.page(staffroom.principal, meeting)
    form = {
        "held_on": str(TODAY), "attended": [staffroom.principal.id, staffroom.colleague.id],
        "agenda": "Study", "version": "1",
    }  # fmt: skip
    client = staffroom.client(staffroom.principal)
    assert client.post(f"{meeting}/edit", data=form).status_code == 302
    shown = staffroom.page(staffroom.principal, meeting)
    history = shown.split("lx-history", 1)[1]
    assert names[staffroom.teacher.id] in history
    assert names[staffroom.colleague.id] in shown.split("lx-history", 1)[0]
    assert client.post(f"{meeting}/edit", data=form | {"version": "1"}).status_code == 422


def test_a_colleague_who_has_left_stays_among_those_who_were_there(staffroom: Staffroom) -> None:
    meeting = meet(staffroom, staffroom.principal, staffroom.teacher)
    with staffroom.factory.session(staffroom.place.scope) as session:
        session.get_one(Staff, (staffroom.place.id, staffroom.teacher.id)).is_active = False
    form = {"held_on": str(TODAY), "attended": [staffroom.principal.id], "agenda": "x", "version": "1"}
    assert staffroom.client(staffroom.principal).post(f"{meeting}/edit", data=form).status_code == 302
    assert name_of(staffroom, staffroom.teacher.id) in staffroom.page(staffroom.principal, meeting)


def name_of(room: Staffroom, staff_id: int) -> str:
    with room.factory.session(room.place.scope) as session:
        return session.get_one(Staff, (room.place.id, staff_id)).name


def test_a_decision_waits_on_its_owners_week_and_at_the_next_meeting_until_it_is_done(
    staffroom: Staffroom,
) -> None:
    first = meet(staffroom, staffroom.principal, back=20)
    decide(staffroom, first, staffroom.teacher, due=-1)
    second = meet(staffroom, staffroom.principal)
    assert "Visit each home" in staffroom.page(staffroom.principal, second)
    assert "Visit each home" in staffroom.page(staffroom.teacher, "week")
    assert "Visit each home" not in staffroom.page(staffroom.colleague, "week")
    assert "overdue" in staffroom.page(staffroom.principal, "leading-group")
    with staffroom.factory.session(staffroom.place.scope) as session:
        decision_id = session.scalars(select(GroupDecision.id)).one()
    path = f"group-decisions/{decision_id}/completion"
    stranger = staffroom.client(staffroom.colleague).post(f"{staffroom.place.path}{path}")
    assert stranger.status_code == 404
    assert staffroom.post(staffroom.teacher, path, **{"from": "week"}).endswith("/week")
    assert "Visit each home" not in staffroom.page(staffroom.teacher, "week")
    # On the day of this meeting it was still open.
    assert "done on" in staffroom.page(staffroom.principal, second)
    with staffroom.factory.session(staffroom.place.scope) as session:
        assert session.scalars(select(GroupDecision)).one().done_on == TODAY


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"attended": []}, "attended"),
        ({"held_on": str(TODAY + timedelta(days=1))}, "held_on"),
        ({"agenda": ""}, "agenda"),
        ({"attended": ["999999999"]}, "attended"),
    ],
)
def test_what_no_meeting_can_be_is_refused_at_its_field(
    wrong: dict[str, object], field: str, staffroom: Staffroom
) -> None:
    form = {"held_on": str(TODAY), "attended": [staffroom.principal.id], "agenda": "kept"} | wrong
    client = staffroom.client(staffroom.principal)
    answer = client.post(f"{staffroom.place.path}group-meetings/entries", data=form)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


def test_a_decision_is_due_no_earlier_than_its_meeting(staffroom: Staffroom) -> None:
    meeting = meet(staffroom, staffroom.principal)
    form = {
        "parent": id_of(meeting), "words": "x", "staff_id": staffroom.teacher.id,
        "due_on": str(TODAY - timedelta(days=3)),
    }  # fmt: skip
    client = staffroom.client(staffroom.principal)
    answer = client.post(f"{staffroom.place.path}group-decisions/entries", data=form)
    assert answer.status_code == 422
    assert 'id="due_on-error"' in answer.text


def test_the_minutes_are_a_word_document_with_agenda_decisions_and_who_was_absent(
    staffroom: Staffroom,
) -> None:
    join(staffroom, staffroom.principal, position="head")
    join(staffroom, staffroom.teacher)
    meeting = meet(staffroom, staffroom.principal, agenda="Study <of> {{ all }}\nLife")
    decide(staffroom, meeting, staffroom.teacher)
    client = staffroom.client(staffroom.principal)
    made = client.get(f"{meeting}/minutes")
    assert made.status_code == 200
    document = Document(io.BytesIO(made.data))
    told = [one.text for one in document.paragraphs]
    assert "Study <of> {{ all }}" in told
    facts = {row.cells[0].text: row.cells[1].text for row in document.tables[0].rows}
    assert facts["Not present"] == name_of(staffroom, staffroom.teacher.id)
    assert [cell.text for cell in document.tables[1].rows[1].cells][0] == "Visit each home"
    assert made.data == client.get(f"{meeting}/minutes").data
    bring_template(
        staffroom.factory, staffroom.place.id, staffroom.place.scope, "minutes", staffroom.principal
    )
    own = words_of(client.get(f"{meeting}/minutes").data)
    assert own[0] == LETTERHEAD
    assert {"Study <of> {{ all }}", "无。", "Visit each home"} <= set(own)


def test_meetings_are_seen_by_the_group_and_by_who_was_there(staffroom: Staffroom) -> None:
    join(staffroom, staffroom.teacher)
    meeting = meet(staffroom, staffroom.principal, staffroom.counsellor)
    decide(staffroom, meeting, staffroom.principal)
    for person, status in (
        (staffroom.principal, 200),
        (staffroom.teacher, 200),
        (staffroom.counsellor, 200),
        (staffroom.colleague, 404),
    ):
        for address in (meeting, f"{meeting}/minutes", f"{meeting}/print"):
            assert staffroom.client(person).get(address).status_code == status
    shown = staffroom.page(staffroom.teacher, "leading-group")
    assert "Visit each home" in shown
    assert "/completion" not in shown
    assert "Visit each home" not in staffroom.page(staffroom.colleague, "leading-group")
    for person, links in ((staffroom.teacher, 1), (staffroom.counsellor, 1), (staffroom.colleague, 0)):
        for path in ("leading-group", "group-meetings"):
            assert staffroom.page(person, path).count(f'href="{meeting}"') == links
    far = staffroom.factory.staff(staffroom.factory.school(), "principal")
    theirs = far.sign_in(staffroom.app.test_client())
    own_address = meeting.replace(staffroom.place.path, far.place.path)
    assert theirs.get(own_address).status_code == 404
    officer = staffroom.factory.officer(staffroom.factory.district())
    refused = officer.sign_in(staffroom.app.test_client()).get(meeting)
    assert refused.status_code == 302


def test_teachers_keep_no_minutes(staffroom: Staffroom) -> None:
    client = staffroom.client(staffroom.teacher)
    for path in ("group-meetings/new", "group-members/new"):
        assert client.get(f"{staffroom.place.path}{path}").status_code == 403
    assert client.post(f"{staffroom.place.path}leading-group/carry-over").status_code == 403


def test_a_meeting_that_moves_to_another_month_has_both_counted_anew(staffroom: Staffroom) -> None:
    meeting = meet(staffroom, staffroom.principal, back=40)
    with staffroom.factory.session(staffroom.place.scope) as session:
        before = set(session.scalars(select(ChangeLog.id)))
    form = {"held_on": str(TODAY), "attended": [staffroom.principal.id], "agenda": "x", "version": "1"}
    staffroom.client(staffroom.principal).post(f"{meeting}/edit", data=form)
    with staffroom.factory.session(staffroom.place.scope) as session:
        noted = session.scalars(select(ChangeLog).where(ChangeLog.id.not_in(before))).all()
        assert [one.starts_on for one in noted] == [TODAY - timedelta(days=40)]
        assert session.scalars(select(GroupMeeting.held_on)).one() == TODAY
