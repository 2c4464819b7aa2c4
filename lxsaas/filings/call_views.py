"""The district's pages on what it asks of its schools in a term: cut-off day, definition, due day."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.filings import asking, queries
from lxsaas.filings import district_pages as pages
from lxsaas.filings.district_views import blueprint
from lxsaas.filings.drafting import asked_of
from lxsaas.filings.forms import CallForm
from lxsaas.registers.attempts import attempt
from lxsaas.registers.outcome import succeeds
from lxsaas.schools.models import Term

__all__ = ["blueprint"]


@blueprint.get("/terms")
@requires(Permission.SET_FILINGS)
def term_list() -> str:
    """The terms, what is asked for in each, and how many schools have sent it."""
    return render_template("filings/term_list.html", lines=pages.term_lines(), today=pages.today())


@blueprint.route("/terms/<int:term_id>/call", methods=["GET", "POST"])
@requires(Permission.SET_FILINGS)
def call(term_id: int) -> BaseResponse | str | tuple[str, int]:
    """For which day, under which definition and by when the schools file."""
    term, form = pages.open_term_or_404(term_id), CallForm()
    form.offer(asked_of(db.session(), realm().id, term))
    told = 0

    def act() -> None:
        nonlocal told
        told = ask(term, form)

    if form.validate_on_submit() and succeeds(form, act):
        flash(
            ngettext(
                "Saved. %(num)s school is told by mail.", "Saved. %(num)s schools are told by mail.", told
            ),
            "success",
        )
        return redirect(url_for("district_filings.school_list", term=term_id))
    term = pages.open_term_or_404(term_id)
    shown = render_template(
        "filings/call_form.html", form=form, term=term, sent=pages.schools_sent(term),
        editions=db.session.scalars(queries.editions_of(realm().id, [term.name])).all(),
    )  # fmt: skip
    return (shown, 422) if form.errors or form.form_errors else shown


def ask(term: Term, form: CallForm) -> int:
    """Asks for what the form says; how many schools are told."""
    return asking.ask_for_filing(
        db.session(), term, cut_off_on=form.cut_off_on.data, definition=form.definition.data,
        due_on=form.due_on.data, reason=form.reason.data, seen=form.seen, today=pages.today(),
        by=current_user.id,
    )  # fmt: skip


@blueprint.post("/terms/<int:term_id>/call/withdrawal")
@requires(Permission.SET_FILINGS)
def withdraw_call(term_id: int) -> BaseResponse:
    """Asks for no filing in the term any more."""
    term = pages.open_term_or_404(term_id)

    def act() -> str:
        asking.withdraw_filing_call(db.session(), term, today=pages.today(), by=current_user.id)
        return str(gettext("Nothing is asked for in this term any more."))

    attempt(act)
    return redirect(url_for("district_filings.term_list"))
