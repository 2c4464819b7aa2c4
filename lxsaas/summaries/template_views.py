"""A school's own template for its summaries: the fields that there are, the check, the upload."""

import io

from flask import Response, abort, flash, redirect, render_template, send_file, url_for
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.core.permissions import Permission
from lxsaas.documents.answers import document_response
from lxsaas.documents.faults import Fault, TemplateRefused
from lxsaas.documents.package import LIMIT
from lxsaas.extensions import db
from lxsaas.registers.attempts import attempt
from lxsaas.summaries import actions, queries
from lxsaas.summaries.document import FIELDS, starting_template
from lxsaas.summaries.forms import TemplateForm
from lxsaas.summaries.models import SummaryTemplate
from lxsaas.summaries.pages import language, translator
from lxsaas.summaries.views import blueprint


@blueprint.get("/template")
@requires(Permission.WRITE_SUMMARY)
def template() -> str:
    """The template in force, how to upload another, and the fields that it may use."""
    return _page(TemplateForm(formdata=None))


def _page(form: TemplateForm, faults: tuple[Fault, ...] = ()) -> str:
    held = db.session.scalars(queries.template_in_force(realm().id)).one_or_none()
    unused = [FIELDS[code] for code in held.unused if code in FIELDS] if held else []
    return render_template(
        "summaries/template.html", form=form, held=held, unused=unused, fields=FIELDS.values(),
        faults=[one.told(gettext) for one in faults], chinese=language() == "zh",
    )  # fmt: skip


@blueprint.post("/template")
@requires(Permission.WRITE_SUMMARY)
def upload_template() -> BaseResponse | tuple[str, int]:
    """Takes a template, or tells everything that is wrong with it."""
    form = TemplateForm()
    if not form.validate():
        return _page(form), 422
    content = form.file.data.stream.read(LIMIT + 1)
    try:
        actions.keep_template(db.session(), school_id=realm().id, content=content, by=current_user.id)
    except TemplateRefused as refusal:
        db.session.rollback()
        return _page(form, refusal.faults), 422
    db.session.commit()
    flash(gettext("The template is taken; drafts use it from now on."), "success")
    return redirect(url_for("summaries.template"))


@blueprint.get("/template/start.docx")
@requires(Permission.WRITE_SUMMARY)
def template_to_start_from() -> Response:
    """The product's own template with its fields, to be changed in Word."""
    chinese = language() == "zh"
    content = starting_template(translator(language()), chinese)
    return document_response(content, gettext("Template of the annual summary"))


def _template_or_404(summary_template_id: int) -> SummaryTemplate:
    query = select(SummaryTemplate).where(
        SummaryTemplate.school_id == realm().id, SummaryTemplate.id == summary_template_id
    )
    return db.session.scalars(query).one_or_none() or abort(404)


@blueprint.get("/templates/<int:summary_template_id>/file.docx")
@requires(Permission.WRITE_SUMMARY)
def template_file(summary_template_id: int) -> Response:
    """The template as it was uploaded."""
    held = _template_or_404(summary_template_id)
    answer = send_file(
        io.BytesIO(held.content), mimetype="application/octet-stream", as_attachment=True,
        download_name="template.docx",
    )  # fmt: skip
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.post("/templates/<int:summary_template_id>/end")
@requires(Permission.WRITE_SUMMARY)
def end_template(summary_template_id: int) -> BaseResponse:
    """Puts the school's template aside; the product's own is used again."""
    held = _template_or_404(summary_template_id)

    def act() -> str:
        actions.put_template_aside(db.session(), held, by=current_user.id)
        return str(gettext("The template was put aside."))

    attempt(act)
    return redirect(url_for("summaries.template"))
