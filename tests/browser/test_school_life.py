"""The life around the child, each practice once as its user does it (P22–P26): by phone where it happens."""

import io
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from lxsaas.activities.family_models import EventAttendance, SessionAttendance
from lxsaas.activities.models import ActivityParticipant, HomeOpening, HomeVisitor
from lxsaas.archive.models import Consent
from lxsaas.core.clock import today
from lxsaas.core.db import table_of
from lxsaas.pupils.models import Guardian
from tests.browser.conftest import AXE, OpenPage, faults_of, sign_in
from tests.factories import Factory, Person, Place

TODAY = today("Asia/Shanghai")
PHONE, DESK = 360, 1280


@dataclass
class Life:
    """A class with a child whose family has agreed to photos, and a grandmother at home."""

    factory: Factory
    school: Place
    teacher: Person
    principal: Person
    child: int

    def count(self, model: type) -> int:
        with self.factory.session(self.school.scope) as session:
            return session.scalar(select(func.count()).select_from(table_of(model))) or 0


@pytest.fixture
def life(factory: Factory) -> Life:
    school = factory.school()
    teacher, principal = factory.staff(school, name="龚玉兰"), factory.staff(school, "principal", name="曹芳")
    class_id = factory.school_class(school, teacher)
    child = factory.pupil(school, class_id, name="欧阳雨桐", pinyin="oyyt ouyangyutong")
    factory.left_behind(school, child)
    for _ in range(14):
        factory.pupil(school, class_id)
    with factory.session(school.scope) as session:
        session.add(
            Guardian(
                school_id=school.id,
                pupil_id=child,
                position=1,
                name="王秀英",
                relation="62",
                is_guardian=True,
            )
        )
        session.add(
            Consent(
                school_id=school.id, pupil_id=child, recorded_by=teacher.id, purpose="photos", text_version=1,
                given_by="王秀英", relation="62", given_on=date(2024, 9, 1),
            )
        )  # fmt: skip
    return Life(factory, school, teacher, principal, child)


def enter(page: Page, person: Person, address: str) -> None:
    sign_in(page, person)
    page.goto(f"{person.place.path}{address}")


