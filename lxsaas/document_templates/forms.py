"""The form by which a school brings its own template."""

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired


class TemplateForm(FlaskForm):
    file = FileField(
        lazy_gettext("Word template (.docx)"),
        validators=[FileRequired(lazy_gettext("Choose a file."))],
        description=lazy_gettext("Up to 5 MB, without macros, links or embedded objects."),
    )
