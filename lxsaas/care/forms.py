"""The forms by which care is recorded and changed: which children, what, when, a note, details, photos."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid4

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
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

from lxsaas.accounts.forms import show_error
from lxsaas.care.actions import NOTE_LENGTH
from lxsaas.care.details import LONGEST_MINUTES, Detail
from lxsaas.care.messages import KINDS
from lxsaas.care.models import CareKind, CareRecord
from lxsaas.core.errors import RuleError
from lxsaas.pupils.models import Pupil
from lxsaas.registers.files import LIMIT, CleanFile, clean

PLACES = ("overview", "pupil", "class", "birthdays", "week")
"""Pages from which the form is opened and to which it leads back."""


def _code(text: object) -> int | None:
    return int(str(text)) if text not in (None, "") and len(str(text)) < 5 else None


def _choice(label: object) -> RadioField:
    """One of a few codes, or none; which belong to a kind says `Detail.of_kind`."""
    return RadioField(label, coerce=_code, validate_choice=False, validators=[Optional()])


class ContactForm(FlaskForm):
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
    files = MultipleFileField(lazy_gettext("Photos or documents"))
    client_key = HiddenField()
    """The draft on the phone keeps it, so that a form sent again makes no second record."""
    elapsed_ms = HiddenField()

    def offer_kinds(self) -> None:
        self.kind.choices = [(int(kind), gettext(name)) for kind, name in KINDS.items()]

    @property
    def key(self) -> UUID | None:
        """The form's own key; None where the browser sent none that is one."""
        try:
            return UUID(self.client_key.data or "")
        except ValueError:
            return None

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

    def cleaned_files(self) -> list[CleanFile]:
        """The chosen files as they may be kept; raises RuleError for one that may not."""
        uploads = [one for one in self.files.data or () if getattr(one, "filename", "")]
        # One byte more tells a file that is too large without reading all of it.
        return [clean(one.stream.read(LIMIT + 1)) for one in uploads]

    @property
    def milliseconds(self) -> int | None:
        """How long the form was open, as the browser measured it; None where it did not."""
        text = self.elapsed_ms.data or ""
        return int(text) if text.isdecimal() and len(text) < 9 else None


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
        self.client_key.data = str(uuid4())
        self.class_id.data, self.back.data = str(class_id), back if back in PLACES else "overview"
        # What was begun for one child must not fill the form of another.
        self.draft.data = f"care-{class_id}-{pupil_id or 0}-{int(kind or 0)}"

    def refuse(self, error: RuleError, roster: Sequence[Pupil]) -> None:
        """Puts an action's refusal beside its field, with the names of the children concerned."""
        concerned = error.params.get("pupils")
        if isinstance(concerned, list):
            names = gettext(", ").join(pupil.name for pupil in roster if pupil.id in concerned)
            error = RuleError(error.code, field=error.field, names=names)
        show_error(self, error)


class ChangeForm(ContactForm):
    """A record that stands, as it is changed."""

    version = HiddenField()

    def fill(self, record: CareRecord, note: str | None, detail: Detail) -> None:
        """What stands there now."""
        self.kind.data, self.occurred_on.data, self.note.data = record.kind, record.occurred_on, note
        self.party.data, self.means.data = detail.party, detail.means
        self.item.data, self.giver.data = detail.item, detail.giver
        self.minutes.data = detail.minutes
        self.tags.data = [tag for tag in (1, 2, 4, 8) if tag & detail.tags]
        self.version.data, self.client_key.data = str(record.version), str(uuid4())

    @property
    def seen_version(self) -> int:
        """The version that the form was opened on; 0 where the browser sent none."""
        text = self.version.data or ""
        return int(text) if text.isdecimal() and len(text) < 5 else 0
