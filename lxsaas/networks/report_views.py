"""Pages of one mandatory report: opened in two taps, followed by steps, shared with the district."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.core.audit import audit
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.networks import report_actions, report_queries
from lxsaas.networks.report_forms import (
    ChosenReportForm,
    ReportForm,
    SaidForm,
    ShareForm,
    StepForm,
    here,
    now_here,
)
from lxsaas.networks.report_models import MandatoryReport
from lxsaas.networks.report_pages import child_of, opened_steps
from lxsaas.networks.views import blueprint, follows_all, readable_rows
from lxsaas.pupils import reach
from lxsaas.pupils.models import Pupil
from lxsaas.registers.offers import children_offered, offers_for
from lxsaas.registers.outcome import succeeds
from lxsaas.registers.pages import FOUND_LIMIT


@blueprint.route("/mandatory-reports/choose", methods=["GET", "POST"])
@requires(Permission.REPORT_HARM)
def choose_child() -> str:
    """The children in reach, and by name any child of the school: name and class, nothing else."""
    wanted = request.form.get("q", "").strip()
    query = report_queries.children_named(realm().id, wanted, reach.today())
    if not wanted:
        query = query.where(Pupil.id.in_(reach.pupils().with_only_columns(Pupil.id)))
    found = db.session.execute(query.limit(FOUND_LIMIT)).all()
    return render_template("networks/choose.html", wanted=wanted, found=found)


@blueprint.get("/pupils/<int:pupil_id>/mandatory-reports")
@requires(Permission.REPORT_HARM)
def report_child(pupil_id: int) -> str:
    """From a child's page: the form, with the reports about this child that one may read."""
    pupil = reach.pupil_or_404(pupil_id)
    form = ReportForm(formdata=None)
    form.open_new()
    form.known_at.data = now_here()
    return _show_report_form(form, pupil)


@blueprint.route("/mandatory-reports/new", methods=["GET", "POST"])
@requires(Permission.REPORT_HARM)
def new_report() -> BaseResponse | str | tuple[str, int]:
    """Opens a report about a child: the one that the address names, else one chosen in the form."""
    named = request.args.get("pupil", type=int)
    form = ReportForm() if named is not None else _form_with_children()
    if request.method == "GET":
        form.open_new()
        form.known_at.data = now_here()
    elif form.validate() and succeeds(form, lambda: report_actions.open_report(
        db.session(), _child_or_404(named if named is not None else form.pupil_id.data), harm=form.harm.data,
        known_at=here(form.known_at), words=form.words.data, client_key=form.key, by=current_user.id,
    )):  # fmt: skip
        told = gettext("The report is open; the district sees that it exists. Now tell the authorities.")
        flash(told, "success")
        flash(f"mandatory-report-{named or 0}", "draft")
        return redirect(_address_of_own(form))
    pupil = _child_or_404(named) if named is not None else None
    return _answer(_show_report_form(form, pupil), form)


@blueprint.get("/mandatory-reports/<int:mandatory_report_id>")
@requires(Permission.REPORT_HARM)
def report_detail(mandatory_report_id: int) -> str:
    """What was said and done; that somebody saw it is logged."""
    report, state = _report_or_404(mandatory_report_id)
    _log_sight(report)
    shown = render_template(
        "networks/report_detail.html",
        report=report,
        state=state,
        child=child_of(report),
        text=report_actions.text_of(db.session(), report),
        steps=opened_steps(db.session(), report),
        follows=follows_all(),
    )
    db.session.commit()
    return shown


