"""Contacts of the five networks, and children referred to them until it is settled."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lxsaas.core import clock
from tests.factories import Factory, Person, Place
from tests.guardrails.test_routes import text_of

TODAY = clock.today("Asia/Shanghai")
PHONE = "13907281234"
Post = tuple[Place, dict[str, Person], int, dict[str, FlaskClient]]


@pytest.fixture
def post(app: Flask, factory: Factory) -> Post:
    school = factory.school()
    people = {"teacher": factory.staff(school), "principal": factory.staff(school, "principal")}
    people |= {"colleague": factory.staff(school, "teacher")}
    people |= {"stranger": factory.staff(factory.school(), "principal")}
    pupil_id = factory.pupil(school, factory.school_class(school, people["teacher"]))
    clients = {name: one.sign_in(app.test_client()) for name, one in people.items()}
    return school, people, pupil_id, clients


def contact(post: Post, **more: str) -> str:
    school, _, _, clients = post
    sent = {"network": "village", "name": "村支书老张", "organisation": "青山村", "phone": PHONE} | more
    answer = clients["teacher"].post(f"{school.path}network-contacts/entries", data=sent)
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def refer(post: Post, **more: object) -> tuple[int, str]:
    school, _, pupil_id, clients = post
    sent = {
        "pupil": pupil_id, "network": "village", "need": "care", "words": "请每周看望老人和孩子。",
        "referred_on": TODAY - timedelta(days=20), "due_on": TODAY - timedelta(days=6),
    } | more  # fmt: skip
    answer = clients["teacher"].post(f"{school.path}referrals/entries", data=sent)
    return answer.status_code, str(answer.location or answer.text)


def test_a_number_is_sealed_and_seen_by_few(post: Post) -> None:
    school, _, _, clients = post
    address = contact(post)
    assert PHONE in clients["teacher"].get(address).text
    assert PHONE in clients["principal"].get(address).text
    assert PHONE not in clients["colleague"].get(address).text
    there = address.replace(school.path, f"{post[1]['stranger'].place.path}")
    assert clients["stranger"].get(there).status_code == 404
    export = clients["principal"].post(f"{school.path}network-contacts.xlsx")
    assert PHONE not in text_of(export.data)


def test_a_child_is_referred_to_a_contact_and_followed_until_it_is_settled(post: Post) -> None:
    school, _, _, clients = post
    client, contact_id = clients["teacher"], contact(post).rpartition("/")[2]
    code, address = refer(post, network_contact_id=contact_id)
    assert code == 302
    assert "村支书老张" in client.get(address).text
    late = client.get(f"{school.path}referrals?show=late").text
    assert "村支书老张" in late
    row_id = address.rpartition("/")[2]
    step = {"parent": row_id, "done_on": TODAY, "words": "已上门一次。"}
    assert client.post(f"{school.path}referral-steps/entries", data=step).status_code == 302
    settled = {
        "network": "village", "network_contact_id": contact_id, "need": "care", "words": "请看望。",
        "referred_on": TODAY - timedelta(days=20), "due_on": TODAY, "settled_on": TODAY,
        "outcome": "helped", "outcome_words": "每周二上门。", "version": "1",
    }  # fmt: skip
    assert client.post(f"{address}/edit", data=settled).status_code == 302
    assert "村支书老张" not in client.get(f"{school.path}referrals?show=open").text


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"settled_on": TODAY}, "outcome"),
        ({"outcome": "helped"}, "settled_on"),
        ({"due_on": TODAY - timedelta(days=30)}, "due_on"),
        ({"network": "law", "network_contact_id": "contact"}, "network_contact_id"),
        ({"referred_on": TODAY + timedelta(days=1), "due_on": TODAY + timedelta(days=2)}, "referred_on"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(post: Post, more: dict[str, object], field: str) -> None:
    number = contact(post).rpartition("/")[2]
    sent = {name: number if value == "contact" else value for name, value in more.items()}
    code, page = refer(post, **sent)
    assert code == 422
    assert f"{field}-error" in page


def test_a_contact_of_another_school_cannot_be_chosen(post: Post, app: Flask, factory: Factory) -> None:
    elsewhere = factory.school()
    person = factory.staff(elsewhere)
    pupil_id = factory.pupil(elsewhere, factory.school_class(elsewhere, person))
    there = (elsewhere, {"teacher": person}, pupil_id, {"teacher": person.sign_in(app.test_client())})
    number = contact(there).rpartition("/")[2]
    code, page = refer(post, network_contact_id=number)
    assert code == 422
    assert "network_contact_id-error" in page
