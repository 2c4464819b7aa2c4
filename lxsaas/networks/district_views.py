"""The district's page of mandatory reports: that they exist, how old they are, how they stand."""

from typing import Any

from flask import Blueprint, abort, render_template, request
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.core.audit import audit
from lxsaas.core.messages import N_
from lxsaas.core.pages import Page
from lxsaas.core.permissions import Permission
from lxsaas.exports.answering import list_or_job
from lxsaas.exports.content import Content, Sheet, Sheets
from lxsaas.exports.kinds import Kind, declare
from lxsaas.exports.townships import within_townships
from lxsaas.extensions import db
from lxsaas.networks import labels, report_queries
from lxsaas.networks.report_models import DistrictMandatoryReport
from lxsaas.networks.report_pages import district_table
from lxsaas.networks.views import age_of
from lxsaas.registers.pages import PAGE_SIZE

blueprint = Blueprint("district_networks", __name__, url_prefix="/d/<district_slug>")


@blueprint.context_processor
def words() -> dict[str, object]:
    return {"labels": labels, "age_of": age_of}


@blueprint.get("/mandatory-reports")
@requires(Permission.VIEW_DISTRICT_FIGURES)
def report_list() -> str:
    """How many reports stand how, and for officers which school's, by age."""
    follows = Permission.VIEW_HARM_STATES in current_user.permissions
    # A township may have one school: its number would name it to an analyst who may not know.
    townships = current_user.township_ids if follows else None
    counted = db.session.execute(report_queries.counts_by_state(realm().id, townships)).all()
    rows = db.session.execute(_chosen()).all() if follows else []
    return render_template(
        "networks/district_reports.html",
        counts={state: (count, oldest) for state, count, oldest in counted},
        page=Page.of(rows, request.args.get("page", 1, type=int), PAGE_SIZE),
        follows=follows,
    )


@blueprint.route("/mandatory-reports.<any(xlsx, csv):form>", methods=["GET", "POST"])
@requires(Permission.VIEW_HARM_STATES)
def report_export(form: str) -> BaseResponse:
    """The list as it is chosen, a long one asked for by POST; its making is logged."""
    return list_or_job(REPORTS, form)


def export_content() -> Content:
    rows = db.session.execute(_chosen()).all()
    table = district_table(rows)
    return Sheets([Sheet(table.title, table, len(rows))])


def note_export(rows: int) -> None:
    audit(
        db.session(), "export_mandatory_report", "district_mandatory_report", None,
        district_id=realm().id, by=current_user.id, rows=rows,
    )  # fmt: skip


REPORTS = declare(
    Kind(
        "district.mandatory_reports", N_("Mandatory reports"), Permission.VIEW_HARM_STATES, export_content,
        "mandatory-reports", place="district", names_children=False, reach=within_townships(),
        note=note_export,
    )
)  # fmt: skip


@blueprint.get("/mandatory-reports/<int:district_mandatory_report_id>")
@requires(Permission.VIEW_HARM_STATES)
def report_detail(district_mandatory_report_id: int) -> str:
    """One report's clock, and what the school chose to share; the sight is logged."""
    query = report_queries.district_reports(realm().id, current_user.township_ids)
    one = query.where(DistrictMandatoryReport.id == district_mandatory_report_id)
    row = db.session.execute(one).one_or_none() or abort(404)
    audit(
        db.session(), "view_mandatory_report", "district_mandatory_report", district_mandatory_report_id,
        district_id=realm().id, by=current_user.id, shared=row[0].shared_at is not None,
    )  # fmt: skip
    shown = render_template("networks/district_report.html", state=row[0], school=row[1], township=row[2])
    db.session.commit()
    return shown


def _chosen() -> Any:
    """The reports that the address asks for."""
    return report_queries.district_reports(
        realm().id,
        current_user.township_ids,
        state=request.args.get("state", ""),
        words=request.args.get("q", "").strip(),
        sort=request.args.get("sort", ""),
    )
