"""A child writes on a phone, a counsellor answers and opens a case: every page on the way without a fault."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, faults_of, sign_in
from tests.factories import Factory


@pytest.mark.parametrize("width", [360, 1280])
def test_a_letter_is_written_answered_and_turned_into_a_case(
    factory: Factory, open_page: OpenPage, axe: str, width: int
) -> None:
    school = factory.school()
    counsellor, principal = factory.staff(school, "counsellor"), factory.staff(school, "principal")
    factory.pupil(school, factory.school_class(school), name="汤文博", pinyin="twb tangwenbo")
    faults: list[str] = []

    def look(page: Page) -> None:
        faults.extend(faults_of(page, axe))

    desk = open_page(width)
    sign_in(desk, counsellor)
    desk.goto(f"{school.path}counselling/letterbox-code")
    look(desk)
    desk.locator("form[action$='letterbox-code'] button").click()
    expect(desk.locator(".h1")).to_have_text(re.compile(r"\d{3} \d{3}"))
    poster = re.search(r"\d{3} \d{3}", desk.locator(".h1").inner_text())
    look(desk)
    assert poster

    phone = open_page(width)
    phone.goto(f"{school.path}letterbox")
    look(phone)
    phone.fill("[name=text]", "爸爸喝酒以后打人")
    phone.fill("[name=code]", "1")
    phone.locator("#main form button").click()
    phone.wait_for_selector(".lx-error")
    look(phone)
    phone.fill("[name=code]", poster[0])
    phone.locator("#main form button").click()
    expect(phone.locator(".h1")).to_have_text(re.compile(r"^\s*(\w\s?){16}\s*$"))
    code = phone.locator(".h1").inner_text()
    look(phone)
    assert len(code.replace(" ", "")) == 16

    desk.goto(f"{school.path}counselling/letters")
    look(desk)
    desk.locator("a[href*='/counselling/letters/']").first.click()
    desk.wait_for_selector("[name=text]")
    look(desk)
    desk.fill("[name=text]", "谢谢你告诉我")
    desk.locator("form[action*='/counselling/letters/'] button").first.click()
    desk.wait_for_url("**/counselling/letters")

    phone.goto(f"{school.path}letterbox/answer")
    look(phone)
    phone.fill("[name=code]", code)
    phone.locator("#main form button").click()
    phone.get_by_text("谢谢你告诉我").wait_for()
    look(phone)

    desk.locator("a[href*='/counselling/letters/']").first.click()
    desk.locator("a[href*='cases/choose']").click()
    look(desk)
    desk.fill("[name=q]", "twb")
    desk.locator("form[role=search] button").click()
    desk.get_by_text("汤文博").click()
    desk.wait_for_selector("[name=reason]")
    look(desk)
    desk.locator("input[name=risk][value='3']").check(force=True)
    desk.fill("[name=reason]", "来信所述")
    desk.locator("#main form button").last.click()
    desk.wait_for_url("**/counselling/cases/*")
    look(desk)
    case = desk.url
    for step in ("review", "closing", "handover", "readers", "sessions/new"):
        desk.goto(f"{case}/{step}")
        look(desk)
    desk.fill("[name=minutes]", "30")
    desk.fill("[name=account]", "第一次谈话")
    desk.locator("#main form button").last.click()
    desk.wait_for_url(case)
    look(desk)
    desk.locator("a[href*='/counselling/sessions/']").first.click()
    desk.wait_for_selector("details.lx-confirm")
    look(desk)
    for address in ("counselling/cases", "room-hours", "room-hours/new", "work"):
        desk.goto(f"{school.path}{address}")
        look(desk)

    head = open_page(width)
    sign_in(head, principal)
    head.goto(f"{school.path}counselling/risk")
    head.get_by_text("汤文博").wait_for()
    look(head)
    assert not faults, "\n".join(faults)
