"""What the pages about one's own reports show, at a school's and at a district's address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from flask import abort, g
from flask_babel import gettext
from flask_login import current_user

from lxsaas.accounts.access import realm
from lxsaas.core import clock
from lxsaas.core.pages import Page
from lxsaas.core.permissions import Permission
from lxsaas.extensions import db
from lxsaas.indicators.published import last_computed
from lxsaas.reports import owing_queries
from lxsaas.reports import subscription_queries as queries
from lxsaas.reports.alarm_lines import newest_alarm
from lxsaas.reports.filing_reminders import newest_reminder
from lxsaas.reports.forms import Units
from lxsaas.reports.labels import FATES, PAUSES, REPORTS, period_text, when
from lxsaas.reports.letter import Letter
from lxsaas.reports.models import AT_ONCE, OutboxMessage, ReportSubscription
from lxsaas.reports.owing import clock_of
from lxsaas.reports.schedule import EXPIRES, DistrictClock, latest_period, next_due, period_of
from lxsaas.reports.subscription_actions import Owner
from lxsaas.reports.unsubscribe import PLACEHOLDER
from lxsaas.reports.writing import Read, write_letter

PAGE_SIZE = 20
HISTORY = 200
"""Mails of which the page tells; older ones are history."""
_AHEAD = timedelta(days=70)


@dataclass(frozen=True)
class Line:
    """A subscription as the list shows it."""

    one: ReportSubscription
    name: str
    unit: str
    when: str
    pause: str | None
    """Why nothing is sent."""
    next_at: datetime | None


@dataclass(frozen=True)
class Sent:
    """A mail as the history shows it; never its text."""

    name: str
    unit: str
    period: str
    at: datetime
    """When it went, else when it is to go."""
    fate: str
    look: str


def owner() -> Owner:
    """The signed-in person."""
    school_id = realm().id if realm().kind == "school" else None
    return Owner(realm().district_id, current_user.id, school_id, current_user.township_ids)


def place() -> DistrictClock:
    """The district's clock and terms, read once a request."""
    if "district_clock" not in g:
        g.district_clock = clock_of(db.session(), realm().district_id)
    return g.district_clock  # type: ignore[no-any-return]


def load(subscription_id: int, *, beyond_reach: bool = False) -> ReportSubscription:
    """One's own subscription; 404 for any other, and unless asked for one beyond one's townships."""
    query = queries.own_subscriptions(owner().person).where(ReportSubscription.id == subscription_id)
    one = db.session.scalars(query).one_or_none() or abort(404)
    if not beyond_reach and (one.level, one.unit_id) not in reached():
        abort(404)
    return one


def offered_reports() -> list[str]:
    """What can be asked for here: alarms are the district's, reminders of statistics a school's."""
    others = "filings" if realm().kind == "district" else "alarms"
    return [one for one in REPORTS if one != others]


def units() -> Units:
    """What an officer can be told of; nothing to choose at a school."""
    if realm().kind == "school":
        return {}
    headings = {
        "district": gettext("District"), "township": gettext("Townships"), "school": gettext("Schools"),
    }  # fmt: skip
    return {
        heading: [
            (f"{kind}:{unit_id}", name) for (level, unit_id), name in reached().items() if level == kind
        ]
        for kind, heading in headings.items()
    }


def reached() -> Mapping[tuple[str, int], str]:
    """By level and id the names of what the signed-in person may be told of."""
    if realm().kind == "school":
        return {("school", realm().id): realm().name}
    if "units_reached" not in g:
        query = queries.units_in_reach(realm().district_id, current_user.township_ids)
        g.units_reached = {(row[0], row[1]): row[2] for row in db.session.execute(query)}
    return g.units_reached  # type: ignore[no-any-return]


