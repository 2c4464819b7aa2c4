"""Pages of the school: mandatory reports of suspected harm, opened in two taps and followed."""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import lazy_gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas import navigation
from lxsaas.accounts.access import realm, requires
from lxsaas.core import clock
from lxsaas.core.audit import audit
from lxsaas.core.messages import N_
from lxsaas.core.pages import Page
from lxsaas.core.permissions import Permission
from lxsaas.exports.answering import list_or_job
from lxsaas.exports.content import Content, Sheet, Sheets
from lxsaas.exports.kinds import Kind, declare
from lxsaas.extensions import db
from lxsaas.networks import child_course as child_course
from lxsaas.networks import labels, registers, report_queries
from lxsaas.networks import messages as messages
from lxsaas.networks.report_pages import report_table
from lxsaas.pupils import reach
from lxsaas.pupils.sections import Section, add_section
from lxsaas.registers.pages import PAGE_SIZE, mount

blueprint = Blueprint("networks", __name__, url_prefix="/s/<school_slug>")
for register in registers.ALL:
    mount(blueprint, register)
_NAME = lazy_gettext("Mandatory reports")
navigation.add_tile("protection", "networks.report_list", _NAME, "alert-triangle", Permission.REPORT_HARM)
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
    rows = [row for row in readable_rows() if request.args.get("show") != "open" or row[1].state != "closed"]
    return render_template(
        "networks/report_list.html",
        page=Page.of(rows, request.args.get("page", 1, type=int), PAGE_SIZE),
        follows=follows_all(),
    )


@blueprint.post("/mandatory-reports.xlsx")
@requires(Permission.FOLLOW_HARM)
def report_export() -> BaseResponse:
    """The school's reports with their clocks, for a spreadsheet: states and instants, no text."""
    return list_or_job(REPORTS)


def export_content() -> Content:
    rows = readable_rows()
    table = report_table(rows)
    return Sheets([Sheet(table.title, table, len(rows))])


def note_export(rows: int) -> None:
    audit(
        db.session(), "export_mandatory_report", "mandatory_report", None,
        school_id=realm().id, by=current_user.id, rows=rows,
    )  # fmt: skip


REPORTS = declare(
    Kind(
        "mandatory_reports", N_("Mandatory reports"), Permission.FOLLOW_HARM, export_content,
        "mandatory-reports", note=note_export,
    )
)  # fmt: skip


def follows_all() -> bool:
    """Whether the signed-in person follows every report of the school."""
    return Permission.FOLLOW_HARM in current_user.permissions


def readable_rows() -> Any:
    """The reports that the signed-in person may read, each with its state, child, class and opener."""
    query = report_queries.reports_for(current_user.id, all_of_school=follows_all(), on=reach.today())
    return db.session.execute(report_queries.with_states(query)).all()
