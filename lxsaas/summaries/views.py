"""A school's annual summaries: begun, read, worded, made final, taken out as a Word document."""

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.accounts.forms import show_error
from lxsaas.core import clock
from lxsaas.core.audit import audit
from lxsaas.core.errors import RuleError
from lxsaas.core.permissions import Permission
from lxsaas.document_templates.languages import language, translator
from lxsaas.documents.answers import document_response
from lxsaas.evaluation.years import years_with_terms
from lxsaas.extensions import db
from lxsaas.indicators.queries import calendar_of
from lxsaas.navigation import add_tile
from lxsaas.registers.attempts import attempt
from lxsaas.schools.years import year_name, year_of
from lxsaas.summaries import actions, queries
from lxsaas.summaries.definitions import FIGURES, OPTIONAL, SECTIONS
from lxsaas.summaries.forms import FreezeForm, SectionForm, SendForm
from lxsaas.summaries.models import SummarySection
from lxsaas.summaries.pages import place, shown, summary_or_404, word_of
from lxsaas.summaries.sending import send_summary
from lxsaas.summaries.wording import told, with_words

blueprint = Blueprint("summaries", __name__, url_prefix="/s/<school_slug>/summaries")
add_tile("year", "summaries.summary_list", lazy_gettext("Annual summary"), "report", Permission.WRITE_SUMMARY)


@blueprint.context_processor
def words() -> dict[str, object]:
    return {"summary_sections": SECTIONS, "summary_optional": OPTIONAL, "year_name": year_name}


@blueprint.get("")
@requires(Permission.WRITE_SUMMARY)
def summary_list() -> str:
    """Every version of every year, and the years that have none."""
    summaries = db.session.scalars(queries.summaries_of(realm().id)).all()
    today = clock.today(realm().timezone)
    calendar = calendar_of(db.session(), realm().district_id, [today])
    years = {*years_with_terms(calendar.terms, today), year_of(today)} - {one.year for one in summaries}
    due = db.session.execute(queries.due_days(realm().district_id))
    return render_template(
        "summaries/summary_list.html", summaries=summaries, years=sorted(years, reverse=True),
        due={row[0]: row[1] for row in due},
    )  # fmt: skip


@blueprint.post("")
@requires(Permission.WRITE_SUMMARY)
def begin() -> BaseResponse:
    """Begins a year's summary in the language of the page."""
    year = request.form.get("year", type=int)
    if year is None or not 2000 <= year <= year_of(clock.today(realm().timezone)):
        abort(404)
    made: list[int] = []

    def act() -> None:
        summary = actions.begin_summary(
            db.session(), place(), year=year, language=language(), translate=translator(language()),
            by=current_user.id,
        )  # fmt: skip
        made.append(summary.id)

    if not attempt(act):
        return redirect(url_for("summaries.summary_list"))
    return redirect(url_for("summaries.summary_detail", annual_summary_id=made[0]))


@blueprint.get("/<int:annual_summary_id>")
@requires(Permission.WRITE_SUMMARY)
def summary_detail(annual_summary_id: int) -> str:
    """The summary as it reads, what is missing, the figures with their definitions."""
    return _page(annual_summary_id, FreezeForm(formdata=None), SendForm(formdata=None))


def _page(summary_id: int, form: FreezeForm, send_form: SendForm) -> str:
    found = shown(summary_or_404(summary_id))
    form.version.data = str(found.summary.version)
    if not found.missing:
        del form.accepts_missing
    return render_template(
        "summaries/summary_detail.html", shown=found, summary=found.summary, form=form,
        may_freeze=Permission.FREEZE_SUMMARY in current_user.permissions, send_form=send_form,
        sent=db.session.scalars(queries.sent_of(realm().id, found.summary.year)).all(),
    )  # fmt: skip


@blueprint.route("/<int:annual_summary_id>/sections/<code>", methods=["GET", "POST"])
@requires(Permission.WRITE_SUMMARY)
def section(annual_summary_id: int, code: str) -> BaseResponse | str | tuple[str, int]:
    """The words of one section."""
    summary = summary_or_404(annual_summary_id)
    query = queries.sections_of(summary).where(SummarySection.code == code)
    row = db.session.scalars(query).one_or_none() or abort(404)
    if code not in SECTIONS or summary.state != "draft":
        abort(404)
    form = SectionForm()
    if not form.is_submitted():
        form.body.data, form.seen.data = with_words(row.body, summary.language), row.written_at.isoformat()
    elif form.validate():
        try:
            actions.write_section(
                db.session(), summary, row, text=form.body.data or "", seen=form.seen.data,
                by=current_user.id,
            )  # fmt: skip
            db.session.commit()
            flash(gettext("Saved."), "success")
            flash(f"summary-{summary.id}-{code}", "draft")
            return redirect(url_for("summaries.summary_detail", annual_summary_id=summary.id, _anchor=code))
        except RuleError as error:
            db.session.rollback()
            show_error(form, error)
            form.seen.data = row.written_at.isoformat()
    page = _section_page(annual_summary_id, code, form)
    return (page, 422) if form.errors else page


