"""Pages."""

from flask import Blueprint

blueprint = Blueprint("schools", __name__)
