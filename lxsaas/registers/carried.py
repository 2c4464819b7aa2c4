"""What forms carry beside what is typed: a key, the version seen, the time; and how they tell refusals."""

from uuid import UUID, uuid4

from flask_wtf import FlaskForm
from wtforms import HiddenField

from lxsaas.accounts.forms import show_error
from lxsaas.core.errors import RuleError


class RefusableForm(FlaskForm):
    """A form that tells what an action refuses."""

    def refuse(self, error: RuleError) -> None:
        """Puts an action's refusal beside its field."""
        show_error(self, error)


class OnceForm(RefusableForm):
    """A form that makes one thing however often it is sent."""

    client_key = HiddenField()

    def open_new(self) -> None:
        """A key of its own for a form that is opened anew; a draft on the phone keeps it."""
        self.client_key.data = str(uuid4())

    @property
    def key(self) -> UUID | None:
        """The form's own key; None where the browser sent none that is one."""
        try:
            return UUID(self.client_key.data or "")
        except ValueError:
            return None


class SeenForm(RefusableForm):
    """A form that knows what it was opened on."""

    version = HiddenField()

    @property
    def seen_version(self) -> int:
        """The version that the form was opened on; 0 where the browser sent none."""
        text = self.version.data or ""
        return int(text) if text.isdecimal() and len(text) < 5 else 0


class TimedForm(FlaskForm):
    """A form that tells how long it was open."""

    elapsed_ms = HiddenField()

    @property
    def milliseconds(self) -> int | None:
        """As the browser measured it; None where it did not."""
        text = self.elapsed_ms.data or ""
        return int(text) if text.isdecimal() and len(text) < 9 else None
