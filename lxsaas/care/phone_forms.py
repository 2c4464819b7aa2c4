"""The form by which calls of the family phone are booked."""

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext, lazy_gettext
from wtforms import DateField, HiddenField, IntegerField, RadioField, SelectMultipleField, TimeField
from wtforms.validators import InputRequired, NumberRange

from lxsaas.care.details import PARTIES
from lxsaas.care.messages import PARTIES as WORDS
from lxsaas.care.models import CareKind
from lxsaas.care.phone_actions import MOST_WEEKS
from lxsaas.pupils.models import Pupil
from lxsaas.registers.forms import KeyedForm


def _between(label: object, least: int, most: int) -> IntegerField:
    message = lazy_gettext("Give a whole number from %(min)s to %(max)s.", min=least, max=most)
    return IntegerField(label, validators=[InputRequired(message), NumberRange(least, most, message)])


class PhoneForm(KeyedForm):
    pupils = SelectMultipleField(
        lazy_gettext("Children"),
        coerce=int,
        validators=[InputRequired(lazy_gettext("Choose at least one child."))],
    )
    on_day = DateField(
        lazy_gettext("Day"), validators=[InputRequired(lazy_gettext("Give the day as year-month-day."))]
    )
    at = TimeField(
        lazy_gettext("First call at"),
        validators=[InputRequired(lazy_gettext("Give the time as hours:minutes."))],
    )
    minutes = _between(lazy_gettext("Minutes for each"), 1, 60)
    party = RadioField(
        lazy_gettext("With whom"), coerce=int, validators=[InputRequired(lazy_gettext("Choose one."))]
    )
    weeks = _between(lazy_gettext("Weeks in a row"), 1, MOST_WEEKS)
    class_id = HiddenField()

    def offer(self, roster: Sequence[Pupil]) -> None:
        """Sets what can be chosen."""
        self.pupils.choices = [(pupil.id, pupil.name) for pupil in roster]
        self.party.choices = [(int(one), gettext(WORDS[one])) for one in PARTIES[CareKind.FAMILY_PHONE]]

    def prefill(self, pupil_id: int | None, *, day: date, class_id: int) -> None:
        """What is likely: once, ten minutes each."""
        self.pupils.data = [pupil_id] if pupil_id else []
        self.on_day.data, self.minutes.data, self.weeks.data = day, 10, 1
        self.party.data = int(PARTIES[CareKind.FAMILY_PHONE][0])
        self.class_id.data = str(class_id)
        self.open_new()

    @property
    def draft(self) -> str:
        """Under which the phone keeps what is typed."""
        return f"phone-{self.class_id.data}"
