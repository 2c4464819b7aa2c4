"""What reports, their times and the fates of their mails are called."""

from datetime import date

from flask_babel import format_date, get_locale, gettext

from lxsaas.core.messages import N_
from lxsaas.reports.models import ReportSubscription

REPORTS = {
    "night": (N_("Nightly digest"), N_("Every morning the figures of the day before.")),
    "week": (N_("Weekly report"), N_("Once a week the figures at the week's end, against the week before.")),
    "month": (N_("Monthly report"), N_("Once a month the whole month before.")),
    "term": (N_("Termly report"), N_("Some days after a term's end the whole term.")),
    "alarms": (N_("Alarms"), N_("Each alarm as it is raised, where its rule says “at once”.")),
    "filings": (
        N_("Term statistics and annual summary"),
        N_("When the district asks for them, before they are due, and while they are late or returned."),
    ),
}
"""Name and meaning of each."""
FATES = {
    "pending": (N_("in the queue"), "quiet"),
    "claimed": (N_("is being sent"), "info"),
    "sending": (N_("is being sent"), "info"),
    "sent": (N_("sent"), "good"),
    "retry": (N_("is tried again"), "warn"),
    "failed": (N_("not delivered"), "poor"),
    "bounced": (N_("came back"), "poor"),
    "unknown": (N_("not known whether it arrived"), "warn"),
    "expired": (N_("not sent any more"), "quiet"),
}
"""What became of a mail, and the look of it."""
PAUSES = {
    "own": N_("Paused"),
    "unsubscribed": N_("Ended from a mail"),
    "reach": N_("Not sent: beyond your townships"),
    "bounced": N_("Paused, for mail came back"),
}
"""Why nothing is sent."""
_PATTERNS = {
    "night": N_("Every morning from %(hour)s"),
    "week": N_("Each %(weekday)s from %(hour)s"),
    "month": N_("On day %(day)s of the month from %(hour)s"),
    "month_end": N_("On day %(day)s of the month, else its last, from %(hour)s"),
    "term": N_("%(days)s days after the end of a term from %(hour)s"),
    "alarms": N_("At once"),
    "filings": N_("When they are asked for or due"),
}


def weekdays() -> list[tuple[int, str]]:
    """Monday as 1 to Sunday as 7, in the reader's language."""
    names = get_locale().days["stand-alone"]["wide"]
    return [(number + 1, names[number]) for number in range(7)]


def when(subscription: ReportSubscription) -> str:
    """The schedule in words."""
    given = {
        "hour": f"{subscription.send_at:%H:%M}",
        "weekday": dict(weekdays())[subscription.weekday or 1],
        "day": subscription.day_of_month,
        "days": subscription.days_after,
    }
    return str(gettext(_PATTERNS[_kind(subscription)])) % given


def _kind(subscription: ReportSubscription) -> str:
    has_last = subscription.report == "month" and (subscription.day_of_month or 1) > 28
    return "month_end" if has_last else subscription.report


def period_text(report: str, first: date, last: date) -> str:
    """The period of a mail."""
    if report == "month":
        return str(format_date(first, gettext("MMMM yyyy")))
    if first == last:
        return str(format_date(first, "medium"))
    return f"{format_date(first, 'medium')} – {format_date(last, 'medium')}"
