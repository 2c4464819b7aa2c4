"""Fills a template once before it is kept: what passes the check may still be broken for Word's libraries."""

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from lxsaas.documents.checking import Usage, check_template
from lxsaas.documents.expanding import fill_fields
from lxsaas.documents.faults import Fault, TemplateRefused
from lxsaas.documents.fields import Fields

PAGE_KB = 100
"""Of the text of one page, where each child has one: a letter has ten, and a school many children."""


def try_template(
    content: bytes, fields: Fields, values: Mapping[str, Any], *, is_paged: bool = False
) -> Usage:
    """What the template uses, once it was checked and filled with `values`, on two pages if `is_paged`.

    Raises TemplateRefused with its faults.
    """
    usage = check_template(content, fields)
    pages = [values, values] if is_paged else None
    try:
        made = fill_fields(content, fields, values, title="", pages=pages)
        parts = zipfile.ZipFile(io.BytesIO(made)).infolist()
    except Exception:  # Whatever a table without columns makes the libraries raise.
        raise TemplateRefused([Fault("unfillable")]) from None
    sizes = {one.filename: one.file_size for one in parts}
    if len(sizes) < len(parts):
        # A page header that is named twice: Word would call the document damaged.
        raise TemplateRefused([Fault("unfillable")])
    if pages and sizes["word/document.xml"] > len(pages) * PAGE_KB * 1024:
        raise TemplateRefused([Fault("long", limit=PAGE_KB)])
    return usage
