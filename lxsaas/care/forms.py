"""The forms by which care is recorded and changed: which children, what, when, a note, details, photos."""

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext, lazy_gettext
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from lxsaas.care.actions import NOTE_LENGTH
from lxsaas.care.details import LONGEST_MINUTES, Detail
from lxsaas.care.messages import KINDS
from lxsaas.care.models import CareKind, CareRecord
from lxsaas.core.errors import RuleError
from lxsaas.pupils.models import Pupil
from lxsaas.registers.forms import FilesForm

PLACES = ("overview", "pupil", "class", "birthdays", "week")
"""Pages from which the form is opened and to which it leads back."""


def _code(text: object) -> int | None:
    return int(str(text)) if text not in (None, "") and len(str(text)) < 5 else None


def _choice(label: object) -> RadioField:
    """One of a few codes, or none; which belong to a kind says `Detail.of_kind`."""
    return RadioField(label, coerce=_code, validate_choice=False, validators=[Optional()])


def with_names(error: RuleError, pupils: Sequence[Pupil]) -> RuleError:
    """A refusal with the names of the children concerned, whom an action tells by their ids alone."""
    concerned = error.params.get("pupils")
    if not isinstance(concerned, list):
        return error
    names = gettext(", ").join(pupil.name for pupil in pupils if pupil.id in concerned)
    return RuleError(error.code, field=error.field, names=names)


class ContactForm(FilesForm):
    """What was done, when, with its details: for a new record and for a change of one."""

    kind = RadioField(
        lazy_gettext("What was done"),
        coerce=int,
        validators=[InputRequired(lazy_gettext("Choose what was done."))],
        validate_choice=True,
    )
    occurred_on = DateField(
        lazy_gettext("Day"), validators=[InputRequired(lazy_gettext("Give the day as year-month-day."))]
    )
    party = _choice(lazy_gettext("With whom"))
    means = _choice(lazy_gettext("How"))
    item = _choice(lazy_gettext("What was given"))
    giver = _choice(lazy_gettext("From whom"))
    minutes = IntegerField(lazy_gettext("Minutes"), validators=[Optional()])
    tags = SelectMultipleField(
        lazy_gettext("The four cares"), coerce=_code, validate_choice=False, validators=[Optional()]
    )
    note = TextAreaField(
        lazy_gettext("Note"),
        validators=[
            Optional(),
            Length(max=NOTE_LENGTH, message=lazy_gettext("The note is longer than %(max)d characters.")),
        ],
    )

    def offer_kinds(self) -> None:
        self.kind.choices = [(int(kind), gettext(name)) for kind, name in KINDS.items()]

    @property
    def detail(self) -> Detail:
        """The details as entered, of whatever kind."""
        minutes = self.minutes.data
        return Detail(
            self.party.data,
            self.means.data,
            self.item.data,
            self.giver.data,
            # What no column holds is refused by its limit, not by the database.
            None if minutes is None else max(min(minutes, LONGEST_MINUTES + 1), 0),
            sum({tag for tag in self.tags.data or () if tag in (1, 2, 4, 8)}),
        )


class CareForm(ContactForm):
    """A new record, for one child or several."""

    pupils = SelectMultipleField(
        lazy_gettext("Children"),
        coerce=int,
        validators=[InputRequired(lazy_gettext("Choose at least one child."))],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    class_id = HiddenField()
    back = HiddenField()
    draft = HiddenField()

    def offer(self, roster: Sequence[Pupil]) -> None:
        """Sets what can be chosen: the pupils of `roster` and the kinds of care."""
        self.pupils.choices = [(pupil.id, pupil.name) for pupil in roster]
        self.offer_kinds()

    def prefill(
        self, pupil_id: int | None, kind: CareKind | None, *, day: date, class_id: int, back: str
    ) -> None:
        """What is known when the form is opened."""
        self.pupils.data, self.kind.data = [pupil_id] if pupil_id else [], kind and int(kind)
        self.occurred_on.data = day
        self.open_new()
        self.class_id.data, self.back.data = str(class_id), back if back in PLACES else "overview"
        # What was begun for one child must not fill the form of another.
        self.draft.data = f"care-{class_id}-{pupil_id or 0}-{int(kind or 0)}"


class ChangeForm(ContactForm):
    """A record that stands, as it is changed."""

    def fill(self, record: CareRecord, note: str | None, detail: Detail) -> None:
        """What stands there now."""
        self.kind.data, self.occurred_on.data, self.note.data = record.kind, record.occurred_on, note
        self.party.data, self.means.data = detail.party, detail.means
        self.item.data, self.giver.data = detail.item, detail.giver
        self.minutes.data = detail.minutes
        self.tags.data = [tag for tag in (1, 2, 4, 8) if tag & detail.tags]
        self.version.data = str(record.version)
        self.open_new()
