"""Photos of activities that can be shown (P23): who is on each, and the page for the wall screen."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.activities import actions, queries
from lxsaas.activities import erasing as erasing
from lxsaas.activities.labels import ACTIVITIES
from lxsaas.activities.models import Activity, ShownPhoto
from lxsaas.activities.registers import PARTICIPANTS
from lxsaas.activities.views import blueprint
from lxsaas.archive.queries import agreed
from lxsaas.core.errors import RuleError
from lxsaas.core.messages import sentence
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.pupils import reach
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.queries import enrolled
from lxsaas.registers.models import Attachment
from lxsaas.registers.rosters import on_roster


@blueprint.get("/activities/<int:activity_id>/photos")
@requires(Permission.RECORD_CARE)
def activity_photos(activity_id: int) -> str:
    """The photos of an activity: which are shown, which wait for an answer, which for a family's consent."""
    activity = _activity(activity_id)
    decided = {
        one.attachment_id: (one, may)
        for one, may in db.session.execute(queries.decided_photos(activity, reach.today()))
    }
    photos = db.session.scalars(queries.photos_of(activity)).all()
    return render_template("activities/photos.html", activity=activity, photos=photos, decided=decided)


@blueprint.route("/activities/<int:activity_id>/photos/<int:attachment_id>", methods=["GET", "POST"])
@requires(Permission.RECORD_CARE)
def activity_photo(activity_id: int, attachment_id: int) -> BaseResponse | str | tuple[str, int]:
    """Says who can be recognised on a photo."""
    activity, photo = _photo(activity_id, attachment_id)
    if request.method == "GET":
        return _show_photo(activity, photo)
    chosen, was = (set(request.form.getlist(name, type=int)) for name in ("pupils", "was"))
    if not chosen | was <= {pupil.id for pupil, _ in _candidates(activity, photo)}:
        abort(404)
    try:
        actions.tell_who_is_on_photo(
            db.session(), activity, photo, put=chosen, take=was - chosen,
            is_faceless="is_faceless" in request.form, by=current_user.id,
        )  # fmt: skip
    except RuleError as error:
        db.session.rollback()
        return _show_photo(*_photo(activity_id, attachment_id), sentence(error, gettext)), 422
    db.session.commit()
    flash(gettext("Saved."), "success")
    return redirect(url_for("activities.activity_photos", activity_id=activity_id))


@blueprint.post("/activities/<int:activity_id>/photos/<int:attachment_id>/hiding")
@requires(Permission.RECORD_CARE)
def activity_photo_hide(activity_id: int, attachment_id: int) -> BaseResponse:
    """Takes a photo out of what is shown."""
    actions.hide_photo(db.session(), *_photo(activity_id, attachment_id), by=current_user.id)
    db.session.commit()
    flash(gettext("The photo is not shown."), "success")
    return redirect(url_for("activities.activity_photos", activity_id=activity_id))


@blueprint.get("/activities/<int:activity_id>/show")
@requires(Permission.VIEW_PUPILS)
def activity_show(activity_id: int) -> str:
    """An activity for the screen in the hall: what it was, and the photos that may be shown; no names."""
    activity = _activity(activity_id)
    photos = db.session.scalars(queries.photos_to_show(activity, reach.today())).all()
    return render_template("activities/show.html", activity=activity, photos=photos, kinds=ACTIVITIES)


def _activity(activity_id: int) -> Activity:
    activity = db.session.get(Activity, (realm().id, activity_id))
    return activity if activity is not None and activity.withdrawn_at is None else abort(404)


def _photo(activity_id: int, attachment_id: int) -> tuple[Activity, Attachment]:
    activity = _activity(activity_id)
    photo = db.session.scalars(queries.photos_of(activity).where(Attachment.id == attachment_id))
    return activity, photo.one_or_none() or abort(404)


def _shown(photo: Attachment) -> ShownPhoto | None:
    query = queries.shown_photo(photo)
    return db.session.scalars(query).one_or_none()


def _candidates(activity: Activity, photo: Attachment) -> list[tuple[Pupil, bool]]:
    """Children within reach who took part or stand on the photo, and whether their family has agreed."""
    named = Pupil.id.in_(on_roster(PARTICIPANTS, activity)) | Pupil.id.in_(queries.children_on(photo))
    query = reach.pupils().where(named).add_columns(agreed("photos", reach.today()))
    return [(pupil, may) for pupil, may in db.session.execute(query.order_by(Pupil.pinyin, Pupil.id))]


def _show_photo(activity: Activity, photo: Attachment, error: str | None = None) -> str:
    shown, candidates = _shown(photo), _candidates(activity, photo)
    seen = {pupil.id for pupil, _ in candidates}
    on_it = set(db.session.scalars(queries.children_on(photo)))
    took_part = Pupil.id.in_(on_roster(PARTICIPANTS, activity))
    there = set(db.session.scalars(select(Pupil.id).where(took_part, enrolled(reach.today()))))
    return render_template(
        "activities/photo.html", activity=activity, photo=photo, error=error, candidates=candidates,
        on_it=on_it, seen=seen, others=len(on_it - seen), unseen=len(there - on_it - seen),
        is_faceless=bool(shown and shown.is_faceless), is_decided=shown is not None,
    )  # fmt: skip
