"""Managing colleagues: who may, what a principal cannot do to the school, what strangers cannot block."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lxsaas.accounts import actions, queries, throttle
from lxsaas.accounts.models import Staff
from lxsaas.accounts.passwords import check_password
from lxsaas.accounts.realms import Realm
from lxsaas.core import clock
from lxsaas.core.errors import RuleError
from tests.accounts.test_sign_in import attempt, code_on, invited, take_up
from tests.factories import PASSWORD, Factory, Person, Place


@pytest.fixture
def school(factory: Factory) -> Place:
    return factory.school()


def realm_of(place: Place) -> Realm:
    return Realm("school", place.slug, "x", place.id, place.district_id, "Asia/Shanghai")


def edited(client: FlaskClient, person: Person, *roles: str, **more: object) -> str:
    form = {"username": person.username, "name": "同事", "roles": list(roles), "email": ""} | more
    answer = client.post(f"{person.place.path}staff/{person.id}", data=form)
    return "saved" if answer.status_code == 302 else answer.text


def test_three_people_at_a_colleague_s_page(app: Flask, factory: Factory, school: Place) -> None:
    colleague = factory.staff(school, username="canary-colleague")
    page = f"{school.path}staff/{colleague.id}"
    own, following = factory.staff(school, "principal"), factory.staff(factory.school(), "principal")
    officer = factory.officer(factory.district())
    assert own.sign_in(app.test_client()).get(page).status_code == 200
    assert colleague.sign_in(app.test_client()).get(page).status_code == 403
    # An officer may have the same id: what counts is whose page opens.
    for stranger in (following, officer):
        client = stranger.sign_in(app.test_client())
        assert client.get(page).status_code == 302
        assert colleague.username not in client.get(f"{stranger.place.path}staff").text
    assert following.sign_in(app.test_client()).get(elsewhere(following, colleague)).status_code == 404
    made = following.sign_in(app.test_client()).post(f"{elsewhere(following, colleague)}/invitations")
    assert made.status_code == 404
    assert (
        colleague.username not in officer.sign_in(app.test_client()).get(elsewhere(officer, colleague)).text
    )


def elsewhere(stranger: Person, colleague: Person) -> str:
    """The page that the colleague's id names at the stranger's own address."""
    return f"{stranger.place.path}staff/{colleague.id}"


def test_the_staff_are_searched_without_names_in_the_address(
    client: FlaskClient, factory: Factory, school: Place
) -> None:
    factory.staff(school, name="钱百合")
    factory.staff(school, "principal", name="孙校长").sign_in(client)
    page = client.post(f"{school.path}staff", data={"q": "百合"}).text
    assert "钱百合" in page
    assert ">孙校长</a>" not in page
    assert 'method="post"' in page
    assert ">孙校长</a>" in client.get(f"{school.path}staff?q=百合").text


def test_nobody_takes_the_lead_from_oneself(client: FlaskClient, factory: Factory, school: Place) -> None:
    own, other = factory.staff(school, "principal"), factory.staff(school, "principal")
    own.sign_in(client)
    assert 'id="roles-error"' in edited(client, own, "teacher", is_active="y")
    assert 'id="roles-error"' in edited(client, own, "principal")
    assert 'id="roles-error"' in edited(client, other, is_active="y")
    assert edited(client, own, "principal", "teacher", is_active="y") == "saved"
    assert edited(client, other, "teacher", is_active="y") == "saved"


def test_a_principal_who_cannot_sign_in_yet_does_not_count(factory: Factory, school: Place) -> None:
    able = factory.staff(school, "principal")
    factory.staff(school, "principal", password_hash=None)
    with factory.session(school.scope) as session:
        account = session.get_one(Staff, (school.id, able.id))
        with pytest.raises(RuleError) as refused:
            actions.edit_account(
                session, realm_of(school), account, name="x", roles=["teacher"], email=None,
                is_active=True, by=None,
            )  # fmt: skip
    assert refused.value.code == "last_lead"


def test_two_who_demote_each_other_at_once_leave_one(factory: Factory, school: Place) -> None:
    pair = factory.staff(school, "principal"), factory.staff(school, "principal")

    def demote(victim: Person, by: Person) -> str:
        try:
            with factory.session(school.scope) as session:
                account = session.get_one(Staff, (school.id, victim.id))
                actions.edit_account(
                    session, realm_of(school), account, name="x", roles=["teacher"], email=None,
                    is_active=True, by=by.id,
                )  # fmt: skip
        except RuleError as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(demote, pair, reversed(pair)))
    assert sorted(results) == ["done", "last_lead"]


def test_a_class_goes_over_to_its_new_teacher(client: FlaskClient, factory: Factory, school: Place) -> None:
    before, after = factory.staff(school), factory.staff(school)
    class_id = factory.school_class(school, before)
    factory.staff(school, "principal").sign_in(client)
    saved = edited(client, after, "homeroom_teacher", classes=[str(class_id)], is_active="y")
    assert saved == "saved"
    today = clock.today("Asia/Shanghai")
    with factory.session(school.scope) as session:

        def taught(person: Person, days: int = 0) -> list[int]:
            day = today - timedelta(days=days)
            return list(session.scalars(queries.classes_taught_by(person.id, day)))

        assert (taught(after), taught(before), taught(before, 1)) == ([class_id], [], [class_id])


def test_who_is_made_inactive_cannot_use_an_old_link_later(
    app: Flask, client: FlaskClient, factory: Factory, school: Place
) -> None:
    code = invited(client, factory, school)
    with factory.session(school.scope) as session:
        staff_id = session.scalars(select(Staff.id).where(Staff.username == "newcomer")).one()
    newcomer = Person(staff_id, "newcomer", school)
    assert edited(client, newcomer, "teacher") == "saved"
    assert edited(client, newcomer, "teacher", is_active="y") == "saved"
    assert take_up(app.test_client(), school, code) == 200
    again = code_on(client.post(f"{school.path}staff/{staff_id}/invitations").text)
    assert take_up(app.test_client(), school, again) == 302


def test_strangers_with_wrong_codes_keep_no_newcomer_out(
    app: Flask, client: FlaskClient, factory: Factory, school: Place
) -> None:
    code = invited(client, factory, school)
    for number in range(12):
        form = {"code": "wrong", "username": "x", "password": "a sentence of one's own"}
        address = {"REMOTE_ADDR": f"10.9.0.{number}"}
        app.test_client().post(f"{school.path}invitation", data=form, environ_overrides=address)
    for _ in range(12):
        form = {"code": code, "username": "newcomer", "password": "short"}
        assert client.post(f"{school.path}invitation", data=form).status_code == 200
    assert take_up(app.test_client(), school, code) == 302


def test_wrong_codes_from_one_address_are_slowed_down(app: Flask, school: Place) -> None:
    form = {"code": "wrong", "username": "x", "password": "a sentence of one's own"}
    address = {"REMOTE_ADDR": "10.8.7.6"}
    answers = [
        app.test_client().post(f"{school.path}invitation", data=form, environ_overrides=address).status_code
        for _ in range(throttle.ADDRESS.amount + 1)
    ]
    assert answers == [200] * throttle.ADDRESS.amount + [429]


class DeadBroker:
    """Fails as a broker that is away."""

    def __getattr__(self, name: str) -> object:
        raise ConnectionError(name)


def test_guessing_is_slowed_down_without_a_broker_too(
    app: Flask, factory: Factory, school: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = factory.staff(school)
    monkeypatch.setattr(throttle, "_strategy", DeadBroker)
    assert attempt(app.test_client(), person, PASSWORD).status_code == 302
    answers = [attempt(app.test_client(), person, "a guess").status_code for _ in range(11)]
    assert answers == [401] * 10 + [429]


def test_one_browser_or_all_others_are_signed_out_from_the_account_page(
    app: Flask, factory: Factory, school: Place
) -> None:
    person, colleague = factory.staff(school), factory.staff(school)
    here, there, third = (person.sign_in(app.test_client()) for _ in range(3))
    foreign = colleague.sign_in(app.test_client())
    page = f"{school.path}account"

    def signed_in() -> list[bool]:
        return [browser.get(page).status_code == 200 for browser in (here, there, third, foreign)]

    ids = {text.split('"')[0] for text in here.get(page).text.split('name="session_id" value="')[1:]}
    assert len(ids) == 2
    foreign.post(f"{page}/sessions/end", data={"session_id": min(ids)})
    assert signed_in() == [True, True, True, True]
    here.post(f"{page}/sessions/end", data={"session_id": max(ids, key=int)})
    assert signed_in() == [True, True, False, True]
    here.post(f"{page}/sessions/end")
    assert signed_in() == [True, False, False, True]


@pytest.mark.parametrize(
    "wanted", ["../../d/elsewhere/", "%2e%2e/%2E%2E/d/elsewhere/", "a\r\nSet-Cookie: b=c"]
)
def test_signing_in_does_not_climb_out_of_the_school(
    client: FlaskClient, factory: Factory, school: Place, wanted: str
) -> None:
    form = {"username": factory.staff(school).username, "password": PASSWORD}
    query = {"next": school.path + wanted}
    answer = client.post(f"{school.path}sign-in", query_string=query, data=form)
    assert answer.headers["Location"] == f"{school.path}week"


def test_a_page_below_the_school_is_returned_to(client: FlaskClient, factory: Factory, school: Place) -> None:
    form = {"username": factory.staff(school).username, "password": PASSWORD}
    query = {"next": f"{school.path}pupils?sort=name&q=.."}
    answer = client.post(f"{school.path}sign-in", query_string=query, data=form)
    assert answer.headers["Location"] == query["next"]


@pytest.mark.parametrize(
    ("username", "password", "fits"),
    [("a", "forty tall green trees", True), ("wang", "my name is Wang", False), ("li", "li", False),
     ("alice", "ＡＬＩＣＥ in wonderland", False), ("王老师", "王老师", False)],
)  # fmt: skip
def test_a_password_does_not_tell_the_user_name(username: str, password: str, fits: bool) -> None:
    if fits:
        check_password(password, username=username)
        return
    with pytest.raises(RuleError):
        check_password(password, username=username)
