"""Pages."""

from flask import Blueprint

blueprint = Blueprint("district", __name__)
