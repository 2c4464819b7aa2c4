"""Pages of this feature: its registers, who carries whom, children without a helper."""

from flask import Blueprint

from lxsaas.care.hooks import care_recorded, care_unrecorded
from lxsaas.portfolio.hooks import falling_marks
from lxsaas.registers.pages import mount
from lxsaas.support import actions, registers
from lxsaas.support import child_course as child_course
from lxsaas.support import letters as letters
from lxsaas.support import messages as messages

blueprint = Blueprint("support", __name__, url_prefix="/s/<school_slug>")

for register in registers.ALL:
    mount(blueprint, register)
if actions.close_visited not in care_recorded:
    care_recorded.append(actions.close_visited)
    care_unrecorded.append(actions.reopen_visited)
    falling_marks.append(actions.raise_for_marks)
