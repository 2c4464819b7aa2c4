"""The principal's first page: what is due, what went silent, what waits; others keep their own."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lxsaas.activities.models import Activity
from lxsaas.care.models import CareKind
from lxsaas.core import clock
from lxsaas.core.scope import acting_for_district, operating
from lxsaas.correspondence.actions import Writer, write_message, write_to_schools
from lxsaas.correspondence.models import CorrespondenceThread
from lxsaas.organisation.models import (
    ClassActivity,
    GroupDecision,
    GroupMeeting,
    PlanDocument,
)
from lxsaas.registers.actions import add_row
from lxsaas.schools.models import Term
from tests.factories import Factory, Person, Place
from tests.networks.conftest import Harm
from tests.networks.conftest import harm as harm

TODAY = clock.today("Asia/Shanghai")


@dataclass
class Desk:
    """A school in the middle of a term, with a class of one care target."""

    factory: Factory
    school: Place
    principal: Person
    teacher: Person
    class_id: int
    pupil_id: int
    client: FlaskClient

    def page(self) -> str:
        answer = self.client.get(f"{self.school.path}overview")
        assert answer.status_code == 200
        return answer.text

    def add(self, model: type[Any], **values: object) -> int:
        with self.factory.session(self.school.scope) as session:
            row, _ = add_row(session, model, school_id=self.school.id, values=values, by=self.principal.id)
            return int(row.id)


@pytest.fixture
def desk(app: Flask, factory: Factory) -> Desk:
    school = factory.school()
    with factory.session(operating()) as session:
        session.add(
            Term(
                district_id=school.district_id, name="本学期", starts_on=TODAY - timedelta(days=60),
                ends_on=TODAY + timedelta(days=60),
            )
        )  # fmt: skip
    principal, teacher = factory.staff(school, "principal"), factory.staff(school, name="田老师")
    class_id = factory.school_class(school, teacher)
    pupil_id = factory.pupil(school, class_id)
    factory.left_behind(school, pupil_id)
    client = principal.sign_in(app.test_client())
    return Desk(factory, school, principal, teacher, class_id, pupil_id, client)


def test_it_is_the_first_page_of_principals_and_of_nobody_else(desk: Desk, app: Flask) -> None:
    assert desk.client.get(desk.school.path).location == f"{desk.school.path}overview"
    teacher = desk.teacher.sign_in(app.test_client())
    assert teacher.get(desk.school.path).location == f"{desk.school.path}week"
    for role in ("homeroom_teacher", "counsellor", "archivist"):
        client = desk.factory.staff(desk.school, role).sign_in(app.test_client())
        assert client.get(f"{desk.school.path}overview").status_code == 403
    stranger = desk.factory.staff(desk.factory.school(), "principal").sign_in(app.test_client())
    assert stranger.get(f"{desk.school.path}overview").status_code == 302


def test_a_class_of_which_nothing_is_entered_is_named_until_something_is(desk: Desk) -> None:
    assert "田老师" in desk.page()
    desk.factory.care(desk.school, desk.pupil_id, desk.teacher, CareKind.TALK, TODAY - timedelta(days=20))
    assert "田老师" in desk.page()
    desk.factory.care(desk.school, desk.pupil_id, desk.teacher, CareKind.TALK, TODAY - timedelta(days=2))
    assert "田老师" not in desk.page()


def test_nothing_is_silent_in_the_holidays(desk: Desk) -> None:
    assert "田老师" in desk.page()
    with desk.factory.session(operating()) as session:
        [term] = session.query(Term).where(Term.district_id == desk.school.district_id)
        term.ends_on = TODAY - timedelta(days=1)
    assert "田老师" not in desk.page()


def test_the_holidays_before_a_term_are_no_silence(desk: Desk) -> None:
    """What is expected every two weeks has two weeks from the term's first day on."""
    desk.factory.care(desk.school, desk.pupil_id, desk.teacher, CareKind.TALK, TODAY - timedelta(days=50))
    assert "田老师" in desk.page()
    for days, is_silent in ((14, False), (15, True)):
        with desk.factory.session(operating()) as session:
            [term] = session.query(Term).where(Term.district_id == desk.school.district_id)
            term.starts_on = TODAY - timedelta(days=days)
        shown = desk.page()
        assert ("田老师" in shown) is is_silent
        assert ("留守儿童之家开放" in shown) is is_silent


