"""The forms of nominations and of their decision."""

from typing import Any

from flask_babel import lazy_gettext
from wtforms import SelectChoice, SelectField
from wtforms.validators import InputRequired

from lxsaas.awards import labels
from lxsaas.core import clock
from lxsaas.registers.forms import (
    ClassmateField,
    RegisterForm,
    StaffField,
    as_number,
    choice,
    day,
    line,
    long_text,
)
from lxsaas.schools.years import year_name, year_of

YEARS_BACK = 20
"""School years by name in lists; a form offers what lies near."""


class SchoolYearField(SelectField):
    """A school year by the year in which it begins: the running one, the next, and those before."""

    def __init__(self, label: object, **more: Any) -> None:
        checks = [InputRequired(lazy_gettext("Choose one."))]
        super().__init__(label, coerce=as_number, validators=checks, **more)
        # One that turns within the day in any zone of the country is near enough for a list of names.
        now = year_of(clock.now().date())
        self.choices = [SelectChoice(year, year_name(year)) for year in range(now + 1, now - YEARS_BACK, -1)]


class NominationForm(RegisterForm):
    """What every nomination asks."""

    school_year = SchoolYearField(lazy_gettext("Year of the award"))
    nominated_on = day(lazy_gettext("Nominated on"))
    evidence = long_text(
        lazy_gettext("What speaks for it"),
        description=lazy_gettext("What was done, when, what came of it; add photos or papers below."),
    )


class TeacherNominationForm(NominationForm):
    staff_id = StaffField(lazy_gettext("Homeroom teacher"))


class ChildNominationForm(NominationForm):
    kind = choice(lazy_gettext("Award"), labels.KINDS)
    partner_id = ClassmateField(lazy_gettext("The other child of the pair"))
    parent_name = line(lazy_gettext("Name of the parent"), optional=True)


class DecisionForm(RegisterForm):
    """What the school decided."""

    files = None
    decision = choice(lazy_gettext("Award decision"), labels.DECISIONS)
    decided_on = day(lazy_gettext("Award decided on"))
    decision_words = long_text(lazy_gettext("In words"), optional=True, limit=500)
