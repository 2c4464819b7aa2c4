"""What a child joined, on its own page, in its timeline and its whole file."""

from collections.abc import Iterable
from datetime import date

from flask import render_template
from flask_babel import format_date, gettext, lazy_gettext
from sqlalchemy.orm import Session

from lxsaas.accounts.access import requires
from lxsaas.activities.family_queries import joined_by
from lxsaas.activities.labels import ACTIVITIES, EVENTS
from lxsaas.activities.registers import CORNER
from lxsaas.activities.views import blueprint
from lxsaas.core.crypto import SchoolCipher
from lxsaas.core.export import Table
from lxsaas.core.messages import N_
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.pupils import reach
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.sections import Section, add_section
from lxsaas.pupils.timeline import Moment, add_source
from lxsaas.pupils.whole_file import FilePart, add_part
from lxsaas.registers.child_part import part_of_register

WHAT = {
    "activity": N_("Activity"),
    "home": N_("Children’s home"),
    "session": N_("Parents’ school"),
    "event": N_("Home and school"),
}
add_section(Section("activities.joined", lazy_gettext("Joined in"), "gift", Permission.VIEW_PUPILS))


@blueprint.get("/pupils/<int:pupil_id>/joined")
@requires(Permission.VIEW_PUPILS)
def joined(pupil_id: int) -> str:
    """Activities, visits to the children's home, and what somebody of the family came to."""
    pupil = reach.pupil_or_404(pupil_id)
    rows = db.session.execute(joined_by(pupil).limit(200)).all()
    return render_template("activities/joined.html", pupil=pupil, rows=[_told(row) for row in rows])


def _told(row: tuple[str, date, str | None, str | None]) -> tuple[str, date, str]:
    what, day, title, kind = row
    named = gettext((ACTIVITIES if what == "activity" else EVENTS)[kind]) if kind else ""
    return gettext(WHAT[what]), day, " · ".join(one for one in (named, title) if one)


def joined_lanes(session: Session, pupil: Pupil, _today: date) -> Iterable[Moment]:
    """What the child joined, on its days."""
    for row in session.execute(joined_by(pupil)):
        lane, day, text = _told(row)
        yield Moment(lane, "event", day, text=text)


def joined_part(session: Session, _cipher: SchoolCipher, pupil: Pupil, _today: date) -> FilePart:
    """What the child joined, as a chapter of its file."""
    rows = [_told(row) for row in session.execute(joined_by(pupil))]
    cells = [[lane, format_date(day), text] for lane, day, text in rows]
    headings = [gettext("What"), gettext("Day"), gettext("Title")]
    table = Table(gettext("Joined in"), [], headings, ["text"] * len(headings), cells)
    return FilePart(gettext("Joined in"), tables=[table])


add_source(joined_lanes, order=80)
add_part(joined_part)
add_part(part_of_register(CORNER))
