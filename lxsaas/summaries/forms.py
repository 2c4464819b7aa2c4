"""The forms of a summary: the words of a section, making it final."""

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField

from lxsaas.accounts.forms import show_error
from lxsaas.core.errors import RuleError
from lxsaas.registers.forms import day, long_text
from lxsaas.summaries.definitions import BODY_LENGTH


class SectionForm(FlaskForm):
    seen = HiddenField()
    body = long_text(
        lazy_gettext("Words of the section"), optional=True, limit=BODY_LENGTH, rows=14,
        description=lazy_gettext(
            "A line is a paragraph. A name in braces is filled with its figure. Name no child."
        ),
    )  # fmt: skip


class FreezeForm(FlaskForm):
    version = HiddenField()
    accepts_missing = BooleanField(lazy_gettext("Make it final although something is missing"))

    @property
    def version_read(self) -> int | None:
        text = self.version.data or ""
        return int(text) if text.isdecimal() and len(text) < 6 else None


class DueDayForm(FlaskForm):
    due_on = day(
        lazy_gettext("Due day"), optional=True,
        description=lazy_gettext(
            "Schools that have not sent are reminded by mail 7 days and 1 day before it, and 1, 4 and 8 days"
            " after it. Left empty, nobody is late."
        ),
    )  # fmt: skip

    def refuse(self, error: RuleError) -> None:
        show_error(self, error)


class SendForm(FlaskForm):
    confirmed = BooleanField(
        lazy_gettext("I have read the document: it names no child and tells nothing by which one is known.")
    )
