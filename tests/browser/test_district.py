"""The district's pages in a browser: what axe finds at several widths, light and dark; by keyboard."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import AXE, OpenPage, sign_in
from tests.district.conftest import NIGHT, Published
from tests.factories import Factory

VIOLATIONS = """async () => (await axe.run({resultTypes: ["violations"]})).violations
    .map((one) => one.id + ": " + one.nodes.map((node) => node.target[0]).slice(0, 3).join(" | "))"""


@pytest.fixture(scope="module")
def published(app: Flask) -> Published:
    """A district with figures of two years, as nights would have left them."""
    made = Published(Factory(app), 3, 2)
    for back in range(0, 700, 30):
        made.night(seed=back, as_of=NIGHT - timedelta(days=back))
    return made


@pytest.fixture(params=[(360, "dark"), (768, "light"), (1440, "dark"), (1440, "light")])
def screen(request: pytest.FixtureRequest, browser: Browser, server: str) -> Iterator[Page]:
    """A window of some width in a colour scheme."""
    width, scheme = request.param
    context: BrowserContext = browser.new_context(
        base_url=server, viewport={"width": width, "height": 900}, locale="en-GB", color_scheme=scheme,
        reduced_motion="reduce",
    )  # fmt: skip
    yield context.new_page()
    context.close()


def test_axe_finds_nothing_at_all(published: Published, screen: Page) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: `npm ci --include=dev`")
    sign_in(screen, published.factory.officer(published.place))
    faults = []
    school, township = published.schools[0].id, published.townships[0]
    for view in (
        "overview", "schools", "heat-map", "wall", "indicators/talk_monthly", f"schools/{school}",
        f"townships/{township}", "schools?q=nothing",
    ):  # fmt: skip
        screen.goto(f"{published.place.path}{view}")
        screen.evaluate(AXE.read_text())
        faults += [f"{view} {fault}" for fault in screen.evaluate(VIOLATIONS)]
        wide = screen.evaluate("document.documentElement.scrollWidth - innerWidth")
        faults += [f"{view} is {wide} px too wide"] if wide > 0 else []
    assert faults == []


def test_a_chart_is_drawn_when_it_comes_near_and_has_its_table(
    published: Published, open_page: OpenPage
) -> None:
    page = open_page(360)
    sign_in(page, published.factory.officer(published.place))
    page.goto(f"{published.place.path}overview")
    charts = page.locator("figure.chart")
    last = charts.last
    assert charts.count() > 5
    assert last.locator("svg").count() == 0
    last.scroll_into_view_if_needed()
    last.locator("svg").wait_for()
    last.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(last.locator("tbody tr")).to_have_count(24)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("figure.chart svg").count() >= charts.count()
    assert page.locator("details.chart-table:not([open])").count() == 0


def test_by_keyboard_from_the_overview_to_a_school_below_its_target(
    published: Published, open_page: OpenPage
) -> None:
    page = open_page(1280)
    sign_in(page, published.factory.officer(published.place))
    page.goto(f"{published.place.path}overview")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "lx-skip"
    page.get_by_role("link", name="Heat map").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/heat-map")
    page.get_by_label("Below the target of").select_option("talk_monthly")
    page.get_by_label("School's name").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**indicator=talk_monthly**")
    rows = page.locator(".lx-heat tbody tr")
    assert 0 < rows.count() <= 5
    column = page.locator(".lx-heat thead th").all_inner_texts().index("Talks")
    for row in rows.all():
        assert "h-met" not in str(row.locator("td").nth(column - 1).get_attribute("class"))
    page.get_by_role("link", name="Talks").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**sort=talk_monthly**")
    rows.first.get_by_role("link").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/schools/*")
    page.get_by_role("button", name="Begin with this page from now on").click()
    page.goto(published.place.path)
    assert "/schools/" in page.url
