"""Taking a school's template of a document, and putting it aside."""

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.document_templates.kinds import DocumentKind
from lxsaas.document_templates.models import DocumentTemplate
from lxsaas.documents.checking import Usage
from lxsaas.documents.trial import try_template


def keep_template(session: Session, kind: DocumentKind, *, school_id: int, content: bytes, by: int) -> Usage:
    """Takes a school's template in place of the one before; raises TemplateRefused with every fault."""
    usage = try_template(content, kind.fields, kind.samples(str))
    _end_templates(session, school_id, kind.code)
    template = DocumentTemplate(
        school_id=school_id, document=kind.code, content=content, unused=[*usage.unused], uploaded_by=by
    )
    session.add(template)
    session.flush()
    _note(session, "upload_template", template, by)
    return usage


def put_template_aside(session: Session, template: DocumentTemplate, *, by: int) -> None:
    """From now on the product's own template is used; what is final keeps the one that it was made with."""
    _end_templates(session, template.school_id, template.document)
    _note(session, "put_template_aside", template, by)
    session.flush()


def _end_templates(session: Session, school_id: int, document: str) -> None:
    session.execute(
        update(DocumentTemplate)
        .where(
            DocumentTemplate.school_id == school_id,
            DocumentTemplate.document == document,
            DocumentTemplate.ended_at.is_(None),
        )
        .values(ended_at=func.now())
    )


def _note(session: Session, action: str, template: DocumentTemplate, by: int) -> None:
    audit(
        session, action, "document_template", template.id, school_id=template.school_id, by=by,
        document=template.document,
    )  # fmt: skip
