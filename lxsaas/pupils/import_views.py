"""The register's way by page: upload, preview, rejected rows to take home, apply."""

from collections.abc import Mapping
from typing import Any, cast

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from werkzeug.wrappers import Response as BaseResponse
from wtforms import BooleanField

from lxsaas.accounts.access import realm, requires
from lxsaas.core.audit import audit
from lxsaas.core.celery import send_hint
from lxsaas.core.downloads import TYPES
from lxsaas.core.errors import LxsaasError, NotFoundError
from lxsaas.core.messages import sentence
from lxsaas.core.pages import Page
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.pupils import imports, messages, queries, reach, tasks
from lxsaas.pupils.models import RegisterImport
from lxsaas.pupils.register import REASONS, RowProblem
from lxsaas.pupils.register.rejected import rejected_workbook
from lxsaas.pupils.views import blueprint

__all__ = ["messages"]
PAGE_SIZE = 100
SECTIONS = ("problems", "new", "changed", "left")
WAITING = (*imports.UNREAD, "applying")


class UploadForm(FlaskForm):
    file = FileField(
        lazy_gettext("Workbook (.xls or .xlsx)"), validators=[FileRequired(lazy_gettext("Choose a file."))]
    )


class ApplyForm(FlaskForm):
    accept_valid = BooleanField(lazy_gettext("Take the valid rows, leave the rejected ones out"))
    mark_left = BooleanField(lazy_gettext("Who is not in the sheet has left the school"))


@blueprint.route("/register", methods=["GET", "POST"])
@requires(Permission.IMPORT_REGISTER)
def import_list() -> BaseResponse | str:
    """Upload a register; earlier imports below."""
    form = UploadForm()
    if form.validate_on_submit():
        upload = form.file.data
        kept = imports.keep_upload(
            db.session(), school_id=realm().id, file_name=upload.filename or "", content=upload.read(),
            by=current_user.id,
        )  # fmt: skip
        db.session.commit()
        hint_reading(kept)
        return redirect(url_for("pupils.import_detail", import_id=kept.id))
    imports.discard_old(db.session(), realm().id)
    db.session.commit()
    earlier = db.session.scalars(queries.imports_of(realm().id).limit(20)).all()
    return render_template("pupils/import_list.html", form=form, imports=earlier)


@blueprint.get("/register/<int:import_id>")
@requires(Permission.IMPORT_REGISTER)
def import_detail(import_id: int) -> str:
    """Progress while a worker reads; then the preview, section by section, each sight of which is logged."""
    kept = load(import_id)
    if request.headers.get("HX-Request") and kept.state in WAITING:
        return render_template("pupils/_import_progress.html", kept=kept)
    found = imports.opened_preview(db.session(), kept)
    chosen = request.args.get("section", "")
    section = chosen if chosen in SECTIONS else next((one for one in SECTIONS if found.get(one)), "new")
    page = Page.of(found.get(section, []), request.args.get("page", 1, type=int), PAGE_SIZE)
    shown = render_template(
        "pupils/import_detail.html", kept=kept, section=section, page=page, form=ApplyForm(),
        failure=failure_text(kept), reason=reason_text, waiting=kept.state in WAITING,
    )  # fmt: skip
    if found:
        note_sight(kept, "view_register_import")
    return shown


@blueprint.post("/register/<int:import_id>/application")
@requires(Permission.IMPORT_REGISTER)
def apply_import(import_id: int) -> BaseResponse:
    """Applies the preview; rejected rows stay out only where that was ticked."""
    kept, form = load(import_id), ApplyForm()
    if imports.hold(db.session(), kept) != "previewed" or not kept.counts.get("accepted"):
        abort(409)
    if kept.counts.get("rejected") and not form.accept_valid.data:
        flash(
            gettext("Some rows are rejected: correct them, or tick that the valid rows are taken."), "error"
        )
        return redirect(url_for("pupils.import_detail", import_id=kept.id))
    kept.state = "applying"
    db.session.commit()
    place = realm()
    choices = (form.accept_valid.data, form.mark_left.data)
    send_hint(tasks.apply_register, place.id, place.district_id, place.timezone, kept.id, *choices)
    return redirect(url_for("pupils.import_detail", import_id=kept.id))


@blueprint.post("/register/<int:import_id>/retry")
@requires(Permission.IMPORT_REGISTER)
def retry_import(import_id: int) -> BaseResponse:
    """Asks a worker again, where one was killed with the task in hand; an apply goes back to its preview."""
    kept = load(import_id)
    if not imports.is_idle(db.session(), kept):
        flash(gettext("The work goes on; wait a moment."), "info")
    elif kept.state == "applying":
        kept.state = "previewed"
    elif kept.state in imports.UNREAD:
        hint_reading(kept)
    db.session.commit()
    return redirect(url_for("pupils.import_detail", import_id=kept.id))


@blueprint.post("/register/<int:import_id>/discard")
@requires(Permission.IMPORT_REGISTER)
def discard_import(import_id: int) -> BaseResponse:
    imports.discard(db.session(), load(import_id))
    db.session.commit()
    return redirect(url_for("pupils.import_list"))


@blueprint.get("/register/<int:import_id>/rejected.xlsx")
@requires(Permission.IMPORT_REGISTER)
def rejected_rows(import_id: int) -> Response:
    """The rejected rows with their reasons, to correct and import again; that they were taken is logged."""
    kept = load(import_id)
    parsed = imports.parse_kept(db.session(), kept, today=reach.today())
    rows = [(number, parsed.cells[number]) for number in parsed.rejected]
    body = rejected_workbook(parsed.headings, rows, parsed.problems, problem_text)
    note_sight(kept, "export_register_rows")
    headers = {"Content-Disposition": 'attachment; filename="rejected.xlsx"'}
    return Response(body, content_type=TYPES["xlsx"], headers=headers)


def load(import_id: int) -> RegisterImport:
    try:
        return imports.load_import(db.session(), realm().id, import_id)
    except NotFoundError:
        abort(404)


def note_sight(kept: RegisterImport, action: str) -> None:
    """Logs and commits that what a workbook or the archive says of children was seen."""
    audit(db.session(), action, "register_import", kept.id, school_id=kept.school_id, by=current_user.id)
    db.session.commit()


def hint_reading(kept: RegisterImport) -> None:
    place = realm()
    send_hint(tasks.read_register, place.id, place.district_id, place.timezone, kept.id)


def failure_text(kept: RegisterImport) -> str | None:
    """Why the file could not be used, in the reader's language."""
    if kept.failure is None:
        return None
    params = cast(Mapping[str, Any], kept.failure["params"])
    return sentence(LxsaasError(kept.failure["code"], **params), gettext)


def reason_text(problem: Mapping[str, str]) -> str:
    """'出生日期 is not a date'."""
    return f"{problem['column']}: {gettext(REASONS[problem['code']])}"


def problem_text(problem: RowProblem) -> str:
    return reason_text({"column": problem.column, "code": problem.code})
