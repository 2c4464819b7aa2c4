"""The child's file in a browser: the page at phone width, cards on paper, a week's taps; axe on each."""

import io

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.archive.people import House
from tests.browser.conftest import AXE, OpenPage, faults_of, sign_in
from tests.factories import Factory


@pytest.fixture
def house(app: Flask, factory: Factory) -> House:
    """A class of six whose parents are away; one child with a whole family."""
    house = House.build(app, factory)
    house.factory.left_behind(house.school, house.child)
    for relation, name in (("52", "李桂花"), ("61", "汤德高"), ("62", "王秀英"), ("97", "汤建军")):
        house.member(name=name, relation=relation, workplace="广东省东莞市厚街镇某某鞋业有限公司")
    for _ in range(5):
        child = house.factory.pupil(house.school, house.class_id, is_boarding=True)
        house.factory.left_behind(house.school, child)
        house.member(child, name="某某", relation="51", phone="13900001111", workplace="深圳")
    return house


def faults(page: Page) -> list[str]:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: `npm ci --include=dev`")
    return faults_of(page, AXE.read_text())


@pytest.mark.parametrize("width", [360, 1280])
def test_the_pages_of_the_file_fit_and_axe_finds_nothing(
    house: House, open_page: OpenPage, width: int
) -> None:
    page = open_page(width)
    sign_in(page, house.teacher)
    base, child = house.school.path, f"{house.school.path}pupils/{house.child}"
    found: list[str] = []
    for address in (
        child, f"{child}/profile", f"{child}/basics",
        f"{base}guardians/{house.father}", f"{child}/contact-card",
        f"{child}/rights", f"{child}/copy", f"{child}/history",
        f"{base}entrustments/new?pupil={house.child}",
        f"{base}entrustments/missing", f"{base}parent-contacts",
        f"{base}contact-cards", f"{base}entrustments",
    ):  # fmt: skip
        page.goto(address)
        found += faults(page)
    assert not found, "\n".join(found)


def test_each_child_of_a_class_gets_one_sheet_of_paper(house: House, open_page: OpenPage) -> None:
    page = open_page(1280)
    sign_in(page, house.teacher)
    page.goto(f"{house.school.path}contact-cards")
    page.click(f"a[href*='classes/{house.class_id}/contact-cards']")
    page.wait_for_url(f"**/classes/{house.class_id}/contact-cards*")
    printed = PdfReader(io.BytesIO(page.pdf(format="A4")))
    assert len(printed.pages) == 6


def test_what_is_missing_is_one_tap_from_its_form_and_then_known(house: House, open_page: OpenPage) -> None:
    page = open_page(360)
    sign_in(page, house.teacher)
    page.goto(f"{house.school.path}pupils/{house.child}")
    page.get_by_role("link", name="Complete Character").click()
    page.fill("[name=character]", "内向，肯帮同学")
    page.fill("[name=interests]", "画画")
    page.get_by_label("Asked: there are none").check()
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/pupils/*")
    expect(page.get_by_role("link", name="Complete Character")).to_have_count(0)
    assert "内向" not in page.content()
    page.get_by_role("button", name="Show numbers, addresses and texts").click()
    expect(page.get_by_text("内向，肯帮同学")).to_be_visible()


def test_a_week_of_contacts_takes_a_tap_a_cell(house: House, open_page: OpenPage) -> None:
    page = open_page(360)
    sign_in(page, house.teacher)
    page.goto(f"{house.school.path}parent-contacts")
    cells = page.locator("[name=mark]")
    expect(cells).to_have_count(12)
    for number in (0, 1, 4):
        cells.nth(number).check()
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/parent-contacts?*")
    expect(page.locator("[name=mark]:checked")).to_have_count(3)
