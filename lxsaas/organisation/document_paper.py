"""A plan or a rule of the school as a Word document, with who has read it (P2)."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from flask_babel import format_date, gettext

from lxsaas.core.messages import N_
from lxsaas.documents.filling import fill
from lxsaas.documents.paper import Paper, field, word
from lxsaas.organisation.models import PlanDocument
from lxsaas.organisation.texts import blocks_of


@cache
def document_template() -> bytes:
    """Fields: school, title, told (edition and day), blocks of {heading, paragraph, items}, readers.

    Of a block one field is filled; `readers` is a list of {name, read}.
    """
    paper = Paper()
    paper.title(field("school"), size=16)
    paper.title(field("title"))
    paper.line(field("told"), size=12, center=True)
    with paper.each("block", "blocks"):
        with paper.when("block.heading"):
            paper.heading(field("block.heading"))
        with paper.when("block.paragraph"):
            paper.line(field("block.paragraph"), indent=True)
        with paper.when("block.items"):
            with paper.each("item", "block.items"):
                paper.line("— " + field("item"), indent=True)
    with paper.when("readers"):
        paper.heading(word(N_("Read and confirmed")))
        paper.table(
            [word(N_("Colleague")), word(N_("Read on"))],
            [field("row.name"), field("row.read")],
            widths_cm=(8, 8), of="readers",
        )  # fmt: skip
    return paper.template()


def document_of(document: PlanDocument, school: str, readers: Sequence[Any]) -> bytes:
    """A document in the language of the request; `readers`: rows of `queries.readers_of`, or none."""
    told = gettext("Edition %(number)s", number=document.edition)
    if document.published_on:
        day = format_date(document.published_on, "long")
        told = gettext("%(edition)s, published on %(day)s", edition=told, day=day)
    values = {
        "school": school,
        "title": document.title,
        "told": told,
        "blocks": [
            {
                "heading": one.lines[0] if one.kind == "heading" else "",
                "paragraph": one.lines[0] if one.kind == "paragraph" else "",
                "items": one.lines if one.kind == "items" else [],
            }
            for one in blocks_of(document.body)
        ],
        "readers": [
            {"name": one.name, "read": format_date(one.confirmed_on) if one.confirmed_on else "–"}
            for one in readers
        ],
    }
    return fill(
        document_template(), values, title=document.title, made_at=document.recorded_at, translate=gettext
    )
