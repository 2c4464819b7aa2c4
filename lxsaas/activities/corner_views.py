"""The love corner (P24): the wall of messages and works, and the choice of what hangs there."""

from collections.abc import Mapping, Sequence

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from sqlalchemy import func
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.activities import actions, queries
from lxsaas.activities.labels import AUTHORS, WORKS
from lxsaas.activities.models import CornerEntry
from lxsaas.activities.views import blueprint
from lxsaas.core.errors import RuleError
from lxsaas.core.messages import sentence
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.navigation import add_tile
from lxsaas.pupils import reach
from lxsaas.registers.attachments import content_of, files_by_row
from lxsaas.registers.models import Attachment

ON_WALL = 24
"""Messages and works to a page of the wall."""
add_tile("life", "activities.corner", lazy_gettext("Love corner"), "heart", Permission.VIEW_PUPILS)


@blueprint.get("/corner")
@requires(Permission.VIEW_PUPILS)
def corner() -> str:
    """The wall, as it can be shown on a screen: signed as the school chose, without the children's names."""
    query = queries.corner_wall(realm().id, reach.today())
    page = request.args.get("page", 1, type=int)
    rows = db.session.execute(query.limit(ON_WALL + 1).offset((max(page, 1) - 1) * ON_WALL)).all()
    may_choose = Permission.KEEP_SCHOOL_LIFE in current_user.permissions
    return render_template(
        "activities/corner.html", rows=rows[:ON_WALL], photos=_photos([row[0] for row in rows]),
        kinds=WORKS, authors=AUTHORS, page=max(page, 1), has_more=len(rows) > ON_WALL,
        may_choose=may_choose, may_record=Permission.RECORD_CARE in current_user.permissions,
        waiting=_waiting() if may_choose else 0,
    )  # fmt: skip


@blueprint.get("/corner/choice")
@requires(Permission.KEEP_SCHOOL_LIFE)
def corner_choice() -> str:
    """What was handed in and waits: shown as it would hang, with what the family agreed to."""
    rows = db.session.execute(queries.corner_waiting(reach.pupils(), reach.today())).all()
    photos = _photos([row[0] for row in rows])
    return render_template(
        "activities/corner_choice.html", rows=rows, photos=photos, kinds=WORKS, authors=AUTHORS
    )


@blueprint.post("/love-corner/<int:corner_entry_id>/decision")
@requires(Permission.KEEP_SCHOOL_LIFE)
def corner_decision(corner_entry_id: int) -> BaseResponse:
    """Hangs an entry on the wall, or takes it down."""
    state = request.form.get("state")
    if state not in ("approved", "hidden"):
        abort(400)
    entry = db.session.get(CornerEntry, (realm().id, corner_entry_id)) or abort(404)
    reach.pupil_or_404(entry.pupil_id)
    seen = request.form.get("version", 0, type=int)
    try:
        actions.decide_on_entry(db.session(), entry, state=state, version=seen, by=current_user.id)
    except RuleError as error:
        db.session.rollback()
        flash(sentence(error, gettext), "error")
    else:
        db.session.commit()
        said = gettext("It hangs on the wall.") if state == "approved" else gettext("It does not hang there.")
        flash(said, "success")
    back = "activities.corner" if request.form.get("from") == "wall" else "activities.corner_choice"
    return redirect(url_for(back))


@blueprint.get("/corner/<int:corner_entry_id>/photos/<int:attachment_id>")
@requires(Permission.VIEW_PUPILS)
def corner_photo(corner_entry_id: int, attachment_id: int) -> Response:
    """A photo of what hangs on the wall, for everybody who may see the wall."""
    on_wall = queries.corner_wall(realm().id, reach.today()).where(CornerEntry.id == corner_entry_id)
    if db.session.execute(on_wall).first() is None:
        abort(404)
    photo = next((one for one in _photos_of(corner_entry_id) if one.id == attachment_id), None) or abort(404)
    headers = {"Content-Disposition": f'inline; filename="{photo.id}.jpeg"'}
    return Response(content_of(db.session(), photo), content_type="image/jpeg", headers=headers)


def _waiting() -> int:
    """How many messages and works wait to be looked at."""
    query = queries.corner_waiting(reach.pupils(), reach.today())
    return db.session.scalar(query.with_only_columns(func.count()).order_by(None)) or 0


def _photos(entries: Sequence[CornerEntry]) -> Mapping[int, list[Attachment]]:
    found = files_by_row(db.session(), "corner_entry", [one.id for one in entries])
    return {
        row_id: [one for one in files if one.media_type == "image/jpeg"] for row_id, files in found.items()
    }


def _photos_of(entry_id: int) -> list[Attachment]:
    found = files_by_row(db.session(), "corner_entry", [entry_id])
    return [one for one in found.get(entry_id, []) if one.media_type == "image/jpeg"]
