"""At a desk: the survey of a class of forty, the school moved up and back, cards of a whole class."""

import io
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from lxsaas.core.clock import today
from lxsaas.core.scope import operating
from lxsaas.schools.models import Term
from tests.browser.conftest import OpenPage, faults_of, sign_in
from tests.factories import Factory, Person, Place

TODAY = today("Asia/Shanghai")
SIZE = 40


@pytest.fixture
def classroom(factory: Factory) -> tuple[Place, Person, Person, int]:
    """A school in its term, a principal, a homeroom teacher and a class of forty."""
    district = factory.district()
    with factory.session(operating()) as session:
        for name, first in (("this", -30), ("next", 90)):
            starts_on = TODAY + timedelta(days=first)
            session.add(
                Term(
                    district_id=district.id,
                    name=name,
                    starts_on=starts_on,
                    ends_on=starts_on + timedelta(days=100),
                )
            )
    school = factory.school(district)
    teacher, principal = factory.staff(school), factory.staff(school, "principal")
    class_id = factory.school_class(school, teacher, grade=5)
    for _ in range(SIZE):
        factory.pupil(school, class_id)
    return school, principal, teacher, class_id


def clean(page: Page, axe: str) -> None:
    """Nothing serious for axe, nothing wider than the window."""
    assert faults_of(page, axe) == []


def test_a_class_of_forty_is_surveyed_with_a_tap_a_child(
    classroom: tuple[Place, Person, Person, int], open_page: OpenPage, axe: str
) -> None:
    school, principal, teacher, class_id = classroom
    page = open_page(1280)
    sign_in(page, principal)
    page.goto(f"{school.path}surveys")
    page.get_by_role("button", name="Open the survey of this").click()
    clean(page, axe)
    page = open_page(1280)
    sign_in(page, teacher)
    page.goto(f"{school.path}surveys")
    page.get_by_role("table").get_by_role("link").first.click()
    clean(page, axe)
    rows = page.locator(".lx-care-row")
    expect(rows).to_have_count(SIZE)
    confirm = page.get_by_role("button", name="All as known")
    for index in range(3):
        confirm.nth(index).click()
        expect(page.get_by_text("confirmed", exact=True)).to_have_count(index + 1)
    rows.nth(5).get_by_text("A parent has left").click()
    left = rows.nth(5).locator("form", has=page.locator("[name=place]"))
    left.get_by_label("Away since").fill(str(TODAY + timedelta(days=3)))
    left.get_by_label("Place of work").fill("广东东莞")
    left.get_by_role("button", name="Save").click()
    wrong = page.locator("[aria-invalid=true]")
    expect(wrong).to_have_count(1)
    expect(page.get_by_label("Place of work").locator("visible=true")).to_have_value("广东东莞")
    wrong.fill(str(TODAY - timedelta(days=200)))
    page.locator("form:visible", has=page.locator("[name=place]")).get_by_role("button", name="Save").click()
    expect(page.get_by_text("changed", exact=True)).to_have_count(1)
    clean(page, axe)


def test_a_school_is_moved_up_and_back_again(
    classroom: tuple[Place, Person, Person, int], open_page: OpenPage, axe: str
) -> None:
    school, principal, _, _ = classroom
    page = open_page(1280)
    sign_in(page, principal)
    page.goto(f"{school.path}promotions")
    clean(page, axe)
    page.get_by_text("Move the school up").click()
    page.get_by_role("button", name="Move up now").click()
    expect(page.get_by_text("It can be undone until the new term starts.").first).to_be_visible()
    clean(page, axe)
    page.get_by_text("Undo", exact=True).click()
    page.get_by_role("button", name="Undo everything").click()
    expect(page.get_by_text("Everything is as it was before.")).to_be_visible()
    clean(page, axe)


def test_contact_cards_of_a_class_are_printed_one_page_a_child(
    classroom: tuple[Place, Person, Person, int], open_page: OpenPage, axe: str
) -> None:
    school, _, teacher, class_id = classroom
    page = open_page(1280)
    sign_in(page, teacher)
    page.goto(f"{school.path}classes/{class_id}/contact-cards")
    clean(page, axe)
    printed = PdfReader(io.BytesIO(page.pdf(format="A4")))
    assert len(printed.pages) == SIZE
