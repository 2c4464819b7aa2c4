"""The mail that reminds a school of the term's statistics: the day and the state; no figure, no child."""

from dataclasses import dataclass
from typing import Any

import mrml
from flask import current_app, render_template
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from lxsaas.config import Settings
from lxsaas.filings.models import DistrictFiling, FilingDecision, FilingReminder
from lxsaas.schools.models import School

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
    with force_locale(language or DEFAULT_LANGUAGE):
        context: dict[str, Any] = {
            "school": school,
            "reminder": reminder,
            "state": _state_of(session, reminder),
            "days_left": (reminder.due_on - reminder.reminded_on).days,
            "page": f"{address}filings",
            "reports": f"{address}reports",
            "unsubscribe_address": unsubscribe,
            "html_lang": "en" if language == "en" else "zh-CN",
        }
        folder = "email/filing"
        return ReminderLetter(
            " ".join(render_template(f"{folder}/subject.txt", **context).split()),
            render_template(f"{folder}/body.txt", **context),
            mrml.to_html(render_template(f"{folder}/body.mjml.html", **context)).content,
        )


def _state_of(session: Session, reminder: FilingReminder) -> str:
    """'missing', 'sent', 'accepted' or 'returned': the newest version's when the mail is written."""
    query = (
        select(DistrictFiling.filing_id, FilingDecision.outcome)
        .outerjoin(
            FilingDecision,
            (FilingDecision.district_id == DistrictFiling.district_id)
            & (FilingDecision.unit_id == DistrictFiling.unit_id)
            & (FilingDecision.filing_id == DistrictFiling.filing_id),
        )
        .where(
            DistrictFiling.district_id == reminder.district_id,
            DistrictFiling.unit_id == reminder.unit_id,
            DistrictFiling.term == reminder.term,
        )
        .order_by(DistrictFiling.version.desc())
    )
    found = session.execute(query).first()
    return "missing" if found is None else found[1] or "sent"
