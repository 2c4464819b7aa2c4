"""What the forms of all registers share: the child, colleagues to choose from, files, key and version."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf.file import MultipleFileField
from sqlalchemy.orm import Session
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from lxsaas.pupils.models import Pupil
from lxsaas.registers.carried import OnceForm, SeenForm, TimedForm
from lxsaas.registers.files import LIMIT, CleanFile, clean

LONG = 2000
"""Characters of the longest text about a child."""
SHORT = 100
OURS = frozenset({"client_key", "version", "elapsed_ms", "files", "csrf_token", "draft"})
"""Fields of the form that are not fields of the row."""


class StaffField(SelectField):
    """A colleague; the choices are the active staff of the school."""

    def __init__(self, label: object, *, optional: bool = False, **more: Any) -> None:
        checks = [Optional()] if optional else [InputRequired(lazy_gettext("Choose somebody."))]
        super().__init__(label, coerce=as_number, validators=checks, **more)
        self.optional = optional

    def offer(self, staff: Sequence[tuple[int, str]]) -> None:
        blank = SelectChoice("", "–" if self.optional else gettext("Choose …"))
        self.choices = [blank, *(SelectChoice(*one) for one in staff)]


class ClassmateField(SelectField):
    """Another pupil; the choices are the children of the same class."""

    def __init__(self, label: object, **more: Any) -> None:
        super().__init__(label, coerce=as_number, validators=[Optional()], **more)

    def offer(self, classmates: Sequence[tuple[int, str]]) -> None:
        self.choices = [SelectChoice("", "–"), *(SelectChoice(*one) for one in classmates)]


class MoneyField(StringField):
    """Yuan as typed ('12.50'), cents as kept (1250)."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = (valuelist[0] if valuelist else "").strip().replace(",", "")
        self.data = None
        if not text:
            return
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,2})?", text):
            raise ValueError(gettext("Give the amount in yuan, such as 12.50."))
        self.data = int(Decimal(text) * 100)

    def _value(self) -> str:
        if self.raw_data and self.errors:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data / 100:.2f}"


class ChoicesField(SelectMultipleField):
    """Several of a few things, each with a box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def choice(label: object, offered: Mapping[str, str], *, optional: bool = False, **more: Any) -> SelectField:
    """One of a few things; `offered`: code -> message id."""
    blank = [SelectChoice("", "–" if optional else lazy_gettext("Choose …"))]
    checks = [Optional()] if optional else [InputRequired(lazy_gettext("Choose one."))]
    return SelectField(
        label, choices=[*blank, *_translated(offered)], coerce=as_code, validators=checks, **more
    )


def choices(label: object, offered: Mapping[str, str], **more: Any) -> ChoicesField:
    """Any of a few things; `offered`: code -> message id."""
    return ChoicesField(label, choices=_translated(offered), validators=[Optional()], **more)


def day(label: object, *, optional: bool = False, **more: Any) -> DateField:
    checks = [Optional()] if optional else [InputRequired(lazy_gettext("Give the day as year-month-day."))]
    return DateField(label, validators=checks, **more)


def clock_time(label: object, *, optional: bool = False, **more: Any) -> TimeField:
    """A time of the day, to the minute."""
    message = lazy_gettext("Give the time as hours:minutes.")
    return TimeField(label, validators=[Optional() if optional else InputRequired(message)], **more)


def line(label: object, *, optional: bool = False, limit: int = SHORT, **more: Any) -> StringField:
    """One line of text."""
    return StringField(label, validators=_text_checks(optional, limit), filters=[_stripped], **more)


def long_text(
    label: object, *, optional: bool = False, limit: int = LONG, rows: int = 3, **more: Any
) -> TextAreaField:
    """A text of several lines; `rows`: how many of them are seen at once."""
    checks = _text_checks(optional, limit)
    return TextAreaField(label, validators=checks, filters=[_stripped], render_kw={"rows": rows}, **more)


def number(
    label: object, *, least: int = 0, most: int = 1_000_000, optional: bool = False, **more: Any
) -> IntegerField:
    """A whole number between `least` and `most`."""
    message = lazy_gettext("Give a whole number from %(min)s to %(max)s.", min=least, max=most)
    checks = [Optional() if optional else InputRequired(message), NumberRange(least, most, message)]
    return IntegerField(label, validators=checks, **more)


def money(label: object, *, most: int = 100_000_000, optional: bool = True, **more: Any) -> "MoneyField":
    """An amount in yuan that is stored in cents; `most` in cents."""
    message = lazy_gettext("Give an amount in yuan up to %(max)s.", max=most // 100)
    checks = [Optional() if optional else InputRequired(message), NumberRange(0, most, message)]
    return MoneyField(label, validators=checks, **more)


def tick(label: object, **more: Any) -> BooleanField:
    return BooleanField(label, **more)


class KeyedForm(OnceForm, SeenForm, TimedForm):
    """A form that is one however often it is sent, and knows on what, and when, it was opened."""


class FilesForm(KeyedForm):
    """A form with photos and documents."""

    files = MultipleFileField(
        lazy_gettext("Photos or documents"),
        description=lazy_gettext("Up to 6. Place and camera are removed from photos."),
    )

    def cleaned_files(self) -> list[CleanFile]:
        """The chosen files as they may be kept; raises RuleError for one that may not."""
        uploads = [one for one in self.files.data or [] if getattr(one, "filename", "")]
        # One byte more tells a file that is too large without reading all of it.
        return [clean(one.stream.read(LIMIT + 1)) for one in uploads]


class RegisterForm(FilesForm):
    """The base of a register's form: its other fields bear the names of the row's fields."""

    def offer(self, offers: Mapping[type[Any], Callable[[], Sequence[Any]]]) -> None:
        """Sets what can be chosen in fields whose choices the school's data give: by kind of field."""
        for field in self:
            for kind, offered in offers.items():
                if isinstance(field, kind):
                    field.offer(offered())

    def offer_more(self, session: Session, *, pupil: Pupil | None, today: date) -> None:
        """Sets what else can be chosen; for forms whose choices depend on the child or the day."""

    def entered(self) -> list[Any]:
        """The fields that are fields of the row."""
        return [field for field in self if field.short_name not in OURS]

    def values(self) -> dict[str, Any]:
        """What was entered, by the names of the row's fields."""
        return {
            field.short_name: list(field.data or ()) if isinstance(field, ChoicesField) else field.data
            for field in self.entered()
        }


def _translated(offered: Mapping[str, str]) -> list[SelectChoice]:
    return [SelectChoice(code, lazy_gettext(name)) for code, name in offered.items()]


def as_code(value: object) -> str | None:
    """A chosen code; None for the blank choice."""
    return str(value) if value else None


def _text_checks(optional: bool, limit: int) -> list[Any]:
    long = Length(max=limit, message=lazy_gettext("No more than %(max)d characters, please."))
    return [Optional() if optional else InputRequired(lazy_gettext("This is required.")), long, _no_nul]


def _no_nul(_form: object, field: Any) -> None:
    if "\0" in (field.data or ""):
        raise ValidationError(gettext("This holds a character that cannot be kept."))


def _stripped(text: str | None) -> str | None:
    return (text.strip() or None) if text else None


def as_number(value: object) -> int | None:
    """A chosen id; None for the blank choice. Raises ValueError for what is no id."""
    text = str(value or "")
    if not text or text == "None":
        return None
    if len(text) > 18:
        raise ValueError
    return int(text)
