"""What tests of care begin with."""

import pytest
from flask import Flask

from tests.care.desk import Desk, desk_of
from tests.factories import Factory


@pytest.fixture
def desk(app: Flask, factory: Factory) -> Desk:
    return desk_of(app, factory)
