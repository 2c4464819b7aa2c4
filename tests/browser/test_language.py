"""The language switch works before and after signing in, with the tokens that forms carry."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, sign_in
from tests.factories import Factory

SWITCH = ".lx-bar form button[name=language]"


def language(page: Page) -> None:
    """Switches, and back, and finds the page in the language chosen."""
    for _ in range(2):
        chosen = page.locator(SWITCH).get_attribute("lang")
        page.click(SWITCH)
        expect(page.locator("html")).to_have_attribute("lang", str(chosen))


def test_the_switch_works_for_everybody(open_page: OpenPage, factory: Factory) -> None:
    person = factory.staff(factory.school())
    page = open_page(360)
    page.goto(person.place.path)
    language(page)
    sign_in(page, person)
    language(page)
