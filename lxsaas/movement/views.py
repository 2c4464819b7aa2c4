"""Pages of this feature."""

from flask import Blueprint

blueprint = Blueprint("movement", __name__, url_prefix="/s/<school_slug>")
