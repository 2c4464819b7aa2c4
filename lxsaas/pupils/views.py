"""Pages."""

from flask import Blueprint

blueprint = Blueprint("pupils", __name__)