def test_registers_that_fell_silent_are_told(desk: Desk) -> None:
    monday = TODAY - timedelta(days=TODAY.weekday())
    before = desk.page().count("lx-warn")
    desk.add(
        ClassActivity, class_id=desk.class_id, week_on=monday, planned="安全", held_on=monday, done="安全"
    )
    desk.add(GroupMeeting, held_on=TODAY - timedelta(days=10), agenda="一")
    assert desk.page().count("lx-warn") == before - 2


def test_meetings_decisions_and_unread_plans_are_shown(desk: Desk) -> None:
    meeting = desk.add(GroupMeeting, held_on=TODAY - timedelta(days=10), agenda="一")
    desk.add(
        GroupDecision, group_meeting_id=meeting, words="给留守之家装电话", staff_id=desk.teacher.id,
        due_on=TODAY - timedelta(days=1),
    )  # fmt: skip
    desk.add(Activity, kind="festival", title="包粽子", held_on=TODAY + timedelta(days=3))
    desk.add(Activity, kind="festival", title="很久以后", held_on=TODAY + timedelta(days=40))
    plan = {"kind": "plan", "body": "。", "published_on": TODAY, "series": uuid4()}
    desk.add(PlanDocument, title="旧家访制度", edition=1, **plan)
    desk.add(PlanDocument, title="新家访制度", edition=2, **plan)
    desk.add(PlanDocument, title="谈心制度", **plan | {"series": uuid4(), "published_on": None})
    shown = desk.page()
    for words in ("给留守之家装电话", "包粽子", "新家访制度", "田老师"):
        assert words in shown
    for words in ("很久以后", "旧家访制度", "谈心制度"):
        assert words not in shown


def test_open_reports_of_harm_stand_first_without_a_name(harm: Harm) -> None:
    address = f"{harm.school.path}mandatory-reports/{harm.report_id}"
    assert address in harm.client(harm.principal).get(f"{harm.school.path}overview").text
    harm.step("closed", closed_as="mistake")
    assert address not in harm.client(harm.principal).get(f"{harm.school.path}overview").text


def test_what_the_district_asks_waits_until_it_is_answered(desk: Desk) -> None:
    district = acting_for_district(desk.school.district_id)
    officer = desk.factory.officer(Place(desk.school.district_id, desk.school.district_id, "", district, ""))
    with desk.factory.session(district) as session:
        [thread_id] = write_to_schools(
            session, district_id=desk.school.district_id, school_ids=[desk.school.id], kind="request",
            title="请说明家访情况", text="请于下周五前答复。", due_on=TODAY + timedelta(days=7), today=TODAY,
            by=Writer("district", officer.id, "干部"),
        )  # fmt: skip
    assert "请说明家访情况" in desk.page()
    with desk.factory.session(desk.school.scope) as session:
        thread = session.get_one(CorrespondenceThread, (desk.school.district_id, thread_id))
        write_message(session, thread, text="已安排。", by=Writer("school", desk.principal.id, "校长"))
    assert "请说明家访情况" not in desk.page()


def queries_of(desk: Desk) -> int:
    desk.page()
    with desk.factory.counting_queries() as sent:
        desk.page()
    return len(sent)


def test_a_larger_school_takes_no_more_queries(desk: Desk) -> None:
    before = queries_of(desk)
    for number in range(3):
        teacher = desk.factory.staff(desk.school)
        class_id = desk.factory.school_class(desk.school, teacher)
        for _ in range(3):
            pupil_id = desk.factory.pupil(desk.school, class_id)
            desk.factory.left_behind(desk.school, pupil_id)
            desk.factory.care(desk.school, pupil_id, teacher, CareKind.TALK, date(2026, 1, 1 + number))
        desk.add(Activity, kind="contest", title=f"比赛{number}", held_on=TODAY + timedelta(days=number))
    assert queries_of(desk) == before
