"""The form of a subscription: the fields that its report needs and no others, so no script must hide any."""

from collections.abc import Mapping, Sequence
from datetime import time

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from lxsaas.accounts.forms import ChoicesField, required
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.registers.forms import number
from lxsaas.reports.labels import weekdays
from lxsaas.reports.models import AT_ONCE, ReportSubscription
from lxsaas.reports.subscription_actions import NEEDED, Choice

DEFAULT_HOUR = time(6, 30)
LANGUAGES = {"zh_Hans_CN": "中文", "en": "English"}
Units = Mapping[str, Sequence[tuple[str, str]]]
"""By heading the units that can be chosen: ('school:7', name)."""


class SubscriptionForm(FlaskForm):
    unit = SelectField(lazy_gettext("About"), validators=[required()])
    weekday = SelectField(lazy_gettext("Day of the week"), coerce=int, default=1)
    day_of_month = number(
        lazy_gettext("Day of the month"), least=1, most=31, default=1,
        description=lazy_gettext("In a shorter month its last day."),
    )  # fmt: skip
    days_after = number(lazy_gettext("Days after the term's end"), least=1, most=60, default=7)
    send_at = TimeField(
        lazy_gettext("Not before"),
        description=lazy_gettext("By the district's clock."),
        default=DEFAULT_HOUR,
        validators=[DataRequired(lazy_gettext("A time like 06:30 is needed."))],
    )
    indicators = ChoicesField(
        lazy_gettext("Indicators"), description=lazy_gettext("None chosen: all of them.")
    )
    language = SelectField(lazy_gettext("Language"))
    with_workbook = BooleanField(lazy_gettext("With the figures as a workbook (.xlsx)"))

    def offer(self, report: str, units: Units) -> None:
        """Sets what can be chosen of a report; a school's people have no choice of the unit."""
        for kind, name in NEEDED.items():
            if kind != report:
                delattr(self, name)
        if units:
            self.unit.choices = {str(heading): list(found) for heading, found in units.items() if found}
        else:
            del self.unit
        if "weekday" in self:
            self.weekday.choices = [SelectChoice(day, name) for day, name in weekdays()]
        if report in AT_ONCE:
            del self.send_at, self.indicators, self.with_workbook
        else:
            self.indicators.choices = [
                SelectChoice(code, lazy_gettext(one.name)) for code, one in INDICATORS.items()
            ]
        self.language.choices = [("", gettext("As my account")), *LANGUAGES.items()]

    def show(self, subscription: ReportSubscription) -> None:
        """Fills in what was chosen before."""
        if "unit" in self:
            self.unit.data = f"{subscription.level}:{subscription.unit_id}"
        for name in ("weekday", "day_of_month", "days_after", "send_at", "with_workbook"):
            if name in self:
                self[name].data = getattr(subscription, name)
        if "indicators" in self:
            self.indicators.data = list(subscription.indicators or ())
        self.language.data = subscription.language or ""

    def choice(self, report: str, school_id: int | None) -> Choice:
        """What was chosen, of a valid form."""
        level, _, unit_id = self.unit.data.partition(":") if school_id is None else ("school", ":", school_id)
        given = {
            name: self[name].data
            for name in ("weekday", "day_of_month", "days_after", "send_at", "with_workbook")
            if name in self
        }
        indicators = list(self.indicators.data or ()) if "indicators" in self else []
        return Choice(
            report, level, int(unit_id), indicators=indicators or None, language=self.language.data or None,
            **given,
        )  # fmt: skip
