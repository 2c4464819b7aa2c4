"""The minutes of a leading group's meeting as a Word document, to be printed and signed (P1)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import format_date, gettext
from sqlalchemy.orm import Session

from lxsaas.accounts.models import Staff
from lxsaas.core.messages import N_
from lxsaas.document_templates import samples
from lxsaas.document_templates.kinds import DocumentKind, Put, Translate, declare
from lxsaas.document_templates.making import word_of
from lxsaas.documents.fields import Column, Fields, TemplateField
from lxsaas.documents.paper import Paper
from lxsaas.duty_rules.queries import last_term
from lxsaas.organisation import queries
from lxsaas.organisation.models import GroupDecision, GroupMeeting

TITLE = N_("Minutes of the leading group for left-behind children")
COLUMNS = (
    Column("words", N_("What"), 7.8), Column("owner", N_("Who"), 2.6), Column("due", N_("Due on"), 3.6),
    Column("state", N_("State"), 2.4),
)  # fmt: skip
FIELDS = Fields(
    TemplateField("school", "学校", N_("Name of the school.")),
    TemplateField("held_on", "开会日期", N_("The day of the meeting.")),
    TemplateField("place", "地点", N_("Where the group met.")),
    TemplateField("present", "出席人员", N_("Who was there.")),
    TemplateField("absent", "缺席人员", N_("Members of the group who were not there.")),
    TemplateField("agenda", "议程", N_("What was to be discussed."), "lines", none=N_("Nothing is noted.")),
    TemplateField(
        "minutes", "讨论记录", N_("What was discussed."), "lines", is_required=True,
        none=N_("Nothing is noted."),
    ),
    TemplateField(
        "open", "未完成事项", N_("Decisions of earlier meetings that are still open."), "table",
        columns=COLUMNS, none=N_("None."),
    ),
    TemplateField(
        "decisions", "决定事项", N_("What was decided, who sees to it, until when."), "table",
        columns=COLUMNS, none=N_("None."),
    ),
)  # fmt: skip


def starting_template(translate: Translate, put: Put) -> bytes:
    paper = Paper()
    paper.title(put("school"), size=16)
    paper.title(translate(TITLE))
    paper.facts(
        [
            (translate(N_("Held on")), put("held_on")),
            (translate(N_("Place")), put("place")),
            (translate(N_("Present")), put("present")),
            (translate(N_("Not present")), put("absent")),
        ]
    )
    for heading, code in (
        (N_("Agenda"), "agenda"),
        (N_("Discussion"), "minutes"),
        (N_("Still open from earlier meetings"), "open"),
        (N_("Decisions"), "decisions"),
    ):
        paper.heading(translate(heading))
        paper.line(put(code), size=12 if FIELDS[code].kind == "lines" else 11, indent=True)
    paper.signatures([translate(N_("Chair (signature): ")), translate(N_("Minutes kept by (signature): "))])
    paper.line(put("held_on"), size=12, right=True)
    return paper.template()


def sample_values(translate: Translate) -> dict[str, Any]:
    words, day = translate(samples.WORDS), translate(samples.DAY)
    row = {"words": words, "owner": translate(samples.TEACHER), "due": day, "state": translate(N_("open"))}
    return {
        "school": translate(samples.SCHOOL), "held_on": day, "place": translate(samples.PLACE),
        "present": translate(samples.TEACHER), "absent": translate(samples.OTHER_TEACHER),
        "agenda": [words, words], "minutes": [words, words], "open": [row], "decisions": [row],
    }  # fmt: skip


KIND = declare(
    DocumentKind(
        "minutes", N_("Minutes of a meeting"), N_("Of the leading group, to be signed and kept."),
        FIELDS, starting_template, sample_values,
    )
)  # fmt: skip


def minutes_of(session: Session, meeting: GroupMeeting, school: str, district_id: int) -> bytes:
    """The minutes of a meeting, in the language of the request; absent are the group's members not there."""
    present = session.scalars(queries.attended(meeting)).all()
    term = session.scalars(last_term(district_id, meeting.held_on)).one_or_none()
    members = [staff for _, staff in session.execute(queries.members_of(term.name))] if term else []
    own = queries.decisions().where(
        GroupDecision.group_meeting_id == meeting.id, GroupDecision.withdrawn_at.is_(None)
    )
    values = {
        "school": school,
        "held_on": format_date(meeting.held_on, "long"),
        "place": meeting.place or "–",
        "present": _listed(present),
        "absent": _listed([one for one in members if one not in present]),
        "agenda": meeting.agenda.splitlines(),
        "minutes": (meeting.minutes or "").splitlines(),
        "decisions": [_told(*row) for row in session.execute(own)],
        "open": [_told(*row) for row in session.execute(queries.open_at(meeting))],
    }
    return word_of(
        session, KIND, values, school_id=meeting.school_id, title=gettext(TITLE), made_at=meeting.recorded_at
    )


def _listed(staff: Sequence[Staff]) -> str:
    return str(gettext(", ").join(one.name for one in staff)) or "–"


def _told(decision: GroupDecision, owner: str, _held_on: date) -> dict[str, str]:
    done = decision.done_on
    state = gettext("done on %(day)s", day=format_date(done)) if done else gettext("open")
    return {"words": decision.words, "owner": owner, "due": format_date(decision.due_on), "state": state}
