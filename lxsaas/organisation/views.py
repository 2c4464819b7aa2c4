"""Pages of this feature: its registers."""

from flask import Blueprint

blueprint = Blueprint("organisation", __name__, url_prefix="/s/<school_slug>")
