"""The school of `tests.archive.people`, and its homeroom teacher signed in."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.archive.people import House
from tests.factories import Factory


@pytest.fixture
def house(app: Flask, factory: Factory) -> House:
    return House.build(app, factory)


@pytest.fixture
def teacher(house: House) -> FlaskClient:
    """The homeroom teacher of the child's class."""
    return house.client(house.teacher)
