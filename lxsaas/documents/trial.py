"""Fills a template once before it is kept: what passes the check may still be broken for Word's libraries."""

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from lxsaas.documents.checking import Usage, check_template
from lxsaas.documents.expanding import fill_fields
from lxsaas.documents.faults import Fault, TemplateRefused
from lxsaas.documents.fields import Fields


def try_template(content: bytes, fields: Fields, values: Mapping[str, Any]) -> Usage:
    """What the template uses, once it was checked and filled with `values`; raises TemplateRefused."""
    usage = check_template(content, fields)
    try:
        made = fill_fields(content, fields, values, title="", pages=[values] * 2 if fields.is_paged else None)
        names = zipfile.ZipFile(io.BytesIO(made)).namelist()
    except Exception:  # Whatever a table without columns makes the libraries raise.
        raise TemplateRefused([Fault("unfillable")]) from None
    if len({*names}) < len(names):
        # A page header that is named twice: Word would call the document damaged.
        raise TemplateRefused([Fault("unfillable")])
    return usage
