"""Pages of this feature: the blueprint, the register of entries, and a child's exams."""

from typing import Any

from flask import Blueprint, render_template
from flask_babel import lazy_gettext

from lxsaas import navigation
from lxsaas.accounts.access import requires
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.portfolio import messages as messages
from lxsaas.portfolio.course import course_of, standing_chart
from lxsaas.portfolio.entries import ENTRIES
from lxsaas.portfolio.scores import show_tenths
from lxsaas.pupils import reach
from lxsaas.pupils.sections import Section, add_section
from lxsaas.registers.pages import mount

blueprint = Blueprint("portfolio", __name__, url_prefix="/s/<school_slug>")
mount(blueprint, ENTRIES)
add_section(Section("portfolio.pupil_exams", lazy_gettext("Exams"), "chart-line", Permission.VIEW_PUPILS))
EXAM_TILE = ("portfolio.exam_list", lazy_gettext("Exams"), "chart-line", Permission.RECORD_EXAMS)
if EXAM_TILE[0] not in (entry[0] for entry in navigation.TILES["year"][1]):
    navigation.TILES["year"][1].append(EXAM_TILE)


@blueprint.context_processor
def words() -> dict[str, Any]:
    """What the templates of this feature write marks by."""
    return {"marks": show_tenths}


@blueprint.get("/pupils/<int:pupil_id>/exams")
@requires(Permission.VIEW_PUPILS)
def pupil_exams(pupil_id: int) -> str:
    """One child's exams: marks, standing in the class and its course."""
    pupil = reach.pupil_or_404(pupil_id)
    course = course_of(db.session(), pupil.id)
    return render_template(
        "portfolio/pupil_exams.html",
        pupil=pupil,
        course=list(reversed(course)),
        standing=standing_chart(course),
    )
