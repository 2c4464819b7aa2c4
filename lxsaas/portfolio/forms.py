"""Forms: an exam, its grid of marks, a pasted or uploaded sheet, the thresholds; a portfolio's entry."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, HiddenField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from lxsaas.accounts.forms import show_error
from lxsaas.core.errors import RuleError
from lxsaas.portfolio.actions import Subject
from lxsaas.portfolio.messages import ENTRY_KINDS
from lxsaas.portfolio.models import ExamSubject
from lxsaas.portfolio.sheet import LONGEST_VALUE
from lxsaas.registers import forms as register_forms
from lxsaas.registers.carried import OnceForm, SeenForm
from lxsaas.schools.models import SchoolClass

LONGEST_NAME = 60
LONGEST_SUBJECT = 20
LONGEST_SHEET = 100_000
"""Characters of a pasted sheet: 500 lines of 200."""
USUAL = (("语文", 100), ("数学", 100))
USUAL_FROM_THIRD = (("英语", 100),)
"""Subjects of a class's first exam here; later ones take those of the exam before."""


class ExamForm(OnceForm, SeenForm):
    """An exam, for one class or several at once."""

    classes = SelectMultipleField(
        lazy_gettext("Classes"),
        coerce=int,
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    name = StringField(
        lazy_gettext("What exam"),
        validators=[
            InputRequired(lazy_gettext("This is required.")),
            Length(max=LONGEST_NAME, message=lazy_gettext("No more than %(max)d characters, please.")),
        ],
    )
    taken_on = DateField(
        lazy_gettext("Day"), validators=[InputRequired(lazy_gettext("Give the day as year-month-day."))]
    )
    subjects = TextAreaField(
        lazy_gettext("Subjects with full marks"),
        validators=[InputRequired(lazy_gettext("Name at least one subject.")), Length(max=1000)],
        description=lazy_gettext("One to a line, such as “语文 100”."),
    )

    def offer(self, classes: Sequence[SchoolClass]) -> None:
        """Sets the classes that can be chosen."""
        self.classes.choices = [(one.id, one.code) for one in classes]

    def prefill(self, chosen: SchoolClass, today: date, before: Iterable[ExamSubject]) -> None:
        """What is known when the form is opened: the class, today, and the subjects of the exam before."""
        self.classes.data, self.taken_on.data = [chosen.id], today
        known = [(one.name, one.full_marks) for one in before]
        usual = USUAL + (USUAL_FROM_THIRD if chosen.grade >= 3 else ())
        self.subjects.data = in_lines(known or usual)
        self.open_new()

    def entered_subjects(self) -> list[Subject]:
        """The subjects as they were written; raises RuleError with the line that is none."""
        lines = [line.strip() for line in (self.subjects.data or "").splitlines()]
        return [_subject(at, line) for at, line in enumerate(lines, 1) if line]

    def validate_name(self, field: Any) -> None:
        refuse_nul(field)


class GridForm(SeenForm):
    """What goes along with the grid of marks."""

    subject = HiddenField()
    finish = BooleanField(lazy_gettext("All marks are in: who has none was absent"))

    @property
    def only(self) -> int | None:
        return seen_number(self.subject.data) or None


class SheetForm(FlaskForm):
    """Marks copied out of a spreadsheet, or the spreadsheet itself."""

    text = TextAreaField(
        lazy_gettext("Cells copied from a spreadsheet"),
        validators=[
            Length(max=LONGEST_SHEET, message=lazy_gettext("No more than %(max)d characters, please."))
        ],
    )
    file = FileField(lazy_gettext("Workbook (.xls or .xlsx)"))

    def refuse(self, error: RuleError) -> None:
        """Puts a refusal at what was sent: the file or the text."""
        at = "file" if self.file.data else "text"
        show_error(self, RuleError(error.code, field=at, **error.params))


class RuleForm(SeenForm):
    """From which fall on the school is told."""

    fall_points = StringField(
        lazy_gettext("Percentile points of the class"),
        validators=[InputRequired(lazy_gettext("This is required."))],
    )
    fall_places = StringField(
        lazy_gettext("Number of places"), validators=[InputRequired(lazy_gettext("This is required."))]
    )


class EntryForm(register_forms.RegisterForm):
    """Conduct, mood, an evaluation, a work or a photo."""

    kind = register_forms.choice(lazy_gettext("What it is"), ENTRY_KINDS)
    occurred_on = register_forms.day(lazy_gettext("Day"))
    text = register_forms.long_text(lazy_gettext("Text"), optional=True)


def in_lines(subjects: Iterable[tuple[str, int]]) -> str:
    """Subjects as the form shows them."""
    return "\n".join(f"{name} {full}" for name, full in subjects)


def seen_number(text: str | None) -> int:
    """A number that the form carried along; 0 where it is none."""
    return int(text) if text and text.isdecimal() and len(text) < 19 else 0


def refuse_nul(field: Any) -> None:
    """Raises ValidationError for a character that no column holds."""
    if "\0" in (field.data or ""):
        raise ValidationError(gettext("This holds a character that cannot be kept."))


def _subject(at: int, line: str) -> Subject:
    name, _, full = line.replace("\t", " ").rpartition(" ")
    name = name.strip().rstrip(":：")
    is_number = full.isascii() and full.isdigit() and len(full) <= 4 and 1 <= int(full) <= 1000
    if not name or not is_number or len(name) > LONGEST_SUBJECT or not name.isprintable():
        raise RuleError("subject_line", field="subjects", line=at, value=line[:LONGEST_VALUE])
    return Subject(name, int(full))
