"""A child's file goes to another school: offered at a desk, received on a telephone; handover and changes."""

import re
from datetime import timedelta

from playwright.sync_api import expect
from sqlalchemy import update

from lxsaas.accounts.models import ClassTeacher
from lxsaas.core.clock import today
from tests.browser.conftest import OpenPage, faults_of, sign_in
from tests.factories import Factory
from tests.movement.conftest import fill_file

TODAY = today("Asia/Shanghai")
CODE = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}")


def test_a_file_is_offered_with_a_code_and_received(factory: Factory, open_page: OpenPage, axe: str) -> None:
    former, receiving = factory.school(), factory.school()
    pupil_id = factory.pupil(former, factory.school_class(former), name="欧阳转学")
    fill_file(factory, former, pupil_id)
    factory.school_class(receiving)
    page = open_page(1280)
    sign_in(page, factory.staff(former, "principal"))
    page.goto(f"{former.path}pupils/{pupil_id}/transfer")
    assert faults_of(page, axe) == []
    page.get_by_label("Receiving school").fill("no such school")
    page.get_by_role("button", name="Offer the file").click()
    expect(page.locator("[aria-invalid=true]")).to_have_count(1)
    page.get_by_label("Receiving school").fill(receiving.slug)
    page.get_by_label("The guardians agree").check()
    page.get_by_role("button", name="Offer the file").click()
    expect(page.locator("main")).to_contain_text(CODE)
    found = CODE.search(page.locator("main").inner_text())
    assert found
    assert faults_of(page, axe) == []
    page.goto(f"{former.path}transfers")
    assert faults_of(page, axe) == []

    phone = open_page(360)
    sign_in(phone, factory.staff(receiving, "principal"))
    phone.goto(f"{receiving.path}transfers")
    assert faults_of(phone, axe) == []
    phone.locator(".lx-list a").first.click()
    phone.get_by_label("Code from the former school").fill("AAAA-BBBB-CCCC")
    phone.get_by_role("button", name="Open the file").click()
    expect(phone.locator("[aria-invalid=true]")).to_have_count(1)
    assert faults_of(phone, axe) == []
    phone.get_by_label("Code from the former school").fill(found[0].lower())
    phone.get_by_role("button", name="Open the file").click()
    expect(phone.get_by_text("欧阳转学")).to_be_visible()
    phone.get_by_label("Into which class").select_option(index=1)
    assert faults_of(phone, axe) == []
    phone.get_by_role("button", name="Receive the child").click()
    expect(phone.get_by_text("The former school keeps only its figures.")).to_be_visible()
    phone.goto(f"{phone.url}/former-file")
    expect(phone.get_by_text("欧阳爷爷").first).to_be_visible()
    assert faults_of(phone, axe) == []
    page.goto(f"{former.path}transfers")
    expect(page.locator("main")).not_to_contain_text("欧阳")


def test_files_are_handed_over_and_changes_are_read_on_a_telephone(
    factory: Factory, open_page: OpenPage, axe: str
) -> None:
    school = factory.school()
    before, now, principal = (
        factory.staff(school),
        factory.staff(school),
        factory.staff(school, "principal"),
    )
    class_id = factory.school_class(school, before)
    for _ in range(5):
        child = factory.pupil(school, class_id)
        factory.left_behind(school, child, starts_on=TODAY - timedelta(days=9))
    with factory.session(school.scope) as session:
        session.execute(update(ClassTeacher).values(ends_on=TODAY))
        session.add(ClassTeacher(school_id=school.id, class_id=class_id, staff_id=now.id, starts_on=TODAY))
    page = open_page(360)
    sign_in(page, principal)
    page.goto(f"{school.path}left-behind-changes")
    assert page.get_by_role("row").count() > 5
    assert faults_of(page, axe) == []
    page.goto(f"{school.path}handovers")
    assert faults_of(page, axe) == []
    page.get_by_role("link", name="Class ").first.click()
    assert faults_of(page, axe) == []
    page.locator("main button[type=submit]").click()
    page.wait_for_url(re.compile(r"/\d+$"))
    assert faults_of(page, axe) == []
