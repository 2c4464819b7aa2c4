"""A school's side: what the district asks, and the difficulties that the school raises."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.core.errors import RuleError
from lxsaas.core.permissions import Permission
from lxsaas.correspondence import actions, pages
from lxsaas.correspondence.forms import DifficultyForm
from lxsaas.correspondence.thread_views import mount
from lxsaas.extensions import db
from lxsaas.navigation import add_tile

blueprint = Blueprint("correspondence", __name__, url_prefix="/s/<school_slug>/correspondence")
mount(blueprint)
add_tile(
    "school", "correspondence.thread_list", lazy_gettext("Notices and requests"), "mail",
    Permission.READ_CORRESPONDENCE,
)  # fmt: skip


@blueprint.route("/difficulties/new", methods=["GET", "POST"])
@requires(Permission.WRITE_CORRESPONDENCE)
def raise_difficulty() -> BaseResponse | str | tuple[str, int]:
    """Tells the district of what the school cannot solve alone."""
    form = DifficultyForm()
    if not form.is_submitted():
        form.open_new()
    elif form.validate():
        try:
            actions.raise_difficulty(
                db.session(), district_id=realm().district_id, school_id=realm().id, title=form.title.data,
                text=form.text.data, client_key=form.key, by=pages.writer(),
            )  # fmt: skip
            db.session.commit()
            flash(gettext("Sent to the district."), "success")
            flash("difficulty", "draft")
            return redirect(url_for("correspondence.thread_list"))
        except RuleError as error:
            db.session.rollback()
            form.refuse(error)
    shown = render_template("correspondence/difficulty_form.html", form=form, who=current_user)
    return (shown, 422) if form.errors else shown


@blueprint.post("/<int:thread_id>/reading")
@requires(Permission.WRITE_CORRESPONDENCE)
def read(thread_id: int) -> BaseResponse:
    """Confirms that a note was read."""
    return pages.changed(thread_id, actions.read_note, gettext("Marked as read."))
