"""The certificate of an award as a Word document: one page, to be printed and stamped."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import format_date, gettext
from sqlalchemy.orm import Session

from lxsaas.core.messages import N_
from lxsaas.document_templates import samples
from lxsaas.document_templates.kinds import DocumentKind, Put, Translate, declare
from lxsaas.document_templates.making import word_of
from lxsaas.documents.fields import Fields, TemplateField
from lxsaas.documents.paper import Paper

TITLE = N_("Certificate of honour")
REASON = N_(
    "In the school year %(year)s you are chosen, for your care in the work for left-behind children, as"
)
FIELDS = Fields(
    TemplateField("name", "姓名", N_("Who is honoured."), is_required=True),
    TemplateField("award", "奖项", N_("As what.")),
    TemplateField("reason", "颁奖词", N_("The sentence before the award, with the school year.")),
    TemplateField("year", "学年", N_("School year, such as 2025–2026."), is_told=False),
    TemplateField("school", "学校", N_("Name of the school.")),
    TemplateField("day", "评定日期", N_("The day of the decision.")),
)


@dataclass(frozen=True)
class Honour:
    """Who is honoured as what."""

    name: str
    award: str
    """In the reader's language."""
    year: str
    """'2026–2027'."""
    school: str
    decided_on: date


def starting_template(translate: Translate, put: Put) -> bytes:
    paper = Paper(landscape=True)
    paper.gap(36)
    paper.title(translate(TITLE), size=40)
    paper.gap(18)
    paper.line(translate(N_("%(name)s:")) % {"name": put("name")}, size=26)
    paper.line(put("reason"), size=22, indent=True)
    paper.title(put("award"), size=30)
    paper.line(translate(N_("This certificate is given as encouragement.")), size=22, indent=True)
    paper.gap(24)
    paper.line(put("school"), size=20, right=True)
    paper.line(put("day"), size=20, right=True)
    return paper.template()


def sample_values(translate: Translate) -> dict[str, Any]:
    return {
        "name": translate(samples.CHILD), "award": translate(N_("Sample award")), "year": samples.YEAR,
        "reason": translate(REASON) % {"year": samples.YEAR}, "school": translate(samples.SCHOOL),
        "day": translate(samples.DAY),
    }  # fmt: skip


KIND = declare(
    DocumentKind(
        "award_certificate", TITLE, N_("Of an award of the school, one page across."), FIELDS,
        starting_template, sample_values,
    )
)  # fmt: skip


def certificate_of(session: Session, honour: Honour, *, school_id: int) -> bytes:
    """The certificate, filled."""
    values = {
        "name": honour.name,
        "award": honour.award,
        "reason": gettext(REASON, year=honour.year),
        "year": honour.year,
        "school": honour.school,
        "day": format_date(honour.decided_on, "long"),
    }
    return word_of(session, KIND, values, school_id=school_id, title=gettext(TITLE))
