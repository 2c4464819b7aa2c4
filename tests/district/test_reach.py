"""An officer of some townships sees these, their schools and the district's sums; nothing of the others."""

import pytest
from flask import Flask

from tests.district.conftest import Published, SignIn
from tests.factories import Factory

PAGES = ("overview", "schools", "heat-map", "wall", "indicators/talk_monthly")
FILES = ("schools.csv", "townships.csv")


@pytest.mark.parametrize("page", [*PAGES, *FILES])
def test_every_page_and_file_ends_at_the_townships(published: Published, sign_in: SignIn, page: str) -> None:
    client = sign_in(published.place, township_ids=[published.townships[1]])
    seen = client.get(f"{published.place.path}{page}")
    assert seen.status_code == 200
    for number in (0, 1, 2, 5):
        assert published.schools[number].slug not in seen.text
    if "schools" in page or page == "heat-map":
        assert published.schools[3].slug in seen.text


def test_a_school_or_township_elsewhere_does_not_exist(published: Published, sign_in: SignIn) -> None:
    client = sign_in(published.place, township_ids=[published.townships[1]])
    path, inside, outside = published.place.path, published.schools[3].id, published.schools[0].id
    for view in ("schools/{}", "schools/{}/trends.csv", "schools/{}/comparison.csv"):
        assert client.get(path + view.format(inside)).status_code == 200
        assert client.get(path + view.format(outside)).status_code == 404
    for view in ("townships/{}", "townships/{}/trends.xlsx"):
        assert client.get(path + view.format(published.townships[1])).status_code == 200
        assert client.get(path + view.format(published.townships[0])).status_code == 404


def test_who_is_limited_manages_neither_staff_nor_targets(published: Published, sign_in: SignIn) -> None:
    limited = sign_in(published.place, township_ids=[published.townships[1]])
    whole = sign_in(published.place)
    for page in ("staff", "targets", "duties"):
        assert whole.get(f"{published.place.path}{page}").status_code == 200
        assert limited.get(f"{published.place.path}{page}").status_code == 403


def test_an_officer_is_limited_on_the_page_of_the_staff(
    app: Flask, factory: Factory, published: Published, sign_in: SignIn
) -> None:
    lead = sign_in(published.place)
    other = factory.officer(published.place)
    form = {"name": "乡镇干部", "roles": ["officer"], "is_active": "y", "username": other.username}
    page = f"{published.place.path}staff/{other.id}"
    assert lead.post(page, data=form | {"townships": [str(published.townships[2])]}).status_code == 302
    client = other.sign_in(app.test_client())
    assert published.schools[5].slug in client.get(f"{published.place.path}schools").text
    assert published.schools[0].slug not in client.get(f"{published.place.path}schools").text
    assert lead.post(page, data=form).status_code == 302
    assert published.schools[0].slug in client.get(f"{published.place.path}schools").text


def test_nobody_limits_the_last_who_manages_all_nor_to_another_district_s_township(
    app: Flask, factory: Factory, published: Published
) -> None:
    far = Published(factory, 1)
    alone = factory.officer(published.place)
    client = alone.sign_in(app.test_client())
    client.set_cookie("language", "en", path="/")
    form = {"name": "某人", "roles": ["officer"], "is_active": "y", "username": alone.username}
    page = f"{published.place.path}staff/{alone.id}"
    refused = client.post(page, data=form | {"townships": [str(published.townships[0])]})
    assert "must keep this role" in refused.text
    assert client.get(f"{published.place.path}staff").status_code == 200
    second = factory.officer(published.place)
    page = f"{published.place.path}staff/{second.id}"
    refused = client.post(page, data=form | {"townships": [str(far.townships[0])], "name": "别人"})
    assert refused.status_code == 200


def test_one_begins_with_the_page_one_chose(app: Flask, factory: Factory, published: Published) -> None:
    person = factory.officer(published.place)
    client = person.sign_in(app.test_client())
    path = published.place.path
    view = f"schools?township={published.townships[0]}&sort=name"
    assert client.post(f"{path}start-view", data={"view": view}).headers["Location"] == path + view
    again = app.test_client()
    form = {"username": person.username, "password": "correct horse battery staple"}
    assert again.post(f"{path}sign-in", data=form).headers["Location"] == path + view
    client.post(f"{path}start-view", data={"view": ""})
    assert client.get(path).headers["Location"].endswith("/overview")


@pytest.mark.parametrize("view", ["../../s/pingba/", "..%2f..%2fs/x", "a\nb", "x" * 600])
def test_a_start_view_stays_below_the_district_s_address(
    published: Published, sign_in: SignIn, view: str
) -> None:
    assert (
        sign_in(published.place).post(f"{published.place.path}start-view", data={"view": view}).status_code
        == 400
    )
