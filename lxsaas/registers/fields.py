"""Kinds of field for what the school itself offers: classes, terms, and lists of people who are ticked."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import SelectChoice, SelectField
from wtforms.validators import InputRequired, Optional

from lxsaas.registers.forms import ChoicesField, as_code, as_number
from lxsaas.schools.labels import term_label


class ClassField(SelectField):
    """A class of those within reach: one's own, or any of the school."""

    def __init__(self, label: object, *, optional: bool = False, **more: Any) -> None:
        checks = [Optional() if optional else InputRequired(lazy_gettext("Choose a class."))]
        super().__init__(label, coerce=as_number, validators=checks, **more)
        self.optional = optional

    def offer(self, classes: Sequence[tuple[int, str]]) -> None:
        self.choices = [
            SelectChoice("", "–" if self.optional else gettext("Choose …")),
            *(SelectChoice(*one) for one in classes),
        ]


class RowField(SelectField):
    """A row of another table of the school, by one of its texts; withdrawn ones are not offered."""

    def __init__(self, label: object, *, of: type[Any], called: str, **more: Any) -> None:
        super().__init__(label, coerce=as_number, validators=[Optional()], **more)
        self.of, self.called = of, called

    def offer(self, rows: Sequence[tuple[int, str]]) -> None:
        self.choices = [SelectChoice("", "–"), *(SelectChoice(*one) for one in rows)]


class TermField(SelectField):
    """A term of the district, by name: the running one and those around it."""

    def __init__(self, label: object, **more: Any) -> None:
        super().__init__(
            label, coerce=as_code, validators=[InputRequired(lazy_gettext("Choose one."))], **more
        )

    def offer(self, terms: Sequence[tuple[str, bool]]) -> None:
        """`terms`: (name, whether it is one of now); a row of long ago keeps its own when it is changed."""
        names = [name for name, is_near in terms if is_near or name == self.data]
        self.choices = [SelectChoice(name, term_label(name)) for name in names]
        if not names:
            self.choices = [SelectChoice("", gettext("The district has set no term."))]


class TicksField(ChoicesField):
    """Several people, each with a box to tap; for a list that a model names in `LINKED`."""

    def __init__(self, label: object, *, needed: bool = False, **more: Any) -> None:
        """`needed`: the register checks that somebody is ticked, so the label does not say 'optional'."""
        super().__init__(label, coerce=as_number, validators=[Optional()], **more)
        self.flags.required = needed or None

    def offer(self, people: Sequence[tuple[int, str]]) -> None:
        self.choices = [SelectChoice(*one) for one in people]

    def chosen_with(self, held: Iterable[int]) -> list[int]:
        """Who is ticked, and of those who belonged to the row already whom the form could not offer."""
        offered = {one.value for one in self.choices or ()}
        return sorted({*(self.data or ()), *(one for one in held if one not in offered)})


class StaffTicks(TicksField):
    """Colleagues; offered are the active ones."""


class PupilTicks(TicksField):
    """Children; offered are those within reach, class by class."""
