"""What a password costs: strong where people sign in, and the same whether or not the name is known."""

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lxsaas.accounts import passwords
from lxsaas.accounts.models import Staff
from tests.factories import CHEAP, Factory

PRODUCT = PasswordHasher()


def test_a_hash_as_the_product_makes_it_is_no_weaker_than_rfc_9106_wants(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(passwords, "_hasher", PRODUCT)
    made = passwords.hash_password("correct horse battery staple")
    assert extract_parameters(made) == RFC_9106_LOW_MEMORY
    assert passwords.verifies(made, "correct horse battery staple")
    assert not passwords.verifies(made, "correct horse battery stable")
    assert not passwords.is_outdated(made)


@pytest.mark.parametrize("hasher", [PRODUCT, CHEAP])
def test_somebody_unknown_is_checked_against_a_hash_of_the_same_costs(
    monkeypatch: pytest.MonkeyPatch, hasher: PasswordHasher
) -> None:
    monkeypatch.setattr(passwords, "_hasher", hasher)
    nobody = passwords._of_nobody()
    assert extract_parameters(nobody) == extract_parameters(hasher.hash("whatever"))
    assert not passwords.verifies(nobody, "whatever")
    assert not passwords.verifies(None, "whatever")


def test_a_weaker_hash_is_renewed_at_the_next_sign_in(
    factory: Factory, client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = factory.staff(factory.school())
    monkeypatch.setattr(passwords, "_hasher", PRODUCT)
    teacher.sign_in(client)
    with factory.session(teacher.place.scope) as session:
        renewed = session.scalars(select(Staff.password_hash).where(Staff.id == teacher.id)).one()
    assert renewed is not None
    assert extract_parameters(renewed) == RFC_9106_LOW_MEMORY
    teacher.sign_in(app.test_client())
