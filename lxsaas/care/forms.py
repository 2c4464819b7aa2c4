"""The form by which care is recorded: which children, what, when, and a note."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid4

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from lxsaas.accounts.forms import show_error
from lxsaas.care.actions import NOTE_LENGTH
from lxsaas.care.messages import KINDS
from lxsaas.care.models import CareKind
from lxsaas.core.errors import RuleError
from lxsaas.pupils.models import Pupil

PLACES = ("overview", "pupil", "class")
"""Pages from which the form is opened and to which it leads back."""


class CareForm(FlaskForm):
    pupils = SelectMultipleField(
        lazy_gettext("Children"),
        coerce=int,
        validators=[InputRequired(lazy_gettext("Choose at least one child."))],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    kind = RadioField(
        lazy_gettext("What was done"),
        coerce=int,
        validators=[InputRequired(lazy_gettext("Choose what was done."))],
        validate_choice=True,
    )
    occurred_on = DateField(
        lazy_gettext("Day"), validators=[InputRequired(lazy_gettext("Give the day as year-month-day."))]
    )
    note = TextAreaField(
        lazy_gettext("Note"),
        validators=[
            Optional(),
            Length(max=NOTE_LENGTH, message=lazy_gettext("The note is longer than %(max)d characters.")),
        ],
    )
    # Not type=hidden: the draft on the phone keeps the key, so that a form sent again makes no second record.
    client_key = StringField()
    elapsed_ms = HiddenField()
    class_id = HiddenField()
    back = HiddenField()
    draft = HiddenField()

    def offer(self, roster: Sequence[Pupil]) -> None:
        """Sets what can be chosen: the pupils of `roster` and the kinds of care."""
        self.pupils.choices = [(pupil.id, pupil.name) for pupil in roster]
        self.kind.choices = [(int(kind), gettext(name)) for kind, name in KINDS.items()]

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

    @property
    def key(self) -> UUID | None:
        """The form's own key; None where the browser sent none that is one."""
        try:
            return UUID(self.client_key.data or "")
        except ValueError:
            return None

    @property
    def seconds(self) -> float | None:
        """How long the form was open, as the browser measured it; None where it did not."""
        text = self.elapsed_ms.data or ""
        return int(text) / 1000 if text.isdecimal() and len(text) < 9 else None