@blueprint.route("/mandatory-reports/<int:mandatory_report_id>/steps", methods=["GET", "POST"])
@requires(Permission.REPORT_HARM)
def add_step(mandatory_report_id: int) -> BaseResponse | str | tuple[str, int]:
    """Adds what was done: who was told, what followed, how it ended."""
    report, state = _report_or_404(mandatory_report_id)
    form = StepForm()
    form.offer(offers_for(db.session(), None))
    _offer_steps(form)
    if request.method == "GET":
        form.open_new()
        form.kind.data = request.args.get("kind") or None
        form.done_at.data, form.done_by.data = now_here(), current_user.id
    elif form.validate() and succeeds(form, lambda: report_actions.add_step(
        db.session(), report, kind=form.kind.data, done_at=here(form.done_at), done_by=form.done_by.data,
        recipient=form.recipient.data, reference=form.reference.data, words=form.words.data,
        closed_as=form.closed_as.data, client_key=form.key, by=current_user.id,
    )):  # fmt: skip
        flash(gettext("Saved."), "success")
        return redirect(_address(mandatory_report_id))
    report, state = _report_or_404(mandatory_report_id)
    shown = render_template(
        "networks/step_form.html", form=form, report=report, state=state, child=child_of(report)
    )
    return _answer(shown, form)


@blueprint.route("/mandatory-reports/<int:mandatory_report_id>/sharing", methods=["GET", "POST"])
@requires(Permission.FOLLOW_HARM)
def share_report(mandatory_report_id: int) -> BaseResponse | str | tuple[str, int]:
    """Lets the district read a text about the report."""
    report, state = _report_or_404(mandatory_report_id)
    form = ShareForm()
    if request.method == "GET":
        form.open_new()
    elif form.validate() and succeeds(form, lambda: report_actions.share_report(
        db.session(), report, words=form.words.data, whole=form.whole.data, client_key=form.key,
        by=current_user.id,
    )):  # fmt: skip
        flash(gettext("The district can read it now."), "success")
        return redirect(_address(mandatory_report_id))
    report, state = _report_or_404(mandatory_report_id)
    _log_sight(report)
    shown = render_template(
        "networks/share_form.html", form=form, report=report, state=state, child=child_of(report),
        text=report_actions.text_of(db.session(), report),
    )  # fmt: skip
    db.session.commit()
    return _answer(shown, form)


def _report_or_404(report_id: int) -> Any:
    """(report, state) of one that the signed-in person may read; for others it does not exist."""
    query = report_queries.reports_for(current_user.id, all_of_school=follows_all(), on=reach.today())
    found = report_queries.with_states(query.where(MandatoryReport.id == report_id))
    row = db.session.execute(found).one_or_none() or abort(404)
    return row[0], row[1]


def _child_or_404(pupil_id: int | None) -> Pupil:
    """Any enrolled child of the school: whoever sees harm reports it."""
    query = report_queries.enrolled_child(
        realm().id, pupil_id if pupil_id is not None else abort(404), reach.today()
    )
    return db.session.scalars(query).one_or_none() or abort(404)


def _form_with_children() -> ChosenReportForm:
    form = ChosenReportForm()
    form.offer_children(children_offered(db.session()))
    return form


def _show_report_form(form: ReportForm, pupil: Pupil | None) -> str:
    earlier = [row for row in readable_rows() if row[0].pupil_id == pupil.id] if pupil else []
    child = child_of(pupil) if pupil else None
    return render_template("networks/report_form.html", form=form, pupil=pupil, child=child, earlier=earlier)


def _address_of_own(form: ReportForm) -> str:
    """The page of the report that was opened by a form."""
    query = report_queries.reports_for(current_user.id, all_of_school=False, on=reach.today())
    made = db.session.scalars(query.where(MandatoryReport.client_key == form.key)).first()
    return _address(made.id) if made else url_for("networks.report_list")


def _offer_steps(form: StepForm) -> None:
    """Who opened a report follows it; closing it is the principal's."""
    if not follows_all():
        form.kind.choices = [one for one in form.kind.choices or () if one.value != "closed"]


def _answer(shown: str, form: SaidForm) -> str | tuple[str, int]:
    return (shown, 422) if form.errors or form.form_errors else shown


def _address(report_id: int) -> str:
    return url_for("networks.report_detail", mandatory_report_id=report_id)


def _log_sight(report: MandatoryReport) -> None:
    audit(
        db.session(), "view_mandatory_report", "mandatory_report", report.id,
        school_id=realm().id, by=current_user.id, pupil_id=report.pupil_id,
    )  # fmt: skip
