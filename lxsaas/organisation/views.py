"""Pages of this feature: its registers; leading group, documents and activities have pages of their own."""

from flask import Blueprint
from flask_babel import lazy_gettext

from lxsaas.core.permissions import Permission
from lxsaas.navigation import add_tile
from lxsaas.organisation import labels, registers
from lxsaas.organisation import messages as messages
from lxsaas.registers.pages import mount

blueprint = Blueprint("organisation", __name__, url_prefix="/s/<school_slug>")
add_tile("school", "organisation.group", lazy_gettext("Leading group"), "users", Permission.VIEW_ORGANISATION)


@blueprint.context_processor
def words() -> dict[str, object]:
    """What codes are called in this feature's templates."""
    return {"positions": labels.POSITIONS, "document_kinds": labels.DOCUMENTS}


for register in registers.ALL:
    mount(blueprint, register)
add_tile(
    "life", "organisation.activity_calendar", lazy_gettext("Weekly class activities"), "calendar",
    Permission.VIEW_PUPILS,
)  # fmt: skip
