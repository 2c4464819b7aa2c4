"""The district's side: notes and requests to schools, their answers, the difficulties that schools raise."""

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import Select
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.core.errors import RuleError
from lxsaas.core.permissions import Permission
from lxsaas.correspondence import actions, pages, queries
from lxsaas.correspondence.forms import CHOSEN, AskForm
from lxsaas.correspondence.thread_views import mount
from lxsaas.extensions import db

blueprint = Blueprint("district_correspondence", __name__, url_prefix="/d/<district_slug>/correspondence")
mount(blueprint)
ANSWER_WITHIN = timedelta(days=7)
"""What the form of a request proposes."""


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Permission.WRITE_CORRESPONDENCE)
def ask() -> BaseResponse | str | tuple[str, int]:
    """A note or a request to one school, some, a township's or all."""
    form = AskForm()
    form.offer(
        [(row[0], row[1]) for row in db.session.execute(in_reach())],
        pages.townships(),
    )
    if not form.is_submitted():
        propose(form)
    elif form.validate():
        try:
            return send(form)
        except RuleError as error:
            db.session.rollback()
            form.refuse(error)
    shown = render_template("correspondence/ask_form.html", form=form)
    return (shown, 422) if form.errors else shown


def in_reach(township_id: int | None = None) -> Select[int, str]:
    """The schools to which the signed-in person may write."""
    return queries.schools_of(realm().id, current_user.township_ids, township_id)


def propose(form: AskForm) -> None:
    """An empty form, for the school that the address names."""
    form.open_new()
    form.kind.data, form.to.data = "request", CHOSEN
    form.schools.data = request.args.getlist("school", type=int)
    form.due_on.data = pages.today() + ANSWER_WITHIN


def send(form: AskForm) -> BaseResponse:
    """Opens a thread with each school that was chosen. Raises RuleError."""
    schools = form.schools.data
    if form.to.data != CHOSEN:
        schools = [row[0] for row in db.session.execute(in_reach(form.township_id))]
    made = actions.write_to_schools(
        db.session(), district_id=realm().id, school_ids=schools or [], kind=form.kind.data,
        title=form.title.data, text=form.text.data, due_on=form.due_on.data, today=pages.today(),
        client_key=form.key, by=pages.writer(),
    )  # fmt: skip
    db.session.commit()
    flash(ngettext("Sent to %(num)s school.", "Sent to %(num)s schools.", len(made)), "success")
    flash("ask", "draft")
    return redirect(url_for("district_correspondence.thread_list"))