def overview() -> Sequence[Line]:
    """One's own subscriptions, each with when it is due next."""
    found = db.session.scalars(queries.own_subscriptions(owner().person)).all()
    since = clock.today(realm().timezone) - _AHEAD
    rows = db.session.execute(owing_queries.owed_since(realm().district_id, since, [one.id for one in found]))
    owed = {(row[0], row[1]) for row in rows}
    names = reached()
    return [
        Line(
            one,
            gettext(REPORTS[one.report][0]),
            names.get((one.level, one.unit_id), "–"),
            when(one),
            pause_of(one, names),
            next_at(one, {period for number, period in owed if number == one.id}),
        )
        for one in found
    ]


def pause_of(one: ReportSubscription, names: Mapping[tuple[str, int], str]) -> str | None:
    """Why nothing is sent, in words; None where it is."""
    if one.is_active and (one.level, one.unit_id) in names:
        return None
    code = (one.paused_reason or "own") if (one.level, one.unit_id) in names else "reach"
    return str(gettext(PAUSES.get(code, PAUSES["own"])))


def next_at(one: ReportSubscription, owed: set[date]) -> datetime | None:
    """When the next report is due; None for alarms, while it is paused, where no term is known."""
    if not one.is_active or one.report in AT_ONCE:
        return None
    due = next_due(one, place().zone, place().terms, clock.now(), since=one.since, owed=owed)
    return due.at if due is not None else None


def history(number: int) -> Page[Sent]:
    """What went when, the newest first."""
    rows = db.session.execute(queries.own_messages(owner().person).limit(HISTORY)).all()
    page = Page.of([(row[0], row[1]) for row in rows], number, PAGE_SIZE)
    items = [_sent(message, one, reached()) for message, one in page.items]
    return Page(items, page.page, page.pages, page.total)


def _sent(message: OutboxMessage, one: ReportSubscription, names: Mapping[tuple[str, int], str]) -> Sent:
    fate, look = FATES[message.state]
    return Sent(
        gettext(REPORTS[one.report][0]),
        names.get((one.level, one.unit_id), "–"),
        period_text(one.report, *period_of(one.report, message.period_on, place().terms)),
        message.sent_at or message.next_attempt_at,
        gettext(fate),
        look,
    )


def letter_now(one: ReportSubscription) -> Letter | None:
    """The letter about the newest period that is over, or the newest alarm; None where there is none yet."""
    if one.report == "alarms":
        return _alarm_letter(one)
    if one.report == "filings":
        return _reminder_letter(one)
    today = clock.today(realm().timezone)
    period_on = latest_period(one.report, place().terms, today)
    if one.report == "night" and one.school_staff_id is None and period_on is not None:
        # Before the night has come: the one before it, if that is still told.
        period_on = db.session.scalar(last_computed(period_on - EXPIRES["night"], period_on)) or period_on
    if period_on is None:
        return None
    return _written(one, period_on, 0)


def _alarm_letter(one: ReportSubscription) -> Letter | None:
    alarm_id = newest_alarm(db.session(), one.district_id, one.level, one.unit_id, sees_harm=sees_harm())
    return _written(one, clock.today(realm().timezone), alarm_id) if alarm_id is not None else None


def _reminder_letter(one: ReportSubscription) -> Letter | None:
    reminder_id = newest_reminder(db.session(), one.district_id, one.unit_id)
    return _written(one, clock.today(realm().timezone), reminder_id) if reminder_id is not None else None


def sees_harm() -> bool:
    """Whether the signed-in person may know which school has opened a mandatory report."""
    return Permission.VIEW_HARM_STATES in current_user.permissions


def _written(one: ReportSubscription, period_on: date, about_id: int) -> Letter | None:
    letter = write_letter(
        db.session(), one, period_on, about_id,
        language=current_user.language, sees_harm=sees_harm(), read=Read(),
    )  # fmt: skip
    return letter and _without_token(letter)


def _without_token(letter: Letter) -> Letter:
    """Only a mail holds the address that ends its subscription with one click."""
    return replace(
        letter,
        text=letter.text.replace(PLACEHOLDER, "…"),
        html=letter.html.replace(PLACEHOLDER, "…"),
    )
