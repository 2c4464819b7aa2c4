"""The certificate of an award as a Word document: one page, to be printed and stamped."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from flask_babel import format_date, gettext

from lxsaas.core.messages import N_
from lxsaas.documents.filling import fill
from lxsaas.documents.paper import Paper, field, word


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


@cache
def certificate_template() -> bytes:
    """Fields: name, text, award, school, day."""
    paper = Paper(landscape=True)
    paper.gap(36)
    paper.title(word(N_("Certificate of honour")), size=40)
    paper.gap(18)
    paper.line(field("name"), size=26)
    paper.line(field("text"), size=22, indent=True)
    paper.title(field("award"), size=30)
    paper.line(word(N_("This certificate is given as encouragement.")), size=22, indent=True)
    paper.gap(24)
    paper.line(field("school"), size=20, right=True)
    paper.line(field("day"), size=20, right=True)
    return paper.template()


def certificate_of(honour: Honour) -> bytes:
    """The certificate, filled."""
    values = {
        "name": gettext("%(name)s:", name=honour.name),
        "text": gettext(
            "In the school year %(year)s you are chosen, for your care in the work for left-behind children,"
            " as",
            year=honour.year,
        ),
        "award": honour.award,
        "school": honour.school,
        "day": format_date(honour.decided_on, "long"),
    }
    return fill(certificate_template(), values, title=gettext("Certificate of honour"), translate=gettext)
