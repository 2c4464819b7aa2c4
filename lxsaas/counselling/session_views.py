"""Pages of the talks of a case: recorded, read with their history, mended, withdrawn."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from lxsaas.accounts.access import realm, requires
from lxsaas.core.errors import RuleError
from lxsaas.core.messages import sentence
from lxsaas.core.permissions import Permission
from lxsaas.counselling import session_actions
from lxsaas.counselling.forms import SessionForm
from lxsaas.counselling.models import CounsellingCase, CounsellingSession
from lxsaas.counselling.pages import (
    child_of,
    log_sight,
    own_case_or_404,
    own_session_or_404,
    show_form,
    today,
)
from lxsaas.counselling.sealing import counselling_cipher
from lxsaas.counselling.views import blueprint
from lxsaas.extensions import db
from lxsaas.registers.history import changes_of
from lxsaas.registers.hooks import tell_saved
from lxsaas.registers.outcome import succeeds
from lxsaas.registers.rows import values_of


@blueprint.route("/counselling/cases/<int:counselling_case_id>/sessions/new", methods=["GET", "POST"])
@requires(Permission.COUNSEL)
def new_session(counselling_case_id: int) -> Response | str | tuple[str, int]:
    """Records a talk of one's own open case."""
    case = own_case_or_404(counselling_case_id)
    form = SessionForm()
    if form.validate_on_submit():
        if succeeds(form, lambda: session_actions.record_session(
            db.session(), case, held_on=form.held_on.data, minutes=form.minutes.data,
            account=form.account.data, client_key=form.key, by=current_user.id,
        )):  # fmt: skip
            _note_time(form)
            flash(gettext("Saved."), "success")
            return redirect(url_for("counselling.case_detail", counselling_case_id=counselling_case_id))
    elif request.method == "GET":
        if case.closed_on is not None:
            abort(404)
        form.open_new()
        form.held_on.data = today()
    case = own_case_or_404(counselling_case_id)
    return _form_page(form, case.pupil_id, case=case)


@blueprint.get("/counselling/sessions/<int:counselling_session_id>")
@requires(Permission.COUNSEL)
def session_detail(counselling_session_id: int) -> str:
    """One talk with its history; the sight is logged."""
    held = own_session_or_404(counselling_session_id)
    log_sight("view_counselling_session", held)
    shown = render_template(
        "counselling/session_detail.html",
        held=held, child=child_of(held.pupil_id),
        values=values_of(held, counselling_cipher(db.session(), realm().id)),
        changes=changes_of(db.session(), held),
    )  # fmt: skip
    db.session.commit()
    return shown


@blueprint.route("/counselling/sessions/<int:counselling_session_id>/edit", methods=["GET", "POST"])
@requires(Permission.COUNSEL)
def edit_session(counselling_session_id: int) -> Response | str | tuple[str, int]:
    """Mends a talk; what stood there is kept."""
    held = own_session_or_404(counselling_session_id)
    if held.withdrawn_at is not None:
        abort(404)
    form = SessionForm()
    if form.validate_on_submit():
        if succeeds(form, lambda: session_actions.edit_session(
            db.session(), held, held_on=form.held_on.data, minutes=form.minutes.data,
            account=form.account.data, version=form.seen_version, by=current_user.id,
        )):  # fmt: skip
            flash(gettext("Saved."), "success")
            return redirect(_address(counselling_session_id))
    elif request.method == "GET":
        form.process(data=values_of(held, counselling_cipher(db.session(), realm().id)))
        form.version.data = str(held.version)
        log_sight("view_counselling_session", held)
        shown = _edit_page(form, counselling_session_id)
        db.session.commit()
        return shown
    return _edit_page(form, counselling_session_id)


@blueprint.post("/counselling/sessions/<int:counselling_session_id>/withdrawal")
@requires(Permission.COUNSEL)
def withdraw_session(counselling_session_id: int) -> Response:
    """Takes a talk back, with the reason."""
    held = own_session_or_404(counselling_session_id)
    seen, reason = request.form.get("version", 0, type=int), request.form.get("reason", "")
    try:
        session_actions.withdraw_session(
            db.session(), held, version=seen, reason=reason, by=current_user.id
        )  # fmt: skip
    except RuleError as error:
        db.session.rollback()
        flash(sentence(error, gettext), "error")
    else:
        db.session.commit()
        flash(gettext("Withdrawn. It counts nowhere any more; its history stays."), "success")
    return redirect(_address(counselling_session_id))


def _edit_page(form: SessionForm, session_id: int) -> str | tuple[str, int]:
    held = own_session_or_404(session_id)
    return _form_page(form, held.pupil_id, held=held)


def _form_page(
    form: SessionForm,
    pupil_id: int,
    *,
    case: CounsellingCase | None = None,
    held: CounsellingSession | None = None,
) -> str | tuple[str, int]:
    child = child_of(pupil_id)
    return show_form("counselling/session_form.html", form, case=case, child=child, held=held)


def _address(session_id: int) -> str:
    return url_for("counselling.session_detail", counselling_session_id=session_id)


def _note_time(form: SessionForm) -> None:
    """How long the form was open: nothing of who filled it, nor for whom."""
    tell_saved(db.session(), realm().id, "counselling", form.milliseconds)
    db.session.commit()
