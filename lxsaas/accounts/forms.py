"""Forms about accounts."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, RadioField, SelectChoice, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from lxsaas.core.errors import RuleError
from lxsaas.core.messages import sentence

ROLE_NAMES = {
    "principal": lazy_gettext("Principal"),
    "homeroom_teacher": lazy_gettext("Homeroom teacher"),
    "teacher": lazy_gettext("Subject teacher"),
    "counsellor": lazy_gettext("Counsellor"),
    "archivist": lazy_gettext("Archive keeper"),
    "officer": lazy_gettext("District officer"),
    "analyst": lazy_gettext("District analyst"),
}


def required() -> DataRequired:
    return DataRequired(lazy_gettext("This is required."))


class ChoicesField(SelectMultipleField):
    """Several of a few, as check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class SignInForm(FlaskForm):
    username = StringField(lazy_gettext("User name"), validators=[required(), Length(max=100)])
    password = PasswordField(lazy_gettext("Password"), validators=[required(), Length(max=200)])


class PasswordForm(FlaskForm):
    current = PasswordField(lazy_gettext("Present password"), validators=[required(), Length(max=200)])
    password = PasswordField(lazy_gettext("New password"), validators=[required(), Length(max=200)])


class LanguageForm(FlaskForm):
    language = RadioField(
        lazy_gettext("Language"),
        choices=[SelectChoice("zh_Hans_CN", "中文"), SelectChoice("en", "English")],
        validators=[required()],
    )


class InvitationForm(FlaskForm):
    code = StringField(lazy_gettext("Code"), validators=[required(), Length(max=60)])
    username = StringField(lazy_gettext("User name"), validators=[required(), Length(max=100)])
    password = PasswordField(lazy_gettext("New password"), validators=[required(), Length(max=200)])


class AccountForm(FlaskForm):
    username = StringField(lazy_gettext("User name"), validators=[required(), Length(max=100)])
    name = StringField(lazy_gettext("Name"), validators=[required(), Length(max=100)])
    email = StringField(lazy_gettext("Email"), validators=[Length(max=200)])
    roles = ChoicesField(
        lazy_gettext("Roles"), validators=[DataRequired(lazy_gettext("Choose at least one role."))]
    )
    classes = ChoicesField(lazy_gettext("Homeroom teacher of"), coerce=int)
    townships = ChoicesField(lazy_gettext("Only these townships"), coerce=int)
    is_active = BooleanField(lazy_gettext("May sign in"), default=True)

    def offer(
        self,
        roles: Sequence[str],
        *,
        classes: Sequence[tuple[int, str]] = (),
        townships: Sequence[tuple[int, str]] = (),
    ) -> None:
        """Sets what can be chosen here; a district has no classes, a school no townships."""
        self.roles.choices = [SelectChoice(role, ROLE_NAMES[role]) for role in roles]
        for name, options in (("classes", classes), ("townships", townships)):
            if options:
                self[name].choices = [SelectChoice(value, label) for value, label in options]
            else:
                del self[name]


def show_error(form: FlaskForm, error: RuleError) -> None:
    """Puts an action's refusal at the field it concerns, or above the form."""
    text = sentence(error, gettext)
    field: Any = form._fields.get(error.field) if error.field else None
    if field is None:
        form.form_errors.append(text)
    else:
        field.errors = [*field.errors, text]
