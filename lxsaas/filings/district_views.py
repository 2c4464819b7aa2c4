"""The district's pages: who has filed, what the accepted sum up to, one school's table judged."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import format_date, gettext, ngettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.core.audit import audit
from lxsaas.core.errors import RuleError
from lxsaas.core.messages import sentence
from lxsaas.core.pages import page_of_rows
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.filings import actions, definitions, labels, messages, queries, reminders, standings, workbook
from lxsaas.filings import district_pages as pages
from lxsaas.filings.drafting import asked_of, differences, figures_told
from lxsaas.filings.forms import DecisionForm
from lxsaas.filings.models import DistrictFiling
from lxsaas.registers.outcome import succeeds

__all__ = ["blueprint", "messages"]

blueprint = Blueprint("district_filings", __name__, url_prefix="/d/<district_slug>/filings")
PAGE_SIZE = 40


@blueprint.context_processor
def words() -> dict[str, object]:
    return {"labels": labels, "filing_words": definitions}


@blueprint.get("")
@requires(Permission.REVIEW_FILINGS)
def school_list() -> str:
    """Where each school stands in a term, and what the accepted filings sum up to."""
    terms = pages.terms()
    term = pages.term_chosen(terms)
    if term is None:
        return render_template("filings/no_term.html")
    asked = asked_of(db.session(), realm().id, term)
    schools, total, grades = pages.accepted_sum(asked)
    return render_template(
        "filings/school_list.html", terms=terms, term=term, counts=pages.counts(asked),
        page=page_of_rows(
            db.session(), pages.chosen(asked), request.args.get("page", 1, type=int), PAGE_SIZE
        ),
        asked=asked, schools=schools, total=total, grades=grades,
        today=pages.today(), states=pages.state_options(),
    )  # fmt: skip


@blueprint.get("/terms/<int:term_id>/table.xlsx")
@requires(Permission.REVIEW_FILINGS)
def sum_table(term_id: int) -> Response:
    """The accepted filings in the official layout: a row a school, and their sum."""
    term = pages.term_or_404(term_id)
    asked = asked_of(db.session(), realm().id, term)
    _, total, _ = pages.accepted_sum(asked)
    accepted = standings.accepted_of(realm().id, asked, current_user.township_ids).subquery()
    named = standings.with_school_names(accepted)
    rows = [(row.school, figures_told(row)) for row in db.session.execute(named)]
    audit(
        db.session(), "export_filing", "district_filing", None,
        district_id=realm().id, by=current_user.id, rows=len(rows),
    )  # fmt: skip
    db.session.commit()
    with workbook.in_chinese():
        note = gettext(
            "Sum of the filings that were accepted by %(day)s", day=format_date(pages.today(), "long")
        )
        paper = workbook.Paper(
            realm().name, term.name, asked.cut_off_on, asked.definition.code,
            [*rows, (gettext("Total"), total)], gettext("School"), [note],
        )  # fmt: skip
    return workbook.response(paper, f"filings-{pages.today()}")


@blueprint.post("/terms/<int:term_id>/reminders")
@requires(Permission.REVIEW_FILINGS)
def remind(term_id: int) -> BaseResponse:
    """Reminds by mail every school that has not sent, or has not corrected what was returned."""
    term = pages.term_or_404(term_id)
    try:
        count = reminders.remind_late(
            db.session(), term, today=pages.today(), by=current_user.id,
            township_ids=current_user.township_ids,
        )  # fmt: skip
        db.session.commit()
        flash(
            ngettext("%(num)s school is reminded by mail.", "%(num)s schools are reminded by mail.", count),
            "success",
        )
    except RuleError as error:
        db.session.rollback()
        flash(sentence(error, gettext), "error")
    return redirect(url_for("district_filings.school_list", term=term_id))


@blueprint.get("/<int:district_filing_id>")
@requires(Permission.REVIEW_FILINGS)
def filing_detail(district_filing_id: int) -> str:
    """One school's table in exact numbers; that an officer saw it is logged."""
    filing, *_ = pages.filing_or_404(district_filing_id)
    audit(
        db.session(), "view_filing", "district_filing", filing.id,
        district_id=realm().id, by=current_user.id, school=filing.unit_id,
    )  # fmt: skip
    db.session.commit()
    return show_filing(district_filing_id, DecisionForm(formdata=None), {})


def show_filing(district_filing_id: int, form: DecisionForm, typed: dict[str, str]) -> str:
    filing, decision, school = pages.filing_or_404(district_filing_id)
    before = db.session.scalars(queries.versions_before(filing)).one_or_none()
    asked = pages.asked_in(filing)
    newest = standings.standing_of(realm().id, asked).where(DistrictFiling.unit_id == filing.unit_id)
    figures = figures_told(filing)
    return render_template(
        "filings/district_filing.html", filing=filing, decision=decision, school=school, form=form,
        typed=typed, figures=figures, newest=db.session.scalars(newest).one(),
        fits=(filing.cut_off_on, filing.definition) == asked.basis,
        grades=db.session.scalars(queries.grades_of(filing.unit_id, filing.filing_id)).all(),
        remarks=db.session.scalars(queries.remarks_on(filing.unit_id, filing.filing_id)).all(),
        changed=differences(figures_told(before), figures) if before else {}, before=before,
    )  # fmt: skip


@blueprint.post("/<int:district_filing_id>/decision")
@requires(Permission.REVIEW_FILINGS)
def decide(district_filing_id: int) -> BaseResponse | tuple[str, int]:
    """Accepts the version, or returns it with remarks."""
    filing, *_ = pages.filing_or_404(district_filing_id)
    form = DecisionForm()
    typed = form.remarks(pages.cells_of(filing))
    if form.validate() and succeeds(form, lambda: actions.decide_filing(
        db.session(), filing, outcome=form.outcome.data, words=form.words.data, remarks=typed,
        today=pages.today(), by=current_user.id, name=current_user.name,
    )):  # fmt: skip
        flash(gettext(definitions.OUTCOMES[form.outcome.data]), "success")
        return redirect(url_for("district_filings.filing_detail", district_filing_id=district_filing_id))
    return show_filing(district_filing_id, form, typed), 422
