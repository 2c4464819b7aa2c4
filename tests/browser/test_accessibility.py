"""Every page that links lead to, for each kind of person: axe finds nothing serious, nothing is too wide."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from lxsaas.care.models import CareKind
from lxsaas.core.clock import today
from lxsaas.core.scope import Scope, acting_for_district, operating
from lxsaas.schools.models import District
from tests.browser.conftest import WIDTHS, OpenPage, faults_of, sign_in
from tests.factories import Factory, Person, Place

TODAY = today("Asia/Shanghai")
FIRST = 12
"""Pages at which a person's own links are looked for, whoever saw them before."""
FILES = re.compile(r"\.(xlsx|csv|docx)$")


@pytest.fixture
def school(factory: Factory) -> Place:
    """A school with a class, a child left behind and a record."""
    school = factory.school(factory.district())
    teacher = factory.staff(school)
    class_id = factory.school_class(school, teacher)
    child = factory.pupil(school, class_id)
    factory.left_behind(school, child)
    factory.pupil(school, class_id)
    factory.care(school, child, teacher, CareKind.TALK, TODAY)
    return school


def people(factory: Factory, school: Place) -> Iterator[Person]:
    teacher = factory.staff(school)
    factory.pupil(school, factory.school_class(school, teacher, grade=5))
    yield factory.staff(school, "principal")
    yield teacher
    yield factory.staff(school, "counsellor")
    yield factory.officer(Place(school.district_id, school.district_id, *district_of(factory, school)))


def district_of(factory: Factory, school: Place) -> tuple[str, Scope, str]:
    """Slug, scope and path of a school's district."""
    with factory.session(operating()) as session:
        slug = session.get_one(District, school.district_id).slug
    return slug, acting_for_district(school.district_id), f"/d/{slug}/"


def test_every_page_that_links_lead_to(
    factory: Factory, school: Place, open_page: OpenPage, axe: str
) -> None:
    faults: list[str] = []
    # What the principal has seen is the same page for the others: they add theirs.
    seen: set[str] = set()
    for person in people(factory, school):
        page = open_page(WIDTHS[0])
        page.goto(f"{person.place.path}sign-in")
        faults += faults_of(page, axe)
        sign_in(page, person)
        faults += [fault for _ in pages_from_here(page, seen) for fault in faults_of(page, axe)]
    assert not faults, "\n".join(faults)


def pages_from_here(page: Page, seen: set[str]) -> Iterator[str]:
    """Goes to this page and all that links lead to; yields one of each shape of address not `seen` yet."""
    waiting, been = [page.url], set()
    while waiting:
        address = waiting.pop()
        shape = re.sub(r"\d+", "N", address.split("?")[0])
        if shape in been or FILES.search(shape):
            continue
        been.add(shape)
        # Below a page that was seen there is nothing new, except where a person begins.
        if shape in seen and len(been) > FIRST:
            continue
        page.goto(address)
        if shape not in seen:
            seen.add(shape)
            yield address
        found = page.eval_on_selector_all("a[href]", "links => links.map((link) => link.href.split('#')[0])")
        waiting += [link for link in found if link.startswith(address.split("/", 3)[0] + "//127.0.0.1")]
