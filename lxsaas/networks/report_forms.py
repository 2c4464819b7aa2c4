"""The forms of a mandatory report: opening it, what was done, what the district may read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext
from wtforms import DateTimeLocalField, SelectChoice, SelectField
from wtforms.validators import InputRequired

from lxsaas.accounts.access import realm
from lxsaas.core import clock
from lxsaas.networks import labels
from lxsaas.registers.forms import RegisterForm, StaffField, as_number, choice, line, long_text, tick


def instant(label: object, **more: Any) -> DateTimeLocalField:
    """A day and a time at the school."""
    checks = [InputRequired(lazy_gettext("Give day and time."))]
    formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
    return DateTimeLocalField(label, format=formats, validators=checks, **more)


def here(field: DateTimeLocalField) -> datetime:
    """The instant that a field means: what was typed is the school's own time."""
    typed: datetime = field.data
    return typed.replace(tzinfo=ZoneInfo(realm().timezone))


def now_here() -> datetime:
    """This minute at the school, as a form shows it."""
    return clock.now().astimezone(ZoneInfo(realm().timezone)).replace(tzinfo=None, second=0, microsecond=0)


class SaidForm(RegisterForm):
    """What is said once and for all: no files, no version."""

    files = None


class ReportForm(SaidForm):
    """What kind of harm to the child of the page, what is known, since when."""

    harm = choice(lazy_gettext("What is suspected"), labels.HARMS)
    known_at = instant(lazy_gettext("Known since"))
    words = long_text(
        lazy_gettext("What was seen or heard"),
        description=lazy_gettext(
            "Facts, not conclusions: who saw or said what, when. It cannot be changed later."
        ),
    )


class ChosenReportForm(ReportForm):
    """The same, with the child chosen in the form: of those in reach."""

    pupil_id = SelectField(
        lazy_gettext("Child"), coerce=as_number, validators=[InputRequired(lazy_gettext("Choose a child."))]
    )

    def offer_children(self, children: Sequence[tuple[int, str]]) -> None:
        blank = SelectChoice("", lazy_gettext("Choose …"))
        self.pupil_id.choices = [blank, *(SelectChoice(*one) for one in children)]


class StepForm(SaidForm):
    """One thing that was done."""

    kind = choice(lazy_gettext("What was done"), labels.STEPS)
    done_at = instant(lazy_gettext("When"))
    done_by = StaffField(lazy_gettext("By whom"))
    recipient = line(
        lazy_gettext("Who was told"), optional=True, description=lazy_gettext("Office and person")
    )
    reference = line(lazy_gettext("Reference number"), optional=True)
    words = long_text(lazy_gettext("In words"), optional=True)
    closed_as = choice(lazy_gettext("Closed as"), labels.CLOSED_AS, optional=True)


class ShareForm(SaidForm):
    """What the district may read."""

    words = long_text(
        lazy_gettext("What the district may read"),
        optional=True,
        description=lazy_gettext("Without names. It cannot be taken back."),
    )
    whole = tick(
        lazy_gettext("The report's own text too, as it stands"),
        description=lazy_gettext("Read it once more above: the names in it go along."),
    )
