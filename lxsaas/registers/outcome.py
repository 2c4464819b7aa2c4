"""What comes of a form that asks for an action: done and committed, or refused at its field."""

from collections.abc import Callable
from typing import Any

from lxsaas.core.errors import RuleError
from lxsaas.extensions import db


def succeeds(form: Any, act: Callable[[], object]) -> bool:
    """Does what a form asks for and commits; what is refused stands in the form, and nothing is saved.

    `form` has a method `refuse` for the RuleError.
    """
    try:
        act()
    except RuleError as error:
        db.session.rollback()
        form.refuse(error)
        return False
    db.session.commit()
    return True
