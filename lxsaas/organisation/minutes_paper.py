"""The minutes of a leading group's meeting, laid out to be printed and signed (P1)."""

from collections.abc import Sequence
from datetime import date
from functools import cache

from flask_babel import format_date, gettext
from sqlalchemy.orm import Session

from lxsaas.accounts.models import Staff
from lxsaas.core.messages import N_
from lxsaas.documents.filling import fill
from lxsaas.documents.paper import Paper, field, word
from lxsaas.duty_rules.queries import last_term
from lxsaas.organisation import queries
from lxsaas.organisation.models import GroupDecision, GroupMeeting


@cache
def minutes_template() -> bytes:
    """Fields: school, held_on, place, present, absent, agenda, minutes, decisions, open, printed_on.

    `decisions` and `open` are lists of {words, owner, due, state}; `agenda` and `minutes` lists of lines.
    """
    paper = Paper()
    paper.title(field("school"), size=16)
    paper.title(word(N_("Minutes of the leading group for left-behind children")))
    paper.facts(
        [
            (word(N_("Held on")), field("held_on")),
            (word(N_("Place")), field("place")),
            (word(N_("Present")), field("present")),
            (word(N_("Not present")), field("absent")),
        ]
    )
    for heading, lines in ((N_("Agenda"), "agenda"), (N_("Discussion"), "minutes")):
        with paper.when(lines):
            paper.heading(word(heading))
            with paper.each("line", lines):
                paper.line(field("line"), size=12, indent=True)
    for heading, rows in (
        (N_("Still open from earlier meetings"), "open"),
        (N_("Decisions"), "decisions"),
    ):
        with paper.when(rows):
            paper.heading(word(heading))
            paper.table(
                [word(one) for one in (N_("What"), N_("Who"), N_("Due on"), N_("State"))],
                [field(f"row.{one}") for one in ("words", "owner", "due", "state")],
                widths_cm=(7.8, 2.6, 3.6, 2.4), of=rows,
            )  # fmt: skip
    paper.signatures([word(N_("Chair (signature): ")), word(N_("Minutes kept by (signature): "))])
    paper.line(field("printed_on"), size=12, right=True)
    return paper.template()


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
        "place": meeting.place or "",
        "present": _listed(present),
        "absent": _listed([one for one in members if one not in present]),
        "agenda": meeting.agenda.splitlines(),
        "minutes": (meeting.minutes or "").splitlines(),
        "decisions": [_told(*row) for row in session.execute(own)],
        "open": [_told(*row) for row in session.execute(queries.open_at(meeting))],
        "printed_on": format_date(meeting.held_on, "long"),
    }
    title = gettext("Minutes of the leading group for left-behind children")
    return fill(minutes_template(), values, title=title, made_at=meeting.recorded_at, translate=gettext)


def _listed(staff: Sequence[Staff]) -> str:
    return str(gettext(", ").join(one.name for one in staff)) or "–"


def _told(decision: GroupDecision, owner: str, _held_on: date) -> dict[str, str]:
    done = decision.done_on
    state = gettext("done on %(day)s", day=format_date(done)) if done else gettext("open")
    return {"words": decision.words, "owner": owner, "due": format_date(decision.due_on), "state": state}
