"""Reads of a school's templates; their files only where a document is made."""

from sqlalchemy import Select, select

from lxsaas.document_templates.models import DocumentTemplate


def template_in_force(school_id: int, document: str) -> Select[DocumentTemplate]:
    """The school's own template of a document, if it has one."""
    return select(DocumentTemplate).where(
        DocumentTemplate.school_id == school_id,
        DocumentTemplate.document == document,
        DocumentTemplate.ended_at.is_(None),
    )


def own_templates(school_id: int) -> Select[str]:
    """Of which documents the school has a template of its own."""
    return select(DocumentTemplate.document).where(
        DocumentTemplate.school_id == school_id, DocumentTemplate.ended_at.is_(None)
    )


def template_of_id(school_id: int, template_id: int) -> Select[DocumentTemplate]:
    """One template of the school, in force or not."""
    return select(DocumentTemplate).where(
        DocumentTemplate.school_id == school_id, DocumentTemplate.id == template_id
    )
