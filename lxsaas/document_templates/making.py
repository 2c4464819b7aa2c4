"""Makes a document from the school's own template, or from the product's where it has none."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from lxsaas.document_templates import queries
from lxsaas.document_templates.kinds import DocumentKind
from lxsaas.document_templates.languages import language
from lxsaas.documents.expanding import fill_fields


def word_of(
    session: Session,
    kind: DocumentKind,
    values: Mapping[str, Any],
    *,
    school_id: int,
    title: str,
    pages: Sequence[Mapping[str, Any]] | None = None,
    made_at: datetime | None = None,
) -> bytes:
    """The document in the language of the request, or of the `force_locale` around it.

    `values` by the fields' codes; of a paper with a page a child, `pages` brings what differs.
    """
    own = session.scalars(queries.template_in_force(school_id, kind.code)).one_or_none()
    template = own.content if own else kind.starting_template(gettext, language())
    return fill_fields(
        template, kind.fields, values, title=title, pages=pages, made_at=made_at, translate=gettext
    )


def sample_of(session: Session, kind: DocumentKind, *, school_id: int) -> bytes:
    """The document filled with invented values, two pages of one with a page a child."""
    values = kind.samples(gettext)
    pages = [values, values] if kind.fields.is_paged else None
    return word_of(session, kind, values, school_id=school_id, title=gettext(kind.name), pages=pages)
