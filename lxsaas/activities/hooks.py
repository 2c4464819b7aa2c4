"""What other features tell this one: they stand beside it and are joined in `app.py`."""

from collections.abc import Callable

from sqlalchemy import Select

rules_about: list[Callable[[str], Select[str]]] = []
"""From words to the titles of the school's rules in force that hold them; none where nobody keeps rules."""
