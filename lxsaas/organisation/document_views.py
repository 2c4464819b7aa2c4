"""Plans and rules: what one has to read, texts to start from, publishing, editions, reading confirmed."""

from flask import Response, abort, redirect, render_template, request, url_for
from flask_babel import get_locale, gettext
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import realm, requires
from lxsaas.core.audit import audit
from lxsaas.core.permissions import Permission
from lxsaas.document_templates.making import in_its_language
from lxsaas.documents.answers import document_response
from lxsaas.extensions import db
from lxsaas.organisation import actions, queries
from lxsaas.organisation import reach as own
from lxsaas.organisation.document_paper import KIND, document_of
from lxsaas.organisation.models import DocumentReceipt, PlanDocument
from lxsaas.organisation.starting_texts import STARTING_TEXTS, starting_text
from lxsaas.organisation.views import blueprint
from lxsaas.pupils import reach
from lxsaas.registers.attempts import attempt


@blueprint.get("/reading")
@requires(Permission.VIEW_ORGANISATION)
def reading() -> str:
    """What one has to read and confirm, and what one has confirmed."""
    waiting = queries.to_read(current_user.id, reach.today(), own.term_name())
    confirmed = (
        select(PlanDocument, DocumentReceipt.confirmed_on)
        .join(
            DocumentReceipt,
            (DocumentReceipt.school_id == PlanDocument.school_id)
            & (DocumentReceipt.document_id == PlanDocument.id),
        )
        .where(
            DocumentReceipt.staff_id == current_user.id, DocumentReceipt.confirmed_on.is_not(None),
            PlanDocument.withdrawn_at.is_(None),
        )
        .order_by(DocumentReceipt.confirmed_on.desc(), PlanDocument.id.desc())
    )  # fmt: skip
    return render_template(
        "organisation/reading.html",
        waiting=db.session.scalars(waiting).all(),
        confirmed=db.session.execute(confirmed.limit(100)).all(),
    )


@blueprint.get("/plan-documents/starting-texts")
@requires(Permission.MANAGE_ORGANISATION)
def starting_texts() -> str:
    """The usual plans and rules, each with a text to start from."""
    language = str(get_locale())[:2]
    texts = [(code, kind, starting_text(code, language)[0]) for code, kind in STARTING_TEXTS.items()]
    return render_template("organisation/starting_texts.html", texts=texts)


@blueprint.post("/plan-documents/<int:plan_document_id>/publication")
@requires(Permission.MANAGE_ORGANISATION)
def document_publication(plan_document_id: int) -> BaseResponse:
    """Puts a document in force."""
    document = _document(plan_document_id)
    seen = request.form.get("version", 0, type=int)

    def act() -> str:
        copies = actions.publish(
            db.session(), document, version=seen, today=reach.today(), term=own.term_name(),
            by=current_user.id,
        )  # fmt: skip
        return str(gettext("Published; %(count)s colleagues have their copy.", count=copies))

    attempt(act)
    return redirect(_address(plan_document_id))


@blueprint.post("/plan-documents/<int:plan_document_id>/editions")
@requires(Permission.MANAGE_ORGANISATION)
def document_edition(plan_document_id: int) -> BaseResponse:
    """Begins the next edition and opens its form."""
    document = _document(plan_document_id)
    made: list[int] = []

    def act() -> None:
        made.append(actions.begin_edition(db.session(), document, by=current_user.id).id)

    if not attempt(act):
        return redirect(_address(plan_document_id))
    return redirect(url_for("organisation.plan_document_edit", plan_document_id=made[0]))


@blueprint.post("/plan-documents/<int:plan_document_id>/receipt")
@requires(Permission.VIEW_ORGANISATION)
def document_receipt(plan_document_id: int) -> BaseResponse:
    """Confirms that one has read a document."""
    document = _document(plan_document_id)

    def act() -> str:
        actions.confirm_reading(db.session(), document, today=reach.today(), by=current_user.id)
        return str(gettext("Thank you: your reading is confirmed."))

    attempt(act)
    return redirect(_address(plan_document_id))


@blueprint.get("/plan-documents/<int:plan_document_id>/word")
@requires(Permission.VIEW_ORGANISATION)
def document_word(plan_document_id: int) -> Response:
    """The document for Word, with who has read it for who keeps it; its making is logged."""
    document = _document(plan_document_id)
    readers = queries.readers_of(document, reach.today(), own.term_name())
    shown = db.session.execute(readers).all() if own.manages() and document.published_on else []
    with in_its_language(db.session(), KIND, school_id=realm().id):
        content = document_of(db.session(), document, realm().name, shown)
    audit(
        db.session(), "export_document", "plan_document", document.id,
        school_id=realm().id, by=current_user.id,
    )  # fmt: skip
    name = gettext("Document %(day)s", day=(document.published_on or reach.today()).isoformat())
    db.session.commit()
    return document_response(content, name)


def _document(document_id: int) -> PlanDocument:
    """A document that one may see and that counts, or 404."""
    query = select(PlanDocument).where(PlanDocument.id == document_id, own.seen_documents())
    return db.session.scalars(query.where(PlanDocument.withdrawn_at.is_(None))).one_or_none() or abort(404)


def _address(document_id: int) -> str:
    return url_for("organisation.plan_document_detail", plan_document_id=document_id)
