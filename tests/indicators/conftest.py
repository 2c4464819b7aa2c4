"""What the tests of the nightly count share."""

from collections.abc import Iterator

import pytest
from flask import Flask


@pytest.fixture
def in_app(app: Flask) -> Iterator[None]:
    """The engine works inside the application, as a command or a task does."""
    with app.app_context():
        yield
