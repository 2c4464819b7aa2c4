"""Pages of the school: mandatory reports of suspected harm, opened in two taps and followed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas import navigation
from lxsaas.accounts.access import realm, requires
from lxsaas.core import clock
from lxsaas.core.audit import audit
from lxsaas.core.errors import RuleError
from lxsaas.core.export import to_xlsx
from lxsaas.core.pages import Page
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.networks import labels, registers, report_actions, report_queries
from lxsaas.networks import messages as messages
from lxsaas.networks.report_forms import ReportForm, SaidForm, ShareForm, StepForm, here, now_here
from lxsaas.networks.report_models import MandatoryReport
from lxsaas.networks.report_pages import child_of, opened_steps, report_table
from lxsaas.pupils import reach
from lxsaas.pupils.models import Pupil
from lxsaas.pupils.sections import Section, add_section
from lxsaas.registers.offers import offers_for
from lxsaas.registers.pages import FOUND_LIMIT, PAGE_SIZE, XLSX, mount

blueprint = Blueprint("networks", __name__, url_prefix="/s/<school_slug>")
for register in registers.ALL:
    mount(blueprint, register)
_NAME = lazy_gettext("Mandatory reports")
navigation.add_tile("child", "networks.report_list", _NAME, "alert-triangle", Permission.REPORT_HARM)
add_section(
    Section(
        "networks.report_child", lazy_gettext("Report suspected harm"), "alert-triangle",
        Permission.REPORT_HARM,
    )
)  # fmt: skip


@blueprint.context_processor
def words() -> dict[str, object]:
    return {"labels": labels, "age_of": age_of}


def age_of(known_at: datetime) -> timedelta:
    """How long ago something became known: the report's clock."""
    return clock.now() - known_at


@blueprint.get("/mandatory-reports")
@requires(Permission.REPORT_HARM)
def report_list() -> str:
    """The reports that one may read, the most urgent first: no text is opened here."""
    rows = [row for row in _readable_rows() if request.args.get("show") != "open" or row[1].state != "closed"]
    return render_template(
        "networks/report_list.html",
        page=Page.of(rows, request.args.get("page", 1, type=int), PAGE_SIZE),
        follows=_follows(),
    )


@blueprint.post("/mandatory-reports.xlsx")
@requires(Permission.FOLLOW_HARM)
def report_export() -> Response:
    """The school's reports with their clocks, for a spreadsheet: states and instants, no text."""
    rows = _readable_rows()
    audit(
        db.session(), "export_mandatory_report", "mandatory_report", None,
        school_id=realm().id, by=current_user.id, rows=len(rows),
    )  # fmt: skip
    db.session.commit()
    headers = {"Content-Disposition": 'attachment; filename="mandatory-reports.xlsx"'}
    return Response(to_xlsx(report_table(rows)), content_type=XLSX, headers=headers)


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
    """Opens a report about a child of the school."""
    pupil = _child_or_404(request.args.get("pupil", type=int))
    form = ReportForm()
    if request.method == "GET":
        form.open_new()
        form.known_at.data = now_here()
    elif form.validate() and _succeeds(form, lambda: report_actions.open_report(
        db.session(), pupil, harm=form.harm.data, known_at=here(form.known_at), words=form.words.data,
        client_key=form.key, by=current_user.id,
    )):  # fmt: skip
        flash(
            gettext("The report is open; the district sees that it exists. Now tell the authorities."),
            "success",
        )
        query = report_queries.reports_for(current_user.id, all_of_school=False, on=reach.today())
        made = db.session.scalars(query.where(MandatoryReport.client_key == form.key)).first()
        return redirect(_address(made.id) if made else url_for("networks.report_list"))
    return _answer(_show_report_form(form, _child_or_404(request.args.get("pupil", type=int))), form)


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
        follows=_follows(),
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
    elif form.validate() and _succeeds(form, lambda: report_actions.add_step(
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
    elif form.validate() and _succeeds(form, lambda: report_actions.share_report(
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


def _follows() -> bool:
    return Permission.FOLLOW_HARM in current_user.permissions


def _readable_rows() -> Any:
    query = report_queries.reports_for(current_user.id, all_of_school=_follows(), on=reach.today())
    return db.session.execute(report_queries.with_states(query)).all()


def _report_or_404(report_id: int) -> Any:
    """(report, state) of one that the signed-in person may read; for others it does not exist."""
    query = report_queries.reports_for(current_user.id, all_of_school=_follows(), on=reach.today())
    found = report_queries.with_states(query.where(MandatoryReport.id == report_id))
    row = db.session.execute(found).one_or_none() or abort(404)
    return row[0], row[1]


def _child_or_404(pupil_id: int | None) -> Pupil:
    """Any enrolled child of the school: whoever sees harm reports it."""
    query = report_queries.enrolled_child(
        realm().id, pupil_id if pupil_id is not None else abort(404), reach.today()
    )
    return db.session.scalars(query).one_or_none() or abort(404)


def _show_report_form(form: ReportForm, pupil: Pupil) -> str:
    earlier = [row for row in _readable_rows() if row[0].pupil_id == pupil.id]
    return render_template(
        "networks/report_form.html", form=form, pupil=pupil, child=child_of(pupil), earlier=earlier
    )


def _offer_steps(form: StepForm) -> None:
    """Who opened a report follows it; closing it is the principal's."""
    if not _follows():
        form.kind.choices = [one for one in form.kind.choices or () if one.value != "closed"]


def _succeeds(form: SaidForm, act: Callable[[], object]) -> bool:
    """Does what a form asks for and commits; what is refused stands in the form, and nothing is saved."""
    try:
        act()
    except RuleError as error:
        db.session.rollback()
        form.refuse(error)
        return False
    db.session.commit()
    return True


def _answer(shown: str, form: SaidForm) -> str | tuple[str, int]:
    return (shown, 422) if form.errors or form.form_errors else shown


def _address(report_id: int) -> str:
    return url_for("networks.report_detail", mandatory_report_id=report_id)


def _log_sight(report: MandatoryReport) -> None:
    audit(
        db.session(), "view_mandatory_report", "mandatory_report", report.id,
        school_id=realm().id, by=current_user.id, pupil_id=report.pupil_id,
    )  # fmt: skip
