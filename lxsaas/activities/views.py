"""Pages of this feature: its registers."""

from flask import Blueprint

from lxsaas.activities import family_registers, registers
from lxsaas.activities import messages as messages
from lxsaas.registers.pages import mount

blueprint = Blueprint("activities", __name__, url_prefix="/s/<school_slug>")

for register in (*registers.ALL, *family_registers.ALL):
    mount(blueprint, register)
