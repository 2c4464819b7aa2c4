"""Fills a template once before it is kept: what passes the check may still be broken for Word's libraries."""

from collections.abc import Mapping
from typing import Any

from lxsaas.documents.checking import Usage, check_template
from lxsaas.documents.expanding import fill_fields
from lxsaas.documents.faults import Fault, TemplateRefused
from lxsaas.documents.fields import Fields, TemplateField
from lxsaas.documents.package import parts_of


def try_template(content: bytes, fields: Fields) -> Usage:
    """What the template uses, once it was checked and filled; raises TemplateRefused with its faults."""
    usage = check_template(content, fields)
    try:
        parts_of(fill_fields(content, fields, _anything(fields), title=""))
    except Exception:  # Whatever a broken table or a name that stands twice makes the libraries raise.
        raise TemplateRefused([Fault("unfillable")]) from None
    return usage


def _anything(fields: Fields) -> Mapping[str, Any]:
    return {one.code: _one(one) for one in fields.values()}


def _one(known: TemplateField) -> Any:
    if known.kind == "table":
        return [{column.code: column.code for column in known.columns}]
    return known.word if known.kind == "text" else [known.word]
