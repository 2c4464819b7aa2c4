"""Networks, suspected harm, awards and the principal's page, each done once as its people do it."""

from pathlib import Path

import pytest
from docx import Document
from playwright.sync_api import Page, expect

from lxsaas.core.clock import today
from tests.browser.conftest import OpenPage, faults_of, sign_in
from tests.browser.test_accessibility import district_of
from tests.factories import Factory, Person, Place

TODAY = today("Asia/Shanghai")
WORDS = "孩子说晚上一个人在家，三天没有吃过热饭。"


@pytest.fixture
def school(factory: Factory) -> Place:
    return factory.school(factory.district())


@pytest.fixture
def teacher(factory: Factory, school: Place) -> Person:
    return factory.staff(school)


@pytest.fixture
def child(factory: Factory, school: Place, teacher: Person) -> int:
    pupil_id = factory.pupil(school, factory.school_class(school, teacher), name="程晓雨")
    factory.left_behind(school, pupil_id)
    return pupil_id


def test_a_suspected_harm_goes_from_the_child_s_page_to_the_district(
    factory: Factory, school: Place, teacher: Person, child: int, open_page: OpenPage, axe: str
) -> None:
    phone = open_page(360)
    sign_in(phone, teacher)
    phone.goto(f"{school.path}pupils/{child}")
    # The first tap.
    phone.get_by_role("link", name="Report suspected harm").click()
    clean(phone, axe)
    phone.get_by_label("What is suspected").select_option("neglect")
    phone.get_by_label("What was seen or heard").fill(WORDS)
    # The second.
    phone.get_by_role("button", name="Open the report").click()
    expect(phone.get_by_text(WORDS)).to_be_visible()
    clean(phone, axe)

    principal = open_page(1280)
    sign_in(principal, factory.staff(school, "principal"))
    principal.get_by_role("link", name="Mandatory report known for").click()
    principal.get_by_role("link", name="Enter").first.click()
    clean(principal, axe)
    principal.get_by_label("Who was told").fill("平坝派出所")
    principal.get_by_role("button", name="Save").click()
    expect(principal.get_by_text("平坝派出所")).to_be_visible()
    clean(principal, axe)
    principal.get_by_role("link", name="Share with the district").click()
    clean(principal, axe)
    principal.get_by_label("What the district may read").fill("一名学生无人照料，已报警。")
    principal.get_by_role("button", name="Share").click()

    officer = open_page(360)
    sign_in(
        officer, factory.officer(Place(school.district_id, school.district_id, *district_of(factory, school)))
    )
    officer.goto(f"{district_of(factory, school)[2]}mandatory-reports")
    expect(officer.get_by_role("cell", name="Not everybody told yet")).to_be_visible()
    clean(officer, axe)
    officer.get_by_role("link", name=school.slug).click()
    expect(officer.get_by_text("一名学生无人照料，已报警。")).to_be_visible()
    assert WORDS not in officer.content()
    clean(officer, axe)


def test_a_child_is_referred_to_the_village_on_a_phone(
    school: Place, teacher: Person, child: int, open_page: OpenPage, axe: str
) -> None:
    page = open_page(360)
    sign_in(page, teacher)
    page.goto(f"{school.path}network-contacts/new")
    page.get_by_label("Network", exact=True).select_option("village")
    page.get_by_label("Name").fill("儿童主任老张")
    page.get_by_label("Telephone").fill("13907281234")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("13907281234")).to_be_visible()
    page.goto(f"{school.path}pupils/{child}/referrals")
    page.get_by_role("link", name="Refer the child").click()
    page.get_by_label("Network", exact=True).select_option("village")
    page.get_by_label("Contact").select_option(label="儿童主任老张")
    page.get_by_label("What is needed").select_option("care")
    page.get_by_label("Why, and what is asked").fill("请每周上门看望一次。")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("儿童主任老张")).to_be_visible()
    clean(page, axe)
    page.get_by_role("link", name="Change").click()
    page.get_by_label("Settled on").fill(str(TODAY))
    page.get_by_label("Outcome of the referral").select_option("helped")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("It helped", exact=True)).to_be_visible()


def test_a_child_is_honoured(
    factory: Factory,
    school: Place,
    teacher: Person,
    child: int,
    open_page: OpenPage,
    axe: str,
    tmp_path: Path,
) -> None:
    page = open_page(360)
    sign_in(page, teacher)
    page.goto(f"{school.path}child-nominations/new?pupil={child}")
    page.get_by_label("Award", exact=True).select_option("self_reliant")
    page.get_by_label("What speaks for it").fill("每天照顾生病的奶奶。")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("每天照顾生病的奶奶。")).to_be_visible()
    address = page.url

    principal = open_page(1280)
    sign_in(principal, factory.staff(school, "principal"))
    principal.goto(address)
    principal.get_by_role("link", name="Decide").click()
    clean(principal, axe)
    principal.get_by_label("Award decision").select_option("awarded")
    principal.get_by_role("button", name="Decide").click()
    with principal.expect_download() as waited:
        principal.get_by_role("button", name="Certificate (Word)").click()
    saved = tmp_path / "certificate.docx"
    waited.value.save_as(saved)
    assert "程晓雨" in "\n".join(one.text for one in Document(str(saved)).paragraphs)
    principal.goto(f"{school.path}awards")
    expect(principal.get_by_role("cell", name="Awarded")).to_be_visible()
    clean(principal, axe)


def test_the_principal_begins_with_what_is_due_and_fits_a_phone(
    factory: Factory, school: Place, teacher: Person, child: int, open_page: OpenPage, axe: str
) -> None:
    page = open_page(360)
    sign_in(page, factory.staff(school, "principal"))
    assert page.url.endswith(f"{school.path}overview")
    expect(page.get_by_role("heading", name="The term on one page")).to_be_visible()
    clean(page, axe)
    page.get_by_role("link", name="Class by class").click()
    assert "/week" in page.url


def clean(page: Page, axe: str) -> None:
    """Nothing serious by axe, and no wider than the window."""
    faults = faults_of(page, axe)
    assert not faults, faults
