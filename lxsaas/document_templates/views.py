"""The templates of a school's documents: the fields that there are, the check, the upload, a preview."""

import io

from flask import Blueprint, Response, abort, flash, redirect, render_template, send_file, url_for
from flask_babel import force_locale, gettext, lazy_gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.core.permissions import Permission
from lxsaas.document_templates import actions, queries
from lxsaas.document_templates.forms import TemplateForm
from lxsaas.document_templates.kinds import KINDS, DocumentKind
from lxsaas.document_templates.languages import LOCALES, language
from lxsaas.document_templates.making import in_its_language, sample_of
from lxsaas.document_templates.models import DocumentTemplate
from lxsaas.documents.answers import document_response
from lxsaas.documents.faults import Fault, TemplateRefused
from lxsaas.documents.package import LIMIT
from lxsaas.extensions import db
from lxsaas.navigation import add_tile
from lxsaas.registers.attempts import attempt

blueprint = Blueprint("document_templates", __name__, url_prefix="/s/<school_slug>/document-templates")
add_tile(
    "school", "document_templates.template_list", lazy_gettext("Document templates"), "clipboard-text",
    Permission.CHOOSE_TEMPLATES,
)  # fmt: skip


@blueprint.get("")
@requires(Permission.CHOOSE_TEMPLATES)
def template_list() -> str:
    """Every document, with the template that it is made from."""
    own = db.session.scalars(queries.own_templates(realm().id)).all()
    return render_template("document_templates/template_list.html", kinds=KINDS.values(), own=own)


@blueprint.get("/<document>")
@requires(Permission.CHOOSE_TEMPLATES)
def template_detail(document: str) -> str:
    """The template in force, how to upload another, and the fields that it may use."""
    return _page(_kind_or_404(document), TemplateForm(formdata=None))


def _kind_or_404(document: str) -> DocumentKind:
    return KINDS.get(document) or abort(404)


def _page(kind: DocumentKind, form: TemplateForm, faults: tuple[Fault, ...] = ()) -> str:
    held = db.session.scalars(queries.template_in_force(realm().id, kind.code)).one_or_none()
    unused = [kind.fields[code] for code in held.unused if code in kind.fields] if held else []
    return render_template(
        "document_templates/template_detail.html", kind=kind, form=form, held=held, unused=unused,
        faults=[one.told(gettext) for one in faults], chinese=_language_of(kind) == "zh",
    )  # fmt: skip


def _language_of(kind: DocumentKind) -> str:
    return kind.language or language()


@blueprint.post("/<document>")
@requires(Permission.CHOOSE_TEMPLATES)
def upload_template(document: str) -> BaseResponse | tuple[str, int]:
    """Takes a template, or tells everything that is wrong with it."""
    kind, form = _kind_or_404(document), TemplateForm()
    if not form.validate():
        return _page(kind, form), 422
    content = form.file.data.stream.read(LIMIT + 1)
    try:
        actions.keep_template(db.session(), kind, school_id=realm().id, content=content, by=current_user.id)
    except TemplateRefused as refusal:
        db.session.rollback()
        return _page(kind, form, refusal.faults), 422
    db.session.commit()
    flash(gettext("The template is taken and used from now on."), "success")
    return redirect(url_for("document_templates.template_detail", document=document))


@blueprint.get("/<document>/start.docx")
@requires(Permission.CHOOSE_TEMPLATES)
def starting_template(document: str) -> Response:
    """The product's own template with its fields, to be changed in Word."""
    kind = _kind_or_404(document)
    with force_locale(LOCALES[_language_of(kind)]):
        content = kind.starting_template(gettext, language())
    return document_response(content, gettext("Template: %(name)s", name=gettext(kind.name)))


@blueprint.get("/<document>/preview.docx")
@requires(Permission.CHOOSE_TEMPLATES)
def preview(document: str) -> Response:
    """The template in force, filled with invented values."""
    kind = _kind_or_404(document)
    with in_its_language(db.session(), kind, school_id=realm().id):
        content = sample_of(db.session(), kind, school_id=realm().id)
    return document_response(content, gettext("Preview: %(name)s", name=gettext(kind.name)))


@blueprint.get("/files/<int:document_template_id>.docx")
@requires(Permission.CHOOSE_TEMPLATES)
def template_file(document_template_id: int) -> Response:
    """The template as it was uploaded."""
    held = _template_or_404(document_template_id)
    answer = send_file(
        io.BytesIO(held.content), mimetype="application/octet-stream", as_attachment=True,
        download_name="template.docx",
    )  # fmt: skip
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.post("/files/<int:document_template_id>/end")
@requires(Permission.CHOOSE_TEMPLATES)
def end_template(document_template_id: int) -> BaseResponse:
    """Puts the school's template aside; the product's own is used again."""
    held = _template_or_404(document_template_id)

    def act() -> str:
        actions.put_template_aside(db.session(), held, by=current_user.id)
        return str(gettext("The template was put aside."))

    attempt(act)
    return redirect(url_for("document_templates.template_detail", document=held.document))


def _template_or_404(template_id: int) -> DocumentTemplate:
    return db.session.scalars(queries.template_of_id(realm().id, template_id)).one_or_none() or abort(404)
