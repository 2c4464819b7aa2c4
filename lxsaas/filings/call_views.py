"""The district's pages on what it asks of its schools in a term: cut-off day, definition, due day."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.filings import actions
from lxsaas.filings import district_pages as pages
from lxsaas.filings.district_views import blueprint
from lxsaas.filings.drafting import asked_of
from lxsaas.filings.forms import CallForm
from lxsaas.registers.attempts import attempt
from lxsaas.registers.outcome import succeeds

__all__ = ["blueprint"]


@blueprint.get("/terms")
@requires(Permission.SET_FILINGS)
def term_list() -> str:
    """The terms, what is asked for in each, and how many schools have sent it."""
    lines = [
        (term, asked_of(db.session(), realm().id, term), pages.schools_sent(term))
        for term in pages.terms_to_ask()
    ]
    return render_template("filings/term_list.html", lines=lines, today=pages.today())


@blueprint.route("/terms/<int:term_id>/call", methods=["GET", "POST"])
@requires(Permission.SET_FILINGS)
def call(term_id: int) -> BaseResponse | str | tuple[str, int]:
    """For which day, under which definition and by when the schools file."""
    term, form = pages.open_term_or_404(term_id), CallForm()
    form.offer(asked_of(db.session(), realm().id, term))
    if form.validate_on_submit() and succeeds(form, lambda: actions.ask_for_filing(
        db.session(), term, cut_off_on=form.cut_off_on.data, definition=form.definition.data,
        due_on=form.due_on.data, today=pages.today(), by=current_user.id,
    )):  # fmt: skip
        flash(gettext("Saved. The schools see it at once."), "success")
        return redirect(url_for("district_filings.school_list", term=term_id))
    term = pages.open_term_or_404(term_id)
    shown = render_template("filings/call_form.html", form=form, term=term, sent=pages.schools_sent(term))
    return (shown, 422) if form.errors or form.form_errors else shown


@blueprint.post("/terms/<int:term_id>/call/withdrawal")
@requires(Permission.SET_FILINGS)
def withdraw_call(term_id: int) -> BaseResponse:
    """Asks for no filing in the term any more."""
    term = pages.open_term_or_404(term_id)

    def act() -> str:
        actions.withdraw_filing_call(db.session(), term, today=pages.today(), by=current_user.id)
        return str(gettext("Nothing is asked for in this term any more."))

    attempt(act)
    return redirect(url_for("district_filings.term_list"))
