"""The forms of the letterbox: a child's, and the counsellor's answer."""

from flask_babel import lazy_gettext
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from lxsaas.counselling.checks import LETTER_LENGTH
from lxsaas.registers.carried import OnceForm, RefusableForm, SeenForm
from lxsaas.registers.forms import long_text

_CODE_MISSING = lazy_gettext("Write the code here.")


class TextForm(OnceForm):
    """A text in the letterbox, that is one however often it is sent."""

    text = long_text(lazy_gettext("What do you want to tell us?"), limit=LETTER_LENGTH)


class LetterForm(TextForm):
    """A new letter: with the code of the poster."""

    code = StringField(
        lazy_gettext("Code of the letterbox (6 numbers, on the poster)"),
        validators=[InputRequired(_CODE_MISSING), Length(max=40)],
    )


class AgainForm(TextForm):
    """A further text to a letter: with the child's own code, which the page holds."""

    code = HiddenField()


class ReplyCodeForm(RefusableForm):
    """A child's own code."""

    code = StringField(
        lazy_gettext("Your own code (16 numbers)"), validators=[InputRequired(_CODE_MISSING), Length(max=60)]
    )


class AnswerForm(SeenForm):
    """A counsellor's answer."""

    text = long_text(lazy_gettext("Answer to the child"), limit=LETTER_LENGTH)
