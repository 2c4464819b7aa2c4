"""The forms of threads; each warns against naming children."""

from flask_babel import gettext, lazy_gettext
from wtforms import SelectChoice, SelectField
from wtforms.validators import InputRequired, Optional

from lxsaas.accounts.forms import ChoicesField
from lxsaas.correspondence.definitions import ASKED, TEXT_LENGTH, TITLE_LENGTH
from lxsaas.registers.carried import OnceForm
from lxsaas.registers.forms import choice, day, line, long_text

WARNING = lazy_gettext("Name no child, and nothing by which one could be known.")
CHOSEN, EVERY = "chosen", "all"


class MessageForm(OnceForm):
    text = long_text(lazy_gettext("Your words"), limit=TEXT_LENGTH, description=WARNING)


class DifficultyForm(OnceForm):
    title = line(lazy_gettext("Matter"), limit=TITLE_LENGTH, description=lazy_gettext("In a few words."))
    text = long_text(
        lazy_gettext("What is difficult, and what would help"), limit=TEXT_LENGTH, description=WARNING
    )


class AskForm(OnceForm):
    """A note or a request to some schools."""

    kind = choice(lazy_gettext("Kind"), ASKED)
    to = SelectField(lazy_gettext("Send to"), validators=[InputRequired(lazy_gettext("Choose one."))])
    schools = ChoicesField(lazy_gettext("Schools"), coerce=int, validators=[Optional()])
    title = line(lazy_gettext("Matter"), limit=TITLE_LENGTH, description=lazy_gettext("In a few words."))
    text = long_text(lazy_gettext("Your words"), limit=TEXT_LENGTH, description=WARNING)
    due_on = day(lazy_gettext("Answer by"), optional=True, description=lazy_gettext("Needed for a request."))

    def offer(self, schools: list[tuple[int, str]], townships: list[tuple[int, str]]) -> None:
        """The district's schools and townships to choose from."""
        self.to.choices = [
            SelectChoice(CHOSEN, gettext("The schools ticked below")),
            SelectChoice(EVERY, gettext("All schools in the list below")),
            *(SelectChoice(f"t{one}", name) for one, name in townships),
        ]
        self.schools.choices = [SelectChoice(*one) for one in schools]

    @property
    def township_id(self) -> int | None:
        """The township to which it goes, if it goes to one."""
        chosen = self.to.data or ""
        return int(chosen[1:]) if chosen[:1] == "t" and chosen[1:].isdecimal() else None
