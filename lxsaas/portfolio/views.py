"""The blueprint of this feature, its register of entries and its tile."""

from typing import Any

from flask import Blueprint
from flask_babel import lazy_gettext

from lxsaas.core.permissions import Permission
from lxsaas.navigation import add_tile
from lxsaas.portfolio import erasing as erasing
from lxsaas.portfolio import messages as messages
from lxsaas.portfolio.entries import ENTRIES
from lxsaas.portfolio.scores import show_tenths
from lxsaas.registers.pages import mount

blueprint = Blueprint("portfolio", __name__, url_prefix="/s/<school_slug>")
mount(blueprint, ENTRIES)
add_tile("year", "portfolio.exam_list", lazy_gettext("Exams"), "chart-line", Permission.RECORD_EXAMS)


@blueprint.context_processor
def words() -> dict[str, Any]:
    """What the templates of this feature write marks by."""
    return {"marks": show_tenths}
