"""The forms of filings: the signature, the district's judgement, what the district asks for."""

from collections.abc import Iterable

from flask import request
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, SelectChoice
from wtforms.validators import Length

from lxsaas.accounts.forms import required, show_error
from lxsaas.core.errors import RuleError
from lxsaas.filings.definitions import OUTCOMES, Asked
from lxsaas.pupils.definitions import DEFINITIONS
from lxsaas.registers.forms import choice, day, line, long_text

REMARK = 200
"""Characters of a remark on one cell."""


class _Refused(FlaskForm):
    def refuse(self, error: RuleError) -> None:
        """Shows an action's refusal at its field, or above the form."""
        show_error(self, error)


class SignForm(_Refused):
    """The principal's signature; the reason is asked of a correction only."""

    seal = HiddenField()
    reason = line(
        lazy_gettext("What was corrected"), optional=True, limit=REMARK,
        description=lazy_gettext("The district reads it: name no child."),
    )  # fmt: skip
    password = PasswordField(
        lazy_gettext("Your password, once more"), validators=[required(), Length(max=200)],
        description=lazy_gettext("It stands for your signature."),
    )  # fmt: skip

    def ask_reason(self, *, is_correction: bool) -> None:
        """Shows the reason only where there must be one."""
        if is_correction:
            self.reason.flags.required = True
        else:
            del self.reason


class DecisionForm(_Refused):
    """Accepted or returned, with words and a remark for each cell."""

    outcome = choice(lazy_gettext("Decision"), OUTCOMES)
    words = long_text(
        lazy_gettext("Words to the school"), optional=True, limit=1000,
        description=lazy_gettext("Name no child, and nothing by which one could be known."),
    )  # fmt: skip

    def remarks(self, cells: Iterable[str]) -> dict[str, str]:
        """What was typed beside each cell, cut to its length; only of cells that there are."""
        return {cell: request.form.get(f"remark-{cell}", "").strip()[:REMARK] for cell in cells}


class CallForm(_Refused):
    """What the district asks for in a term; the reason is asked once schools have sent."""

    edition = HiddenField()
    cut_off_on = day(
        lazy_gettext("Cut-off day"),
        description=lazy_gettext("The children of this day are counted; schools can sign from it on."),
    )
    due_on = day(
        lazy_gettext("Due day"), description=lazy_gettext("The last day on which a filing is in time.")
    )
    definition = choice(lazy_gettext("Definition"), {one.code: one.name for one in DEFINITIONS.values()})
    reason = line(
        lazy_gettext("Why cut-off day or definition change"), optional=True, limit=REMARK,
        description=lazy_gettext("The schools read it. Of another due day alone nothing need be said."),
    )  # fmt: skip

    @property
    def seen(self) -> int:
        """The edition that the page showed; -1 where the field was tampered with."""
        text = self.edition.data or ""
        return int(text) if text.isdecimal() and len(text) < 5 else -1

    def refuse(self, error: RuleError) -> None:
        super().refuse(error)
        if error.code == "filing_call_stale":
            # Sent once more it is sent knowingly: the page shows what was asked for meanwhile.
            self.edition.data = str(error.params["edition"])

    def offer(self, asked: Asked) -> None:
        """The definitions by name; what is asked for now stands in the fields until something is typed."""
        self.definition.choices = [SelectChoice(one.code, gettext(one.name)) for one in DEFINITIONS.values()]
        if not self.is_submitted():
            self.definition.data = asked.definition.code
            self.due_on.data = asked.due_on
            self.cut_off_on.data = asked.cut_off_on if asked.due_on or asked.edition else None
            self.edition.data = str(asked.edition)
