"""One tap that does one thing: done and told, or undone with the reason."""

from collections.abc import Callable

from flask import flash
from flask_babel import gettext

from lxsaas.core.errors import RuleError
from lxsaas.core.messages import sentence
from lxsaas.extensions import db


def attempt(act: Callable[[], str | None]) -> bool:
    """Commits what `act` does and shows what it says; a RuleError is shown instead, and nothing is kept.

    Whether it was done.
    """
    try:
        told = act()
    except RuleError as error:
        db.session.rollback()
        flash(sentence(error, gettext), "error")
        return False
    db.session.commit()
    if told:
        flash(told, "success")
    return True
