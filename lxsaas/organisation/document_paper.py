"""A plan or a rule of the school as a Word document, with who has read it (P2)."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask_babel import format_date, gettext
from sqlalchemy.orm import Session

from lxsaas.core.messages import N_
from lxsaas.document_templates import samples
from lxsaas.document_templates.kinds import DocumentKind, Put, Translate, declare
from lxsaas.document_templates.making import word_of
from lxsaas.documents.fields import Column, Fields, TemplateField
from lxsaas.documents.paper import Paper
from lxsaas.organisation.models import PlanDocument
from lxsaas.organisation.texts import blocks_of

FIELDS = Fields(
    TemplateField("school", "学校", N_("Name of the school.")),
    TemplateField("title", "标题", N_("Title of the plan or rule.")),
    TemplateField("edition", "版次", N_("Which edition it is.")),
    TemplateField("published_on", "发布日期", N_("The day of its publication; “Draft” before.")),
    TemplateField("text", "正文", N_("The text with its headings."), "blocks", is_required=True),
    TemplateField(
        "readers", "阅读确认", N_("Who has read it and when, in what who keeps it takes out."), "table",
        columns=(Column("name", N_("Colleague"), 8), Column("read", N_("Read and confirmed on"), 8)),
    ),
)  # fmt: skip


def starting_template(translate: Translate, put: Put) -> bytes:
    paper = Paper()
    paper.title(put("school"), size=16)
    paper.title(put("title"))
    paper.line(f"{put('edition')}  {put('published_on')}", size=12, center=True)
    paper.line(put("text"), indent=True)
    paper.line(put("readers"), size=12)
    return paper.template()


def sample_values(translate: Translate) -> dict[str, Any]:
    words, day = translate(samples.WORDS), translate(samples.DAY)
    heading = {"heading": translate(N_("A heading of the text")), "line": ""}
    line = {"heading": "", "line": words}
    return {
        "school": translate(samples.SCHOOL), "title": translate(N_("Sample of a plan")),
        "edition": translate(N_("Edition %(number)s")) % {"number": 1}, "published_on": day,
        "text": [heading, line, line, heading, line],
        "readers": [{"name": translate(samples.TEACHER), "read": day}],
    }  # fmt: skip


KIND = declare(
    DocumentKind(
        "plan_document", N_("Plan or rule"), N_("What the school publishes for colleagues to read."),
        FIELDS, starting_template, sample_values,
    )
)  # fmt: skip


def document_of(session: Session, document: PlanDocument, school: str, readers: Sequence[Any]) -> bytes:
    """A document in the language of the request; `readers`: rows of `queries.readers_of`, or none."""
    values = {
        "school": school,
        "title": document.title,
        "edition": gettext("Edition %(number)s", number=document.edition),
        "published_on": (
            format_date(document.published_on, "long") if document.published_on else gettext("Draft")
        ),
        "text": list(_entries(document.body)),
        "readers": [
            {"name": one.name, "read": format_date(one.confirmed_on) if one.confirmed_on else "–"}
            for one in readers
        ],
    }
    return word_of(
        session, KIND, values, school_id=document.school_id, title=document.title,
        made_at=document.recorded_at,
    )  # fmt: skip


def _entries(body: str) -> Iterator[dict[str, str]]:
    for block in blocks_of(body):
        for line in block.lines:
            if block.kind == "heading":
                yield {"heading": line, "line": ""}
            else:
                yield {"heading": "", "line": f"— {line}" if block.kind == "items" else line}
