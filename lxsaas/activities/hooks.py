"""What other features tell this one: they stand beside it and are joined in `app.py`."""

from collections.abc import Callable, Sequence
from datetime import date

from sqlalchemy.orm import Session

rules_published: list[Callable[[Session, int, date], Sequence[str]]] = []
"""Called with the school and the day: titles of published rules that speak of the parents' school."""
