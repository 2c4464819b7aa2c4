"""Pages."""

from flask import Blueprint

blueprint = Blueprint("care", __name__)
