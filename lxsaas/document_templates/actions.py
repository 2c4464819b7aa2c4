"""Taking a school's template of a document, and putting it aside."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.core.clock import now
from lxsaas.document_templates import queries
from lxsaas.document_templates.kinds import DocumentKind
from lxsaas.document_templates.models import DocumentTemplate
from lxsaas.documents.checking import Usage
from lxsaas.documents.trial import try_template


def keep_template(session: Session, kind: DocumentKind, *, school_id: int, content: bytes, by: int) -> Usage:
    """Takes a school's template in place of the one before; raises TemplateRefused with every fault."""
    usage = try_template(content, kind.fields, kind.samples(str))
    # One upload after the other: a button that is pressed twice sends it twice.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"template:{school_id}:{kind.code}"))))
    in_force = queries.template_in_force(school_id, kind.code)
    if (before := session.scalars(in_force).one_or_none()) is not None:
        before.ended_at = now()
        session.flush()
    template = DocumentTemplate(
        school_id=school_id, document=kind.code, content=content, unused=[*usage.unused], uploaded_by=by
    )
    session.add(template)
    session.flush()
    _note(session, "upload_template", template, by)
    return usage


def put_template_aside(session: Session, template: DocumentTemplate, *, by: int) -> None:
    """From now on the product's own template is used; what is final keeps the one that it was made with.

    One that is in force no more stays as it is, and so does the one that came after it.
    """
    session.refresh(template, with_for_update=True)
    if template.ended_at is None:
        template.ended_at = now()
        _note(session, "put_template_aside", template, by)
        session.flush()


def _note(session: Session, action: str, template: DocumentTemplate, by: int) -> None:
    audit(
        session, action, "document_template", template.id, school_id=template.school_id, by=by,
        document=template.document,
    )  # fmt: skip
