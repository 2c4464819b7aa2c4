"""The certificate of the parents' school as a Word document, to be printed and stamped (P25)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import format_date, gettext
from sqlalchemy.orm import Session

from lxsaas.activities.family_models import ParentsSession
from lxsaas.core.messages import N_
from lxsaas.document_templates import samples
from lxsaas.document_templates.kinds import DocumentKind, Put, Translate, declare
from lxsaas.document_templates.making import word_of
from lxsaas.documents.fields import Column, Fields, TemplateField
from lxsaas.documents.paper import Paper
from lxsaas.pupils.labels import RELATIONS
from lxsaas.pupils.models import Guardian, Pupil

TITLE = N_("Certificate of the parents’ school")
TEXT = N_(
    "%(name)s (%(relation)s of %(child)s) took part in %(sessions)s sessions of our parents’ "
    "school, %(minutes)s minutes in all, in the school year %(first)s–%(last)s."
)
FIELDS = Fields(
    TemplateField("name", "姓名", N_("Who took part."), is_told=False),
    TemplateField("child", "孩子姓名", N_("The child's name."), is_told=False),
    TemplateField("relation", "与孩子关系", N_("How the person is related to the child."), is_told=False),
    TemplateField("times", "听课次数", N_("In how many sessions."), is_told=False),
    TemplateField("minutes", "听课分钟", N_("How many minutes in all."), is_told=False),
    TemplateField("text", "正文", N_("A sentence of all of this.")),
    TemplateField("sessions", "听课记录", N_("The sessions with day, topic and minutes."), "table", columns=(
        Column("day", N_("Day"), 5), Column("topic", N_("Topic"), 12), Column("minutes", N_("Minutes"), 3),
    )),
    TemplateField("school", "学校", N_("Name of the school.")),
    TemplateField("given_on", "颁发日期", N_("The day on which it is given.")),
)  # fmt: skip


def starting_template(translate: Translate, put: Put) -> bytes:
    paper = Paper(landscape=True)
    paper.gap()
    paper.title(translate(TITLE), size=30)
    paper.line(put("text"), size=18, indent=True)
    paper.gap(10)
    paper.line(put("sessions"), size=12)
    paper.line(put("school"), size=16, right=True)
    paper.line(put("given_on"), size=16, right=True)
    return paper.template()


def sample_values(translate: Translate) -> dict[str, Any]:
    row = {"day": translate(samples.DAY), "topic": translate(N_("Sample topic")), "minutes": 45}
    told = {
        "name": translate(samples.PARENT), "child": translate(samples.CHILD),
        "relation": translate(RELATIONS["61"]), "minutes": 90,
    }  # fmt: skip
    return {
        **told, "times": 2, "sessions": [row, row], "school": translate(samples.SCHOOL),
        "text": translate(TEXT) % {**told, "sessions": 2, "first": 2026, "last": 2027},
        "given_on": translate(samples.DAY),
    }  # fmt: skip


KIND = declare(
    DocumentKind(
        "parents_school_certificate", TITLE, N_("For who came to sessions of the parents’ school."),
        FIELDS, starting_template, sample_values, language="zh",
    )
)  # fmt: skip


def certificate_of(
    session: Session, member: Guardian, child: Pupil, sessions: Sequence[ParentsSession], *,
    school: str, first: date, today: date,
) -> bytes:  # fmt: skip
    """The certificate of who came to these sessions, in the language of the `force_locale` around it."""
    told = {
        "name": member.name,
        "child": child.name,
        "relation": gettext(RELATIONS.get(member.relation, RELATIONS["97"])),
        "minutes": sum(one.minutes for one in sessions),
    }
    values = {
        **told,
        "times": len(sessions),
        "text": gettext(TEXT, **told, sessions=len(sessions), first=first.year, last=first.year + 1),
        "sessions": [
            {"day": format_date(one.held_on, "long"), "topic": one.topic, "minutes": one.minutes}
            for one in sessions
        ],
        "school": school,
        "given_on": format_date(today, "long"),
    }
    return word_of(session, KIND, values, school_id=member.school_id, title=gettext(TITLE))
