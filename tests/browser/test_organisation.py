"""The school's organisation, done once: a meeting and its decision, a rule read, a week, the year."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lxsaas.care.models import CareKind
from lxsaas.core.clock import add_months, month_start, today
from lxsaas.core.scope import operating
from lxsaas.schools.models import Term
from tests.browser.conftest import OpenPage, faults_of, sign_in
from tests.factories import Factory, Person, Place

TODAY = today("Asia/Shanghai")
MONTH = add_months(month_start(TODAY), -1)


@pytest.fixture
def people(factory: Factory) -> tuple[Place, Person, Person]:
    """A school in its term, its principal, and a homeroom teacher with six care targets."""
    district = factory.district()
    with factory.session(operating()) as session:
        session.add(
            Term(
                district_id=district.id, name="this", starts_on=MONTH - timedelta(days=7),
                ends_on=TODAY + timedelta(days=60),
            )
        )  # fmt: skip
    school = factory.school(district)
    teacher = factory.staff(school, name="李老师")
    class_id = factory.school_class(school, teacher)
    for number in range(6):
        child = factory.pupil(school, class_id)
        factory.left_behind(school, child)
        if number < 4:
            factory.care(school, child, teacher, CareKind.TALK, MONTH)
    return school, factory.staff(school, "principal", name="陈校长"), teacher


def clean(page: Page, axe: str, title: str) -> None:
    """The page with this heading has come, and nothing is wrong with it."""
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.wait_for_load_state()
    assert faults_of(page, axe) == []


def test_a_meeting_is_recorded_its_decision_done_on_a_phone_and_its_minutes_taken(
    people: tuple[Place, Person, Person], open_page: OpenPage, axe: str
) -> None:
    school, principal, teacher = people
    desk = open_page(1280)
    sign_in(desk, principal)
    desk.goto(f"{school.path}leading-group")
    clean(desk, axe, "Leading group")
    desk.get_by_role("link", name="Record a meeting").click()
    clean(desk, axe, "Record a meeting")
    for name in ("陈校长", "李老师"):
        desk.get_by_label(name).check()
    desk.get_by_label("Minutes of the meeting").fill("各班通报情况。")
    desk.get_by_role("button", name="Save").click()
    desk.get_by_role("link", name="Add a decision").click()
    desk.get_by_label("What was decided").fill("家访每个新增的孩子")
    desk.get_by_label("Who sees to it").select_option(label="李老师")
    desk.get_by_label("Due on").fill(str(TODAY + timedelta(days=14)))
    desk.get_by_role("button", name="Save").click()
    clean(desk, axe, "Meeting")
    with desk.expect_download() as download:
        desk.get_by_role("link", name="Minutes for Word").click()
    assert Path(download.value.path()).read_bytes().startswith(b"PK")
    phone = open_page(360)
    sign_in(phone, teacher)
    phone.goto(f"{school.path}week")
    expect(phone.get_by_text("家访每个新增的孩子")).to_be_visible()
    clean(phone, axe, "This week")
    phone.get_by_role("button", name="Done").click()
    expect(phone.get_by_text("家访每个新增的孩子")).to_have_count(0)


def test_a_rule_starts_from_a_text_and_is_read_and_confirmed_in_two_taps(
    people: tuple[Place, Person, Person], open_page: OpenPage, axe: str
) -> None:
    school, principal, teacher = people
    desk = open_page(1280)
    sign_in(desk, principal)
    desk.goto(f"{school.path}plan-documents")
    desk.get_by_role("link", name="Starting texts").click()
    clean(desk, axe, "Starting texts")
    desk.get_by_role("link", name="Rule on talks").click()
    clean(desk, axe, "Write a document")
    desk.get_by_role("button", name="Save").click()
    clean(desk, axe, "Document")
    desk.get_by_text("Publish", exact=True).click()
    desk.get_by_role("button", name="Publish now").click()
    expect(desk.get_by_text("Read by 0 of 1")).to_be_visible()
    clean(desk, axe, "Document")
    phone = open_page(360)
    sign_in(phone, teacher)
    phone.goto(f"{school.path}week")
    phone.get_by_role("link", name="Rule on talks").click()
    clean(phone, axe, "Document")
    phone.get_by_role("button", name="I have read it").click()
    expect(phone.get_by_text("You confirmed on")).to_be_visible()
    desk.reload()
    expect(desk.get_by_text("Read by 1 of 1")).to_be_visible()


def test_a_week_is_planned_and_done_on_a_phone(
    people: tuple[Place, Person, Person], open_page: OpenPage, axe: str
) -> None:
    school, _, teacher = people
    phone = open_page(360)
    sign_in(phone, teacher)
    phone.goto(f"{school.path}class-activities/calendar")
    clean(phone, axe, "Weekly class activities")
    phone.get_by_role("row", name=re.compile("this week")).get_by_role("link").click()
    clean(phone, axe, "Plan or record")
    phone.get_by_label("What is planned").fill("给爸爸妈妈写信")
    phone.get_by_role("button", name="Save").click()
    clean(phone, axe, "Class activity")
    phone.get_by_role("button", name="Done as planned").click()
    expect(phone.get_by_role("button", name="Done as planned")).to_have_count(0)
    phone.goto(f"{school.path}class-activities/calendar")
    expect(phone.get_by_role("row", name=re.compile("this week"))).to_contain_text("done")


def test_the_principal_weighs_the_year_and_a_teacher_opens_each_point(
    people: tuple[Place, Person, Person], open_page: OpenPage, axe: str
) -> None:
    school, principal, teacher = people
    desk = open_page(1280)
    sign_in(desk, principal)
    desk.goto(f"{school.path}evaluation")
    clean(desk, axe, "Evaluation of homeroom teachers")
    desk.get_by_role("link", name="Weights").click()
    clean(desk, axe, "Weights")
    for control in desk.locator("main input[type=number]").all():
        control.fill("0")
    desk.get_by_label("Talks").fill("10")
    desk.get_by_role("button", name="Save").click()
    expect(desk.get_by_role("row", name=re.compile("李老师")).get_by_text("66.7")).to_be_visible()
    phone = open_page(360)
    sign_in(phone, teacher)
    phone.goto(f"{school.path}evaluation/own")
    clean(phone, axe, "My year")
    phone.get_by_role("link", name="Talks").click()
    clean(phone, axe, "Talks")
    expect(phone.get_by_text("counts", exact=True)).to_have_count(4)
