"""The mail that tells a school what it owes: a day and a state; no figure, no child, no word of a person."""

from dataclasses import dataclass
from typing import Any

import mrml
from flask import current_app, render_template
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from lxsaas.config import Settings
from lxsaas.filings import queries, standings
from lxsaas.filings.definitions import Asked
from lxsaas.filings.drafting import asked_of
from lxsaas.filings.models import FilingReminder
from lxsaas.schools.models import School, Term

DEFAULT_LANGUAGE = "zh_Hans_CN"


@dataclass(frozen=True)
class ReminderLetter:
    """A mail's parts in one language."""

    subject: str
    text: str
    html: str


def write(
    session: Session, reminder_id: int, language: str | None, unsubscribe: str | None = None
) -> ReminderLetter | None:
    """The letter, Chinese where no language is chosen; None where there is no such reminder.

    `unsubscribe` is the address at which its reader gets no more of them.
    """
    query = (
        select(FilingReminder, School)
        .join(School, School.id == FilingReminder.unit_id)
        .where(FilingReminder.id == reminder_id)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    reminder, school = found
    settings: Settings = current_app.extensions["lxsaas.settings"]
    address = f"{settings.base_url.rstrip('/')}/s/{school.slug}/"
    is_summary = reminder.about == "summary"
    folder = "email/summary" if is_summary else "email/filing"
    with force_locale(language or DEFAULT_LANGUAGE):
        context: dict[str, Any] = {
            "folder": folder,
            "school": school,
            "reminder": reminder,
            "due_on": reminder.due_on,
            "days_left": (reminder.due_on - reminder.reminded_on).days,
            "page": f"{address}{'summaries' if is_summary else 'filings'}",
            "reports": f"{address}reports",
            "unsubscribe_address": unsubscribe,
            "html_lang": "en" if language == "en" else "zh-CN",
        }
        context |= _year_of(reminder) if is_summary else _request_of(session, reminder)
        return ReminderLetter(
            " ".join(render_template(f"{folder}/subject.txt", **context).split()),
            render_template(f"{folder}/body.txt", **context),
            mrml.to_html(render_template(f"{folder}/body.mjml.html", **context)).content,
        )


def _year_of(reminder: FilingReminder) -> dict[str, Any]:
    first = int(reminder.term)
    return {"year": f"{first}–{first + 1}"}


def _request_of(session: Session, reminder: FilingReminder) -> dict[str, Any]:
    """What is asked for, and how the school stands, when the mail is written."""
    query = select(Term).where(Term.district_id == reminder.district_id, Term.name == reminder.term)
    asked = asked_of(session, reminder.district_id, session.scalars(query).one())
    place = reminder.district_id, reminder.unit_id
    state = session.scalar(standings.state_at(*place, asked, reminder.reminded_on))
    news = _news(session, reminder, asked)
    due_on = asked.due_on if news and asked.due_on else reminder.due_on
    return {"asked": asked, "news": news, "due_on": due_on, "state": state or "missing"}


def _news(session: Session, reminder: FilingReminder, asked: Asked) -> str | None:
    """What of a request the mail tells: 'asked', 'changed' or 'withdrawn'; None: it reminds."""
    if reminder.edition is None or reminder.about == "return":
        return None
    if asked.due_on is None:
        return "withdrawn"
    editions = session.scalars(queries.editions_of(reminder.district_id, [reminder.term]))
    before = next((one for one in editions if one.edition < reminder.edition), None)
    return "asked" if before is None or before.due_on is None else "changed"
