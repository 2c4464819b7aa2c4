"""The forms of the letterbox: a child's, and the counsellor's answer."""

from uuid import UUID, uuid4

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from lxsaas.accounts.forms import show_error
from lxsaas.core.errors import RuleError
from lxsaas.counselling.checks import LETTER_LENGTH
from lxsaas.registers.forms import long_text

_CODE_MISSING = lazy_gettext("Write the code here.")


class TextForm(FlaskForm):
    """A text in the letterbox, that is one however often it is sent."""

    text = long_text(lazy_gettext("What do you want to tell us?"), limit=LETTER_LENGTH)
    client_key = HiddenField()

    def open_new(self) -> None:
        self.client_key.data = str(uuid4())

    @property
    def key(self) -> UUID:
        """The form's own key; a new one where the browser sent none that is one."""
        try:
            return UUID(self.client_key.data or "")
        except ValueError:
            return uuid4()

    def refuse(self, error: RuleError) -> None:
        show_error(self, error)


class LetterForm(TextForm):
    """A new letter: with the code of the poster."""

    code = StringField(
        lazy_gettext("Code of the letterbox (6 numbers, on the poster)"),
        validators=[InputRequired(_CODE_MISSING), Length(max=40)],
    )


class AgainForm(TextForm):
    """A further text to a letter: with the child's own code, which the page holds."""

    code = HiddenField()


class ReplyCodeForm(FlaskForm):
    """A child's own code."""

    code = StringField(
        lazy_gettext("Your own code (16 numbers)"), validators=[InputRequired(_CODE_MISSING), Length(max=60)]
    )

    def refuse(self, error: RuleError) -> None:
        show_error(self, error)


class AnswerForm(FlaskForm):
    """A counsellor's answer."""

    text = long_text(lazy_gettext("Answer to the child"), limit=LETTER_LENGTH)
    version = HiddenField()

    @property
    def seen_version(self) -> int:
        text = self.version.data or ""
        return int(text) if text.isdecimal() and len(text) < 5 else 0

    def refuse(self, error: RuleError) -> None:
        show_error(self, error)
