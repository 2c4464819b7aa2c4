"""A subscription's letter about a period: subject, plain text, HTML, workbook; never a child's name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

import mrml
from flask import current_app, render_template
from flask_babel import force_locale
from sqlalchemy.orm import Session

from lxsaas.config import Settings
from lxsaas.indicators.definitions import INDICATORS, Period
from lxsaas.indicators.figures import Figure
from lxsaas.reports import unsubscribe
from lxsaas.reports.alarm_lines import write_alarm
from lxsaas.reports.filing_reminders import write_reminder
from lxsaas.reports.letter import Letter
from lxsaas.reports.models import ReportSubscription
from lxsaas.reports.owing import clock_of
from lxsaas.reports.reading import ReportData, Subject, UnitLine, read_report
from lxsaas.reports.schedule import period_of
from lxsaas.reports.workbook import workbook_of

WORST = 10
"""Schools that a letter lists: who wants all opens the page or the workbook."""
LISTED = 6
"""Missed targets that it names of each."""
DEFAULT_LANGUAGE = "zh_Hans_CN"
ORDER: tuple[Period, ...] = ("month", "day", "term")
TERMLY: tuple[Period, ...] = ("term", "month", "day")
Lines = list[tuple[UnitLine, list[Figure]]]


@dataclass
class Read:
    """What was read for one letter and serves the next about the same figures; kept for a short while."""

    by_key: dict[Any, Any] = field(default_factory=dict)

    def get(self, key: Any, read: Callable[[], Any]) -> Any:
        """What stands under the key, read if it does not yet."""
        if key not in self.by_key:
            self.by_key[key] = read()
        return self.by_key[key]


def write_letter(
    session: Session,
    subscription: ReportSubscription,
    period_on: date,
    about_id: int,
    *,
    language: str | None,
    read: Read,
    sees_harm: bool = False,
) -> Letter | None:
    """The letter that a message stands for; None where the unit is there no more.

    Also for an alarm about a mandatory report, of which its reader may not know (`sees_harm`).

    For somebody of a school the session's scope must hold that school.
    """
    language = subscription.language or language
    end = unsubscribe.address_of(current_app.extensions["lxsaas.settings"])
    if subscription.report == "alarms":
        return write_alarm(session, about_id, language, end, sees_harm=sees_harm)
    if subscription.report == "filings":
        return write_reminder(session, about_id, language, end)
    data = report_data(session, subscription, period_on, read)
    if data is None:
        return None
    return write_report(data, chosen_codes(subscription), language, subscription.with_workbook, end)


def report_data(
    session: Session, subscription: ReportSubscription, period_on: date, read: Read
) -> ReportData | None:
    """The figures of a subscription's unit and period."""
    district_id = subscription.district_id
    terms = read.get(("terms", district_id), lambda: clock_of(session, district_id).terms)
    subject = Subject(
        subscription.report,
        subscription.level,
        subscription.unit_id,
        *period_of(subscription.report, period_on, terms),
        is_own=subscription.school_staff_id is not None,
    )
    found = read.get((district_id, subject), lambda: read_report(session, district_id, subject))
    return cast(ReportData | None, found)


def chosen_codes(subscription: ReportSubscription) -> list[str]:
    """The indicators of a subscription in the order of their definition."""
    return [code for code in INDICATORS if subscription.indicators is None or code in subscription.indicators]


def write_report(
    data: ReportData,
    codes: Sequence[str],
    language: str | None,
    with_workbook: bool = False,
    unsubscribe_address: str | None = None,
) -> Letter:
    """The letter in a language, Chinese where none is chosen; a mail says how to get it no more."""
    language = language or DEFAULT_LANGUAGE
    folder = f"email/{data.subject.report}"
    with force_locale(language):
        context = context_of(data, codes) | {
            "html_lang": "en" if language == "en" else "zh-CN",
            "unsubscribe_address": unsubscribe_address,
        }
        html = mrml.to_html(render_template(f"{folder}/body.mjml.html", **context)).content
        workbook = workbook_of(data, codes) if with_workbook else None
        return Letter(
            " ".join(render_template(f"{folder}/subject.txt", **context).split()),
            spaced(render_template(f"{folder}/body.txt", **context)),
            html,
            [workbook] if workbook else [],
        )


def context_of(data: ReportData, codes: Sequence[str]) -> dict[str, Any]:
    """What the templates of all reports are given."""
    missing = _missing(data.schools, codes)
    order = TERMLY if data.subject.report == "term" else ORDER
    figures = [one for one in data.figures if one.indicator.code in codes]
    grouped = [(period, [one for one in figures if one.indicator.period == period]) for period in order]
    return {
        "data": data,
        "groups": [(period, found) for period, found in grouped if found],
        "townships": [(row, row.missed(codes)) for row in data.townships],
        "schools": missing[:WORST],
        "missing_count": len(missing),
        "listed": LISTED,
    } | addresses(data)


def _missing(rows: Sequence[UnitLine], codes: Sequence[str]) -> Lines:
    """Those that miss targets, most first; as many as on the page stand in its order."""
    lines = [(row, row.missed(codes)) for row in rows]
    return sorted((line for line in lines if line[1]), key=lambda line: -len(line[1]))


def addresses(data: ReportData) -> dict[str, str]:
    """Where the figures and the subscriptions are; addresses name units, never a child."""
    settings: Settings = current_app.extensions["lxsaas.settings"]
    base = settings.base_url.rstrip("/")
    if data.subject.is_own:
        home = f"{base}/s/{data.school_slug}"
        return {"address": f"{home}/figures", "manage_address": f"{home}/reports"}
    home = f"{base}/d/{data.district_slug}"
    page = {
        "district": "overview",
        "township": f"townships/{data.subject.unit_id}",
        "school": f"schools/{data.subject.unit_id}",
    }[data.subject.level]
    return {
        "address": f"{home}/{page}",
        "manage_address": f"{home}/reports",
        "alarms_address": f"{home}/alarms",
    }


def spaced(text: str) -> str:
    """A text without more than one empty line in a row, and none at its ends."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.strip() or (lines and lines[-1]):
            lines.append(line.rstrip())
    return "\n".join(lines).strip("\n") + "\n"
