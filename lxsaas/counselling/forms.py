"""The forms of counsellors: cases, their review, talks, handing over, opening to a principal, hours."""

from collections.abc import Iterable

from flask_babel import gettext, lazy_gettext
from wtforms import RadioField, SelectChoice, SelectField, TimeField
from wtforms.validators import InputRequired

from lxsaas.accounts.models import Staff
from lxsaas.counselling.checks import TEXT_LENGTH
from lxsaas.counselling.messages import RISKS, WEEKDAYS
from lxsaas.counselling.models import CounsellingCase
from lxsaas.counselling.session_actions import LONGEST_MINUTES
from lxsaas.registers.forms import KeyedForm, RegisterForm, StaffField, day, line, long_text, number


def _number(value: object) -> int | None:
    text = str(value or "")
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _risk() -> RadioField:
    return RadioField(
        lazy_gettext("Level of risk"),
        choices=[SelectChoice(level, lazy_gettext(name)) for level, name in RISKS.items()],
        coerce=_number,
        validators=[InputRequired(lazy_gettext("Choose a level."))],
    )


class ReviewForm(KeyedForm):
    """Risk, next review and reason of a case, looked at anew."""

    risk = _risk()
    review_on = day(lazy_gettext("Next review"))
    reason = long_text(lazy_gettext("What it is about"), limit=TEXT_LENGTH)


class CaseForm(ReviewForm):
    """A new case of a child."""

    opened_on = day(lazy_gettext("Case opened on"))


class CloseForm(KeyedForm):
    outcome = long_text(lazy_gettext("What came of it"), limit=TEXT_LENGTH)


class SessionForm(KeyedForm):
    """A talk of a case."""

    held_on = day(lazy_gettext("Day"))
    minutes = number(lazy_gettext("Minutes"), least=1, most=LONGEST_MINUTES)
    account = long_text(lazy_gettext("What was said"), limit=TEXT_LENGTH)


class ColleagueForm(KeyedForm):
    """A colleague to whom a case is handed over."""

    staff_id = SelectField(
        lazy_gettext("Colleague"),
        coerce=_number,
        validators=[InputRequired(lazy_gettext("Choose somebody."))],
    )

    def offer(self, colleagues: Iterable[Staff]) -> None:
        blank = SelectChoice("", gettext("Choose …"))
        self.staff_id.choices = [blank, *(SelectChoice(one.id, one.name) for one in colleagues)]


class ReaderForm(ColleagueForm):
    """A principal to whom a case is opened, and until when."""

    last_day = day(lazy_gettext("Until the end of"))


class AttachForm(KeyedForm):
    """One's own open case to which a letter belongs."""

    case_id = SelectField(
        lazy_gettext("My case"), coerce=_number, validators=[InputRequired(lazy_gettext("Choose a case."))]
    )

    def offer(self, cases: Iterable[tuple[CounsellingCase, str, str]]) -> None:
        blank = SelectChoice("", gettext("Choose …"))
        self.case_id.choices = [
            blank,
            *(SelectChoice(case.id, f"{name} · {code}") for case, name, code in cases),
        ]


class RoomHourForm(RegisterForm):
    """When the room is open in a week."""

    weekday = SelectField(
        lazy_gettext("Weekday"),
        choices=[SelectChoice(number_, lazy_gettext(name)) for number_, name in WEEKDAYS.items()],
        coerce=_number,
        validators=[InputRequired(lazy_gettext("Choose one."))],
    )
    starts_at = TimeField(
        lazy_gettext("Begins at"), validators=[InputRequired(lazy_gettext("Give the time as hours:minutes."))]
    )
    ends_at = TimeField(
        lazy_gettext("Ends at"), validators=[InputRequired(lazy_gettext("Give the time as hours:minutes."))]
    )
    place = line(lazy_gettext("Place"))
    counsellor_id = StaffField(lazy_gettext("Counsellor"))
