"""Forms about alarms and their rules."""

from collections.abc import Mapping

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import SelectChoice

from lxsaas.accounts.forms import show_error
from lxsaas.alarms.actions import MOST_PERIODS, Wish
from lxsaas.alarms.definitions import Kind
from lxsaas.alarms.labels import DELIVERIES, LEVELS
from lxsaas.alarms.models import AlarmRule
from lxsaas.core.errors import RuleError
from lxsaas.correspondence.definitions import TEXT_LENGTH
from lxsaas.correspondence.forms import WARNING, DifficultyForm
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.registers.forms import choice, day, long_text, number, tick

REMARK_LENGTH = 500


class RemarkForm(FlaskForm):
    remark = long_text(
        lazy_gettext("What is known, what is done"), limit=REMARK_LENGTH,
        description=WARNING,
    )  # fmt: skip


class RequestForm(DifficultyForm):
    """A request to a school because of an alarm: with a day."""

    text = long_text(lazy_gettext("Your words"), limit=TEXT_LENGTH, description=WARNING)
    due_on = day(lazy_gettext("Answer by"))


class RuleForm(FlaskForm):
    """A rule of one kind; what the kind does not ask for has no field."""

    indicator = choice(lazy_gettext("Indicator"), {})
    level = choice(lazy_gettext("Level"), LEVELS)
    bound = number(lazy_gettext("Bound"), most=30_000, optional=True)
    periods = number(lazy_gettext("Periods in a row"), least=1, most=MOST_PERIODS)
    delivery = choice(lazy_gettext("Told"), DELIVERIES)
    is_active = tick(lazy_gettext("In force"))

    def fit(self, kind: Kind, *, is_new: bool) -> None:
        """Takes away what the kind does not ask for, and what never changes of a rule."""
        if not is_new or len(kind.indicators) < 2:
            del self.indicator
        else:
            self.indicator.choices = [
                SelectChoice("", gettext("Choose …")),
                *(SelectChoice(code, gettext(INDICATORS[code].name)) for code in kind.indicators),
            ]
        if len(kind.levels) == 1:
            del self.level
        else:
            self.level.choices = [SelectChoice(one, gettext(LEVELS[one])) for one in kind.levels]
        if kind.measure is None:
            del self.bound
        else:
            self.bound.label.text, self.bound.description = bound_words(kind)
            self.bound.flags.required = kind.measure != "percent"
        if not kind.has_periods:
            del self.periods

    def wish(self, kind: Kind, rule: AlarmRule | None) -> Wish:
        """What was typed; where there is no field what stands, or the kind's only choice."""
        only = kind.indicators[0] if len(kind.indicators) == 1 else None
        typed: Mapping[str, object] = self.data
        return Wish(
            kind=kind.code,
            level=str(typed.get("level") or kind.levels[0]),
            indicator=rule.indicator if rule else str(typed["indicator"]) if "indicator" in typed else only,
            bound=self.bound.data if "bound" in self else None,
            periods=self.periods.data if "periods" in self else 1,
            delivery=str(self.delivery.data),
            is_active=bool(self.is_active.data),
        )

    def refuse(self, error: RuleError) -> None:
        show_error(self, error)


def bound_words(kind: Kind) -> tuple[str, str]:
    """Label and hint of the bound of a kind."""
    label, hint = {
        "percent": (gettext("Below how many per cent"), gettext("Empty: below the target of its time.")),
        "count": (gettext("More than"), ""),
        "days": (gettext("Days of term without an entry"), gettext("Holidays do not count.")),
        "hour": (gettext("Hour of the morning"), gettext("By this hour the night is expected.")),
    }[kind.measure or "count"]
    return str(label), str(hint)