def look(page: Page) -> None:
    """Nothing that axe calls serious, nothing wider than the window."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed: `npm ci --include=dev`")
    assert faults_of(page, AXE.read_text()) == []


def tap_kept(page: Page, name: str) -> None:
    """Taps a box and waits until the server has kept it."""
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_role("checkbox", name=name).check()


def test_the_childrens_home_is_opened_visited_and_closed_by_phone(life: Life, open_page: OpenPage) -> None:
    page = open_page(PHONE)
    enter(page, life.teacher, "home")
    expect(page.get_by_role("checkbox", name="龚玉兰")).to_be_checked()
    page.get_by_text("Other colleagues").click()
    page.get_by_role("checkbox", name="曹芳").check()
    look(page)
    page.get_by_role("button", name="Open the children’s home").click()
    expect(page.get_by_text("Open since")).to_be_visible()
    look(page)
    tap_kept(page, "欧阳雨桐")
    expect(page.locator("#roster-state")).to_contain_text("1 child")
    expect(page.locator("#roster-state")).to_contain_text("Saved.")
    assert life.count(HomeVisitor) == 1
    page.get_by_role("button", name="One more call").click()
    expect(page.locator(".lx-big-number")).to_have_text("1")
    expect(page.get_by_role("checkbox", name="欧阳雨桐")).to_be_checked()
    page.get_by_role("button", name="Close the children’s home").click()
    expect(page.get_by_text("The children’s home is closed.")).to_be_visible()
    look(page)
    with life.factory.session(life.school.scope) as session:
        row = session.scalars(select(HomeOpening)).one()
        assert (row.opened_on, row.calls, row.closes_at is not None) == (TODAY, 1, True)
    page.goto(f"{life.school.path}home/statistics")
    expect(page.locator("#openings canvas, #openings svg").first).to_be_visible()
    look(page)


def test_taps_survive_a_lost_line(life: Life, open_page: OpenPage) -> None:
    page = open_page(PHONE)
    enter(page, life.teacher, "home")
    page.get_by_role("button", name="Open the children’s home").click()
    page.route("**/visitors", lambda route: route.abort("connectionreset"))
    page.get_by_role("checkbox", name="欧阳雨桐").check()
    expect(page.locator("#roster-state")).to_contain_text("Not kept yet")
    page.unroute("**/visitors")
    other = page.locator("#people input[type=checkbox]").nth(3)
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        other.check()
    expect(page.locator("#roster-state")).to_contain_text("2 children")
    assert life.count(HomeVisitor) == 2


def test_an_activity_is_planned_joined_and_shown_by_phone(life: Life, open_page: OpenPage) -> None:
    page = open_page(PHONE)
    enter(page, life.teacher, "activities/reach")
    expect(page.get_by_text("1 child has joined nothing in this term yet")).to_be_visible()
    look(page)
    page.goto(f"{life.school.path}activities/new")
    page.get_by_label("Kind").select_option("contest")
    page.get_by_label("Title").fill("经典诵读比赛")
    page.get_by_label("Cost in yuan").fill("35.50")
    page.locator("input[data-photos-input]").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    )
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("35.50")).to_be_visible()
    activity = page.url
    page.get_by_role("link", name="Invite").click()
    page.get_by_role("button", name="All care targets").click()
    expect(page.get_by_text("1 child added.")).to_be_visible()
    look(page)
    page.goto(f"{activity}/participants")
    page.get_by_role("button", name="All who were invited").click()
    expect(page.get_by_role("checkbox", name="欧阳雨桐")).to_be_checked()
    look(page)
    assert life.count(ActivityParticipant) == 1
    page.goto(f"{activity}/photos")
    look(page)
    page.locator(".lx-photo-tile").click()
    page.get_by_role("checkbox", name="欧阳雨桐").check()
    look(page)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".lx-badge", has_text="is shown")).to_be_visible()
    page.get_by_role("link", name="Show on a screen").click()
    expect(page.locator(".lx-pinboard img")).to_be_visible()
    assert "欧阳雨桐" not in page.inner_text("main")
    look(page)
    page.goto(f"{life.school.path}activities/reach")
    expect(page.get_by_text("Every care target has joined something")).to_be_visible()


def test_a_work_is_handed_in_by_phone_and_chosen_for_the_wall_at_the_desk(
    life: Life, open_page: OpenPage
) -> None:
    page = open_page(PHONE)
    enter(page, life.teacher, f"love-corner/new?pupil={life.child}")
    page.get_by_label("Kind").select_option("drawing")
    page.get_by_label("By whom").select_option("child")
    page.get_by_label("Title").fill("我的家")
    page.get_by_label("Text").fill("画里有奶奶和我")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Waiting for the school")).to_be_visible()
    look(page)
    desk = open_page(DESK)
    enter(desk, life.principal, "corner")
    desk.get_by_role("link", name="Choose for the wall").click()
    look(desk)
    desk.get_by_role("button", name="Hang it up").click()
    desk.goto(f"{life.school.path}corner")
    expect(desk.get_by_role("heading", name="我的家")).to_be_visible()
    assert "欧阳雨桐" not in desk.inner_text("main")
    look(desk)


def test_a_session_is_announced_attended_and_certified(life: Life, open_page: OpenPage) -> None:
    page = open_page(DESK)
    enter(page, life.principal, "parents-school")
    look(page)
    page.get_by_role("link", name="Plan a session").click()
    page.get_by_label("Topic").fill("隔代教育怎么做")
    page.get_by_label("Day", exact=True).fill((TODAY + timedelta(days=1)).isoformat())
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Notice to families").click()
    look(page)
    page.get_by_role("button", name="Families were told today").click()
    expect(page.get_by_text("Families are told as of today.")).to_be_visible()
    session = page.url
    phone = open_page(PHONE)
    enter(phone, life.teacher, session.split(life.school.path, 1)[1] + "/present")
    look(phone)
    tap_kept(phone, "paternal grandmother 王秀英")
    assert life.count(SessionAttendance) == 1
    page.goto(f"{session}/edit")
    # The day has come.
    page.get_by_label("Day", exact=True).fill(TODAY.isoformat())
    page.get_by_label("Families told on").fill((TODAY - timedelta(days=3)).isoformat())
    page.get_by_role("button", name="Save").click()
    page.goto(f"{life.school.path}parents-school/certificates")
    look(page)
    with page.expect_download() as made:
        page.get_by_role("link", name="Word 王秀英").click()
    assert made.value.suggested_filename.endswith(".docx")


def test_a_visit_day_keeps_who_was_met_and_what_was_found(life: Life, open_page: OpenPage) -> None:
    page = open_page(PHONE)
    enter(page, life.teacher, "family-events/new")
    page.get_by_label("Kind").select_option("visit_day")
    page.get_by_label("Title").fill("集中家访日")
    page.get_by_label("Findings").fill("灶台旁堆放柴草，已整改")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    event = page.url
    page.goto(f"{event}/invited")
    page.get_by_role("button", name="All care targets").click()
    page.goto(f"{event}/came")
    tap_kept(page, "paternal grandmother 王秀英")
    look(page)
    assert life.count(EventAttendance) == 1
    page.goto(event)
    expect(page.get_by_text("王秀英")).to_be_visible()
    look(page)
    page.goto(f"{life.school.path}pupils/{life.child}/joined")
    expect(page.get_by_text("集中家访日")).to_be_visible()
    look(page)


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (800, 600), "teal").save(buffer, "JPEG")
    return buffer.getvalue()
