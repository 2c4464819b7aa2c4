"""What an alarm and a rule say, the same on pages, in mails and in spreadsheets."""

from collections.abc import Mapping

from flask_babel import format_date, format_percent, gettext, ngettext

from lxsaas.alarms.definitions import KINDS
from lxsaas.alarms.models import Alarm, AlarmRule
from lxsaas.core.messages import N_
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.figures import Figure

LEVELS: Mapping[str, str] = {"school": N_("School"), "township": N_("Township"), "district": N_("District")}
DELIVERIES: Mapping[str, str] = {"at_once": N_("At once"), "digest": N_("With the digest")}
SHOWN: Mapping[str, str] = {
    "open": N_("Still so"),
    "new": N_("Open and not acknowledged"),
    "closed": N_("No longer so"),
    "all": N_("All"),
}


def rule_title(rule: AlarmRule, bound: int | None, periods: int) -> str:
    """What a rule asks for, or asked for when it raised an alarm."""
    if rule.kind in ("below", "above"):
        title = _compared(rule, bound)
        if periods == 1:
            return title
        return str(gettext("%(what)s %(in_a_row)s", what=title, in_a_row=_in_a_row(rule, periods)))
    if rule.kind == "must_visits" and bound:
        return str(gettext("More than %(bound)s must-visits overdue", bound=bound))
    if rule.kind == "silent":
        return str(
            ngettext(
                "No entry for %(num)s day of term or more",
                "No entry for %(num)s days of term or more",
                bound or 0,
            )
        )
    if rule.kind == "night":
        return str(gettext("Night not complete by %(hour)s:00", hour=bound))
    return str(gettext(KINDS[rule.kind].name))


def _compared(rule: AlarmRule, bound: int | None) -> str:
    indicator = INDICATORS[rule.indicator or ""]
    name = gettext(indicator.name)
    if bound is None:
        return str(gettext("%(indicator)s: target missed", indicator=name))
    if rule.kind == "above":
        return str(gettext("%(indicator)s above %(bound)s", indicator=name, bound=bound))
    return str(gettext("%(indicator)s below %(bound)s%%", indicator=name, bound=bound))


def _in_a_row(rule: AlarmRule, periods: int) -> str:
    period = INDICATORS[rule.indicator or ""].period
    return str(
        {
            "day": gettext("on %(count)s days in a row", count=periods),
            "month": gettext("in %(count)s months in a row", count=periods),
            "term": gettext("in %(count)s terms in a row", count=periods),
        }[period]
    )


def alarm_title(alarm: Alarm, rule: AlarmRule) -> str:
    return rule_title(rule, alarm.bound, alarm.periods)


def figure_of(alarm: Alarm, rule: AlarmRule) -> Figure | None:
    """The figure that raised an alarm, as it was shown; None where it was none."""
    if rule.indicator is None:
        return None
    return Figure(
        INDICATORS[rule.indicator], alarm.numerator, alarm.denominator, alarm.hidden, alarm.slack,
        target=alarm.bound,
    )  # fmt: skip


def alarm_value(alarm: Alarm, rule: AlarmRule) -> str:
    """The numbers that raised it, with the signs of those that are hidden."""
    figure = figure_of(alarm, rule)
    if rule.kind == "must_visits" and figure is not None:
        return _overdue(figure)
    if figure is not None:
        return figure_text(figure)
    if rule.kind == "silent":
        days = ngettext("%(num)s day of term", "%(num)s days of term", alarm.numerator or 0)
        return str(gettext("%(days)s, since %(day)s", days=days, day=format_date(alarm.about_on)))
    if rule.kind == "night" and alarm.numerator is not None:
        return str(
            gettext(
                "%(missing)s of %(schools)s schools missing",
                missing=alarm.numerator,
                schools=alarm.denominator,
            )
        )
    return str(gettext("The night has not begun.") if rule.kind == "night" else format_date(alarm.about_on))


def _overdue(figure: Figure) -> str:
    least, most = figure.bounds or (0, 0)
    due = figure.denominator or 0
    missing = str(due - most) if least == most else f"{due - most}–{due - least}"
    return str(gettext("%(missing)s of %(due)s not in time", missing=missing, due=due))


def figure_text(figure: Figure) -> str:
    """'57.5% (23/40)'; of a hidden one the sign that the pages show; of a sum its bounds."""
    if figure.bounds is None:
        return figure.sign or "–"
    counted = figure.sign or (
        str(figure.bounds[0]) if not figure.slack else f"{figure.bounds[0]}–{figure.bounds[1]}"
    )
    if not figure.indicator.is_rate:
        return counted
    parts = f"{counted}/{figure.denominator}"
    return parts if figure.rate is None else f"{format_percent(figure.rate, '#,##0.#%')} ({parts})"


def about(alarm: Alarm, rule: AlarmRule) -> str:
    """The period or day that an alarm is about."""
    period = INDICATORS[rule.indicator].period if rule.indicator else "day"
    if period == "month":
        return str(format_date(alarm.about_on, gettext("MMMM yyyy")))
    if period == "term":
        return str(gettext("Term from %(day)s", day=format_date(alarm.about_on)))
    return str(format_date(alarm.about_on))