def _section_page(summary_id: int, code: str, form: SectionForm) -> str:
    found = shown(summary_or_404(summary_id))
    chinese = found.summary.language == "zh"
    offered = [
        (one.word if chinese else one.code, found.figures[one.code]["name"],
         told(found.figures[one.code], one.code, found.translate))
        for one in FIGURES.values() if one.code in found.figures
    ]  # fmt: skip
    return render_template(
        "summaries/section.html", form=form, code=code, summary=found.summary, offered=offered
    )


@blueprint.post("/<int:annual_summary_id>/renewal")
@requires(Permission.WRITE_SUMMARY)
def renew(annual_summary_id: int) -> BaseResponse:
    """Counts a draft's figures anew; its words stay."""
    summary = summary_or_404(annual_summary_id)

    def act() -> str:
        actions.renew_figures(
            db.session(), place(), summary, translate=translator(summary.language), by=current_user.id
        )
        return str(gettext("The figures were counted anew; the words stay."))

    attempt(act)
    return redirect(url_for("summaries.summary_detail", annual_summary_id=annual_summary_id))


@blueprint.post("/<int:annual_summary_id>/final")
@requires(Permission.FREEZE_SUMMARY)
def freeze(annual_summary_id: int) -> BaseResponse | tuple[str, int]:
    """Makes a draft final, as it was read."""
    summary, form = summary_or_404(annual_summary_id), FreezeForm()
    missing = len(shown(summary).missing)
    try:
        actions.freeze_summary(
            db.session(), summary, version=form.version_read, missing=missing,
            accepts_missing=form.accepts_missing.data, render=word_of, by=current_user.id,
        )  # fmt: skip
        db.session.commit()
    except RuleError as error:
        db.session.rollback()
        show_error(form, error)
        return _page(annual_summary_id, form, SendForm(formdata=None)), 422
    flash(gettext("The summary is final."), "success")
    return redirect(url_for("summaries.summary_detail", annual_summary_id=annual_summary_id))


@blueprint.post("/<int:annual_summary_id>/sending")
@requires(Permission.FREEZE_SUMMARY)
def send(annual_summary_id: int) -> BaseResponse | tuple[str, int]:
    """Sends a final summary's document to the district, as it is."""
    summary, form = summary_or_404(annual_summary_id), SendForm()
    found = shown(summary)
    try:
        send_summary(
            db.session(), summary, content=word_of(summary), missing=len(found.missing),
            confirmed=form.confirmed.data, district_id=realm().district_id, by=current_user.account,
        )  # fmt: skip
        db.session.commit()
    except RuleError as error:
        db.session.rollback()
        show_error(form, error)
        return _page(annual_summary_id, FreezeForm(formdata=None), form), 422
    flash(gettext("Sent to the district."), "success")
    return redirect(url_for("summaries.summary_detail", annual_summary_id=annual_summary_id))


@blueprint.post("/<int:annual_summary_id>/versions")
@requires(Permission.WRITE_SUMMARY)
def begin_version(annual_summary_id: int) -> BaseResponse:
    """A new draft with the words of a final one."""
    summary = summary_or_404(annual_summary_id)
    made = [annual_summary_id]

    def act() -> str:
        further = actions.begin_version(
            db.session(), place(), summary, translate=translator(summary.language), by=current_user.id
        )
        made.append(further.id)
        return str(gettext("A new version was begun with the figures of now."))

    attempt(act)
    return redirect(url_for("summaries.summary_detail", annual_summary_id=made[-1]))


@blueprint.get("/<int:annual_summary_id>/document.docx")
@requires(Permission.WRITE_SUMMARY)
def document(annual_summary_id: int) -> Response:
    """The summary as a Word document; its making is logged."""
    summary = summary_or_404(annual_summary_id)
    found, content = shown(summary), word_of(summary)
    audit(
        db.session(), "export_summary", "annual_summary", summary.id, school_id=realm().id,
        by=current_user.id, year=summary.year, number=summary.number, missing=len(found.missing),
    )  # fmt: skip
    db.session.commit()
    return document_response(content, f"{gettext('Annual summary')} {year_name(summary.year)}")
