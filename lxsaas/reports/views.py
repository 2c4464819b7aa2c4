"""One's own report emails: subscribe, choose the hour, see them as they go out."""

from datetime import time

from flask import Blueprint, Response, abort, flash, redirect, render_template, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db, talisman
from lxsaas.indicators.night import last_night
from lxsaas.reports import messages
from lxsaas.reports.digest import digest_data, write_digest
from lxsaas.reports.forms import SubscriptionForm
from lxsaas.reports.subscription_actions import subscribe
from lxsaas.reports.subscription_queries import own_subscription

__all__ = ["blueprint", "messages"]

blueprint = Blueprint("reports", __name__, url_prefix="/d/<district_slug>/reports")
DEFAULT_HOUR = time(6, 30)
# Mail programs know styles only inside the letter; nothing in it may run or load.
LETTER_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"


@blueprint.route("", methods=["GET", "POST"])
@requires(Permission.SUBSCRIBE_REPORTS)
def subscriptions() -> BaseResponse | str:
    """The digest: on or off, and from which hour of the district's day."""
    mine = db.session.scalars(own_subscription(current_user.id)).one_or_none()
    form = SubscriptionForm(obj=mine)
    if mine is None and not form.is_submitted():
        form.is_active.data = bool(current_user.account.email) and "officer" in current_user.roles
        form.send_at.data = DEFAULT_HOUR
    if form.validate_on_submit():
        subscribe(
            db.session(), district_id=realm().id, staff_id=current_user.id,
            is_active=form.is_active.data, send_at=form.send_at.data,
        )  # fmt: skip
        db.session.commit()
        flash(gettext("Saved."), "success")
        return redirect(url_for("reports.subscriptions"))
    night = last_night(db.session())
    return render_template(
        "reports/subscriptions.html", form=form, email=current_user.account.email, night=night
    )


@blueprint.get("/digest")
@talisman(content_security_policy=LETTER_POLICY, frame_options="SAMEORIGIN")
@requires(Permission.SUBSCRIBE_REPORTS)
def digest() -> Response:
    """The last night's digest as it goes out, in one's own language."""
    night = last_night(db.session()) or abort(404)
    data = digest_data(db.session(), realm().id, night.run.as_of) or abort(404)
    return Response(write_digest(data, current_user.language).html)
