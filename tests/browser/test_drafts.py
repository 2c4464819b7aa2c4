"""What is typed on a phone outlives a lost connection, and leaves nothing behind for the next person."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, sign_in
from tests.factories import Factory, Person

STORED = "() => Object.keys(localStorage)"
AGE = """(key) => {
    const draft = JSON.parse(localStorage[key]);
    localStorage[key] = JSON.stringify({...draft, at: draft.at - 24 * 60 * 60 * 1000});
}"""
NOTE = "想妈妈了，约好周五再谈。"


@pytest.fixture
def teacher(factory: Factory) -> Person:
    """A homeroom teacher with one child."""
    school = factory.school()
    teacher = factory.staff(school)
    factory.pupil(school, factory.school_class(school, teacher))
    return teacher


@pytest.fixture
def form(teacher: Person, open_page: OpenPage) -> Page:
    """The record form with a note typed and kept."""
    page = open_page(360)
    sign_in(page, teacher)
    page.goto(f"{teacher.place.path}care-records/new")
    note = page.locator("form[data-draft] textarea")
    if not note.is_visible():
        page.locator("form[data-draft] summary").last.click()
    note.fill(NOTE)
    page.wait_for_function("() => Object.keys(localStorage).length === 1")
    return page


def test_a_note_is_there_again_after_the_page_was_lost(form: Page) -> None:
    form.reload()
    expect(form.locator("form[data-draft] textarea")).to_have_value(NOTE)
    notice = form.get_by_role("status").filter(has=form.locator("time"))
    expect(notice).to_be_visible()
    notice.get_by_role("button").click()
    expect(form.locator("form[data-draft] textarea")).to_have_value("")
    assert form.evaluate(STORED) == []


def test_without_a_connection_nothing_is_sent_and_nothing_lost(form: Page) -> None:
    form.context.set_offline(True)
    form.locator("form[data-draft] [type=submit]").last.click()
    expect(form.locator("#offline-notice")).to_be_visible()
    expect(form.locator("form[data-draft] textarea")).to_have_value(NOTE)
    form.context.set_offline(False)
    expect(form.locator("#offline-notice")).to_be_hidden()


def test_a_saved_record_leaves_no_draft(form: Page) -> None:
    form.locator("form[data-draft] [name=pupils]").first.check()
    form.locator("form[data-draft] [name=kind]").first.check()
    form.locator("form[data-draft] [type=submit]").last.click()
    form.wait_for_function("() => Object.keys(localStorage).length === 0")


def test_signing_out_leaves_no_draft(form: Page) -> None:
    form.locator(".lx-bar summary").click()
    form.locator("[data-clear-drafts] button").click()
    form.wait_for_url("**/sign-in*")
    form.wait_for_function("() => Object.keys(localStorage).length === 0")


def test_a_draft_is_for_one_account_and_one_day(form: Page, teacher: Person) -> None:
    (key,) = form.evaluate(STORED)
    assert teacher.place.path in key
    form.evaluate(AGE, key)
    form.reload()
    form.wait_for_function("() => Object.keys(localStorage).length === 0")
    expect(form.locator("form[data-draft] textarea")).to_have_value("")
