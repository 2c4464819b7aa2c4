"""One's own reports by email, at a district or a school: ask for, change, pause, see as they go out."""

from collections.abc import Callable

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import View, at_both, requires
from lxsaas.accounts.forms import show_error
from lxsaas.core import clock
from lxsaas.core.errors import RuleError
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db, talisman
from lxsaas.reports import messages
from lxsaas.reports import subscription_actions as actions
from lxsaas.reports.forms import SubscriptionForm
from lxsaas.reports.labels import REPORTS
from lxsaas.reports.models import ReportSubscription
from lxsaas.reports.own_reports import (
    history,
    letter_now,
    load,
    offered_reports,
    overview,
    owner,
    place,
    units,
)

__all__ = ["blueprint", "messages"]

blueprint = Blueprint("reports", __name__)
# Mail programs know styles only inside the letter; nothing in it may run or load.
LETTER_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"


def both(rule: str, *, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """A route of reports below a school's and below a district's address."""
    return at_both(blueprint, f"/reports{rule}", methods=methods)


@both("")
@requires(Permission.SUBSCRIBE_REPORTS)
def subscriptions() -> str:
    """What one gets and when next, and what went when."""
    return render_template(
        "reports/subscriptions.html",
        email=current_user.account.email,
        lines=overview(),
        page=history(request.args.get("page", 1, type=int)),
        offered=offered_reports(),
        names=REPORTS,
    )


@both("/new/<report>", methods=("GET", "POST"))
@requires(Permission.SUBSCRIBE_REPORTS)
def add_subscription(report: str) -> BaseResponse | str:
    """Asks for a report; the form has what this one needs."""
    if report not in offered_reports():
        abort(404)
    form = SubscriptionForm()
    form.offer(report, units())
    if form.validate_on_submit():
        try:
            choice = form.choice(report, owner().school_id)
            actions.create_subscription(db.session(), owner(), choice, place=place(), now=clock.now())
        except RuleError as error:
            db.session.rollback()
            show_error(form, error)
        else:
            return _saved(gettext("Subscribed."))
    return render_template("reports/subscription_form.html", form=form, names=REPORTS[report], one=None)


@both("/<int:subscription_id>", methods=("GET", "POST"))
@requires(Permission.SUBSCRIBE_REPORTS)
def edit_subscription(subscription_id: int) -> BaseResponse | str:
    one = load(subscription_id)
    form = SubscriptionForm()
    form.offer(one.report, units())
    if not form.is_submitted():
        form.show(one)
    if form.validate_on_submit():
        try:
            choice = form.choice(one.report, owner().school_id)
            actions.change_subscription(db.session(), owner(), one, choice, place=place(), now=clock.now())
        except RuleError as error:
            db.session.rollback()
            show_error(form, error)
        else:
            return _saved(gettext("Saved."))
    return render_template("reports/subscription_form.html", form=form, names=REPORTS[one.report], one=one)


@both("/<int:subscription_id>/pause", methods=("POST",))
@requires(Permission.SUBSCRIBE_REPORTS)
def pause(subscription_id: int) -> BaseResponse:
    actions.pause_subscription(db.session(), owner(), load(subscription_id))
    return _saved(gettext("Paused."))


@both("/<int:subscription_id>/pause/end", methods=("POST",))
@requires(Permission.SUBSCRIBE_REPORTS)
def resume(subscription_id: int) -> BaseResponse:
    one = load(subscription_id)
    actions.resume_subscription(db.session(), owner(), one, place=place(), now=clock.now())
    return _saved(gettext("Resumed: the next one comes when it is due."))


@both("/<int:subscription_id>/deletion", methods=("POST",))
@requires(Permission.SUBSCRIBE_REPORTS)
def delete(subscription_id: int) -> BaseResponse:
    one = load(subscription_id, beyond_reach=True)
    actions.delete_subscription(db.session(), owner(), one, now=clock.now())
    return _saved(gettext("Deleted."))


def _saved(text: str) -> BaseResponse:
    db.session.commit()
    flash(text, "success")
    return redirect(url_for("reports.subscriptions"))


@both("/<int:subscription_id>/letter")
@requires(Permission.SUBSCRIBE_REPORTS)
def preview(subscription_id: int) -> str:
    """The letter as it goes out now, in its language, as mail programs show it with and without HTML."""
    one: ReportSubscription = load(subscription_id)
    return render_template("reports/preview.html", one=one, names=REPORTS[one.report], letter=letter_now(one))


@both("/<int:subscription_id>/letter.html")
@talisman(content_security_policy=LETTER_POLICY, frame_options="SAMEORIGIN")
@requires(Permission.SUBSCRIBE_REPORTS)
def letter(subscription_id: int) -> Response:
    """The HTML of the letter alone."""
    return Response((letter_now(load(subscription_id)) or abort(404)).html)


@both("/<int:subscription_id>/letter.xlsx")
@requires(Permission.SUBSCRIBE_REPORTS)
def workbook(subscription_id: int) -> Response:
    """What is attached to the letter."""
    found = letter_now(load(subscription_id))
    if found is None or not found.attachments:
        abort(404)
    attached = found.attachments[0]
    return Response(
        attached.content,
        content_type=attached.media_type,
        headers={"Content-Disposition": f'attachment; filename="{attached.name}"'},
    )
