"""The blueprint of the child's file, and its registers."""

from flask import Blueprint

from lxsaas.archive import entries, law
from lxsaas.archive import messages as messages
from lxsaas.pupils import labels
from lxsaas.pupils.definitions import DEFINITIONS
from lxsaas.registers.pages import mount

blueprint = Blueprint("archive", __name__, url_prefix="/s/<school_slug>")
for one in entries.REGISTERS:
    mount(blueprint, one)


@blueprint.context_processor
def words() -> dict[str, object]:
    """What the templates of this feature call codes by."""
    return {"labels": labels, "definitions": DEFINITIONS, "law": law}
