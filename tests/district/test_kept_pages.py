"""Pages are given again while nothing has changed, and to nobody else."""

import time
from collections.abc import Callable

import flask
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from lxsaas.accounts.models import DistrictSession, DistrictStaff
from lxsaas.core.scope import operating
from lxsaas.district import kept_pages, queries, revalidation
from lxsaas.district.revalidation import KeptAnswers
from lxsaas.indicators.actions import set_target
from lxsaas.schools.models import Township
from tests.district.conftest import NIGHT, Published, SignIn
from tests.factories import Factory

PAGES = ("overview", "schools", "heat-map", "wall", "indicators/talk_monthly")


class Rendered:
    """How often a page's content was made."""

    def __init__(self) -> None:
        self.templates: list[str] = []


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> Rendered:
    seen = Rendered()
    render = flask.render_template

    def note(template: str, **values: object) -> str:
        if template != "district/_frame.html":
            seen.templates.append(template)
        return render(template, **values)

    monkeypatch.setattr(kept_pages, "render_template", note)
    return seen


def settled(client: FlaskClient, address: str) -> TestResponse:
    """The answer once the browser has its form's token, which comes with the first page."""
    client.get(address)
    return client.get(address)


@pytest.mark.parametrize("page", PAGES)
def test_an_unchanged_page_is_not_sent_again(published: Published, sign_in: SignIn, page: str) -> None:
    client = sign_in(published.place)
    address = f"{published.place.path}{page}"
    first = settled(client, address)
    again = client.get(address)
    assert (again.status_code, again.data) == (200, first.data)
    unchanged = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert "private" in first.headers["Cache-Control"]


def test_a_kept_page_costs_one_statement_that_binds_its_own_scope(
    published: Published, sign_in: SignIn, statements: list[str]
) -> None:
    client = sign_in(published.place)
    settled(client, f"{published.place.path}overview")
    statements.clear()
    assert client.get(f"{published.place.path}overview").status_code == 200
    assert statements == []


def target(published: Published) -> Callable[[Session], object]:
    return lambda session: set_target(
        session, district_id=published.place.id, code="talk_monthly", target=1, since=NIGHT, by=None
    )  # fmt: skip


def test_what_changes_makes_the_page_anew(
    app: Flask, published: Published, sign_in: SignIn, factory: Factory, rendered: Rendered
) -> None:
    client = sign_in(published.place)
    address = f"{published.place.path}overview"
    before = settled(client, address)
    with factory.session(operating()) as session:
        session.execute(
            update(Township).where(Township.id == published.townships[0]).values(name="新名乡")
        )  # fmt: skip
    rendered.templates.clear()
    after = client.get(address, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert "新名乡" in after.text
    assert rendered.templates == ["district/overview.html"]
    with factory.session(published.place.scope) as session:
        target(published)(session)
    assert client.get(address).data != after.data
    published.night(seed=2, as_of=NIGHT.replace(day=21))
    assert "21" in client.get(address).text.partition("<h1>")[2][:200]


def test_colleagues_share_the_content_and_nothing_else(
    published: Published, sign_in: SignIn, rendered: Rendered
) -> None:
    address = f"{published.place.path}overview"
    one, other = sign_in(published.place, name="王一"), sign_in(published.place, name="李二")
    first = settled(one, address)
    rendered.templates.clear()
    second = settled(other, address)
    assert rendered.templates == []
    assert "王一" in first.text
    assert "王一" not in second.text
    assert "李二" in second.text


def test_roles_languages_townships_and_districts_never_share(
    factory: Factory, published: Published, sign_in: SignIn, rendered: Rendered
) -> None:
    far = Published(factory, 1)
    far.night()
    settled(sign_in(published.place), f"{published.place.path}overview")
    others = [
        (sign_in(published.place, "analyst"), published),
        (sign_in(published.place, language="zh_Hans_CN"), published),
        (sign_in(published.place, township_ids=[published.townships[0]]), published),
        (sign_in(far.place), far),
    ]
    for client, place in others:
        rendered.templates.clear()
        settled(client, f"{place.place.path}overview")
        assert rendered.templates == ["district/overview.html"]


@pytest.mark.parametrize("end", ["session", "account", "role"])
def test_who_may_no_longer_see_it_is_not_given_what_was_kept(
    factory: Factory, published: Published, sign_in: SignIn, end: str
) -> None:
    client = sign_in(published.place)
    address = f"{published.place.path}overview"
    assert settled(client, address).status_code == 200
    with factory.session(published.place.scope) as session:
        if end == "session":
            session.execute(update(DistrictSession).values(ended_at=DistrictSession.created_at))
        elif end == "account":
            session.execute(update(DistrictStaff).values(is_active=False))
        else:
            session.execute(update(DistrictStaff).values(township_ids=[published.townships[2]]))
    answer = client.get(address)
    assert answer.status_code == (200 if end == "role" else 302)
    assert published.schools[0].slug not in answer.text


def test_a_browser_that_asks_again_at_once_is_not_looked_up_again(
    factory: Factory, published: Published, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KeptAnswers, "trusted_for", 60.0)
    client = sign_in(published.place)
    address = f"{published.place.path}overview"
    settled(client, address)
    client.get(address)
    with factory.session(published.place.scope) as session:
        session.execute(update(DistrictSession).values(ended_at=DistrictSession.created_at))
    assert client.get(address).status_code == 200
    # Nobody else's, and for no longer than that.
    monkeypatch.setattr(revalidation, "monotonic", lambda: time.monotonic() + 91)
    assert client.get(address).status_code == 302


def test_another_browser_s_cookie_finds_nothing_kept(
    app: Flask, published: Published, sign_in: SignIn
) -> None:
    settled(sign_in(published.place), f"{published.place.path}overview")
    stranger = app.test_client()
    assert stranger.get(f"{published.place.path}overview").status_code == 302


def test_a_notice_is_shown_once(published: Published, sign_in: SignIn) -> None:
    client = sign_in(published.place)
    settled(client, f"{published.place.path}overview")
    client.post(f"{published.place.path}start-view", data={"view": "overview"})
    assert "Saved." in client.get(f"{published.place.path}overview").text
    assert "Saved." not in settled(client, f"{published.place.path}overview").text


def test_the_database_away_means_only_that_the_application_is_asked(
    published: Published, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(published.place)
    settled(client, f"{published.place.path}overview")
    monkeypatch.setattr(queries, "STANDING", "select %s, %s from nowhere")
    assert client.get(f"{published.place.path}overview").status_code == 200
