"""Pages of this feature."""

from flask import Blueprint

blueprint = Blueprint("archive", __name__, url_prefix="/s/<school_slug>")
