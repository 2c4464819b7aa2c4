"""The page that leads to all registers of the school, and the files that belong to their rows."""

from flask import Blueprint, render_template

from lxsaas import navigation
from lxsaas.accounts.access import requires
from lxsaas.core.permissions import Permission

blueprint = Blueprint("registers", __name__, url_prefix="/s/<school_slug>")


@blueprint.get("/work")
@requires(Permission.VIEW_PUPILS)
def work() -> str:
    """Every register and list that the signed-in person may open, by area."""
    return render_template("registers/work.html", areas=navigation.tiles())
