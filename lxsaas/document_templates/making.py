"""Makes a document from the school's own template, or from the product's where it has none."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from lxsaas.document_templates import queries
from lxsaas.document_templates.kinds import DocumentKind
from lxsaas.document_templates.languages import LOCALES, language, language_of_template
from lxsaas.documents.expanding import fill_fields


@contextmanager
def in_its_language(session: Session, kind: DocumentKind, *, school_id: int) -> Iterator[None]:
    """While its values are put into words: the document's own language, its template's, else the reader's."""
    own = session.scalars(queries.template_in_force(school_id, kind.code)).one_or_none()
    code = kind.language or (language_of_template(own.content) if own else language())
    with force_locale(LOCALES[code]):
        yield


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
