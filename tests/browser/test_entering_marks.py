"""Marks entered by keyboard on a phone's width, and the timeline drawn from them."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from lxsaas.care.models import CareKind
from lxsaas.core.clock import today
from lxsaas.pupils.models import ParentAbsence
from tests.browser.conftest import OpenPage, faults_of, sign_in
from tests.factories import Factory

TODAY = today("Asia/Shanghai")


@pytest.mark.parametrize("width", [360, 1280])
def test_a_class_s_marks_by_keyboard_and_the_course_in_one_picture(
    factory: Factory, open_page: OpenPage, axe: str, width: int
) -> None:
    school = factory.school()
    teacher = factory.staff(school, language="en")
    class_id = factory.school_class(school, teacher)
    children = [factory.pupil(school, class_id, pinyin=f"{at:02d}") for at in range(12)]
    factory.left_behind(school, children[0], starts_on=TODAY - timedelta(days=300))
    with factory.session(school.scope) as session:
        session.add(
            ParentAbsence(
                school_id=school.id, pupil_id=children[0], parent="mother", source="staff",
                starts_on=TODAY - timedelta(days=390), start_is_estimated=False,
            )
        )  # fmt: skip
    for days in (3, 40, 41, 70, 100, 130):
        factory.care(school, children[0], teacher, CareKind.TALK, TODAY - timedelta(days=days))
        factory.care(school, children[0], teacher, CareKind.HOME_VISIT, TODAY - timedelta(days=days))
    page = open_page(width)
    sign_in(page, teacher)
    for number, days in enumerate((60, 1)):
        page.goto(f"{school.path}exams/new")
        page.fill("[name=name]", f"Exam {number}")
        page.fill("[name=taken_on]", (TODAY - timedelta(days=days)).isoformat())
        page.fill("[name=subjects]", "语文 100\n数学 100")
        assert not faults_of(page, axe)
        page.click("main form.lx-form [type=submit]")
        fields = page.locator("[data-grid] input:not([type=hidden])")
        expect(fields).to_have_count(24)
        fields.first.focus()
        # Below the last child the next subject begins.
        for mark in range(23):
            page.keyboard.type(f"{90 - (mark % 12) * (1 - number) * 3 - number * 10 * (mark == 0)}.5")
            page.keyboard.press("Enter")
        expect(fields.last).to_be_focused()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowLeft")
        expect(fields.nth(20)).to_be_focused()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowDown")
        page.keyboard.type("101")
        page.click("main form.lx-form [type=submit]")
        expect(page.locator(".lx-error")).to_have_count(1)
        expect(page.locator("[aria-invalid=true]")).to_be_focused()
        assert not faults_of(page, axe)
        page.fill("[aria-invalid=true]", "")
        page.check("[name=finish]")
        page.click("main form.lx-form [type=submit]")
        expect(page.get_by_text("marks saved")).to_be_visible()
        assert not faults_of(page, axe)
    exam = page.url
    for path in ("sheet", "history", "edit"):
        page.goto(f"{exam}/{path}")
        assert not faults_of(page, axe)
    page.goto(f"{school.path}pupils/{children[0]}/timeline?months=24")
    expect(page.locator(".chart-canvas svg")).to_be_visible()
    expect(page.get_by_text("The numbers as a table")).to_be_visible()
    assert not faults_of(page, axe)
    for path in ("exams", "whole-file"):
        page.goto(f"{school.path}pupils/{children[0]}/{path}")
        assert not faults_of(page, axe)
