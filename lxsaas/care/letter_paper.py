"""Letters to parents as a Word document: the school's letterhead around each child's letter (P26)."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from lxsaas.care.models import LetterTemplate
from lxsaas.core.messages import N_
from lxsaas.document_templates import samples
from lxsaas.document_templates.kinds import DocumentKind, Put, Translate, declare
from lxsaas.document_templates.making import word_of
from lxsaas.documents.fields import Fields, TemplateField
from lxsaas.documents.paper import Paper

FIELDS = Fields(
    TemplateField("school", "学校", N_("Name of the school.")),
    TemplateField("title", "标题", N_("Title of the letter's text.")),
    TemplateField("child", "孩子姓名", N_("The child's name."), is_told=False, is_per_page=True),
    TemplateField(
        "body", "正文", N_("The letter's text with the child's figures, a paragraph a line."), "lines",
        is_required=True, is_per_page=True,
    ),
    TemplateField("class", "班级", N_("Grade and class."), is_told=False),
    TemplateField("teacher", "班主任", N_("The homeroom teacher's name."), is_told=False),
    TemplateField("term", "学期", N_("The term."), is_told=False),
    TemplateField("day", "日期", N_("The day of printing."), is_told=False),
)  # fmt: skip


def starting_template(translate: Translate, put: Put) -> bytes:
    paper = Paper()
    paper.line(put("school"), size=16, center=True)
    paper.title(put("title"), size=20)
    # The text brings its own address, greeting, signature and empty lines.
    paper.line(put("body"), size=12, after=0)
    return paper.template()


def sample_values(translate: Translate) -> dict[str, Any]:
    return {
        "school": translate(samples.SCHOOL), "title": translate(N_("A letter to parents (sample)")),
        "child": translate(samples.CHILD), "body": [translate(samples.WORDS)] * 3,
        "class": translate(samples.CLASS), "teacher": translate(samples.TEACHER),
        "term": translate(N_("Autumn term (sample)")), "day": translate(samples.DAY),
    }  # fmt: skip


KIND = declare(
    DocumentKind(
        "letter", N_("Letter to parents"), N_("A class's letters in one file, each on a page of its own."),
        FIELDS, starting_template, sample_values, language="zh",
    )
)  # fmt: skip


def letters_of(
    session: Session,
    template: LetterTemplate,
    letters: Sequence[tuple[str, str]],
    shared: Mapping[str, str],
) -> bytes:
    """The letters of some children of a class: (name, text) of each; `shared` by the texts' placeholders."""
    values = {
        "title": template.title,
        "day": shared["today"],
        **{code: shared[code] for code in ("school", "class", "teacher", "term")},
    }
    pages = [{"child": name, "body": text.splitlines()} for name, text in letters]
    return word_of(session, KIND, values, school_id=template.school_id, title=template.title, pages=pages)
