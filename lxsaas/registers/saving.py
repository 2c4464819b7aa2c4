"""What a register's form does when it is sent: values checked and completed, the row written, files kept."""

from datetime import date
from typing import Any

from flask_login import current_user

from lxsaas.accounts.access import realm
from lxsaas.core.changes import note_change
from lxsaas.extensions import db
from lxsaas.pupils import reach
from lxsaas.pupils.models import Pupil
from lxsaas.registers import actions
from lxsaas.registers.attachments import attach
from lxsaas.registers.fields import TicksField
from lxsaas.registers.forms import RegisterForm
from lxsaas.registers.links import linked_of
from lxsaas.registers.page_base import PageBase


class Saving(PageBase):
    """The writes of one register's pages; the pages commit."""

    def _values(
        self, form: RegisterForm, pupil: Pupil | None, parent: Any, row: Any = None
    ) -> dict[str, Any]:
        values = form.values()
        held = linked_of(db.session(), row) if row else {}
        for one in form:
            if isinstance(one, TicksField):
                values[one.short_name] = one.chosen_with(held.get(one.short_name, ()))
        if pupil:
            values["pupil_id"] = pupil.id
        if parent:
            values[f"{parent.__tablename__}_id"] = parent.id
        if self.register.check:
            self.register.check(db.session(), pupil=pupil, values=values, today=reach.today())
        if self.register.complete:
            values |= self.register.complete(db.session(), pupil, values, reach.today())
        return values

    def enter(self, form: RegisterForm, pupil: Pupil | None, parent: Any) -> Any:
        """Enters a row with its files, and what follows from it."""
        values = self._values(form, pupil, parent)
        row, made = actions.add_row(
            db.session(), self.register.model, school_id=realm().id, values=values,
            client_key=form.key, by=current_user.id,
        )  # fmt: skip
        self._attach(row, form)
        if made:
            self.follow(row)
        return row

    def change(self, row: Any, form: RegisterForm, pupil: Pupil | None) -> None:
        """Changes a row, adds files, and does what follows where something differs."""
        values = self._values(form, pupil, None, row)
        seen, before = form.seen_version, self.counted_day(row)
        changed = actions.edit_row(db.session(), row, values=values, version=seen, by=current_user.id)
        self._attach(row, form)
        if changed:
            self.follow(row, before)

    def follow(self, row: Any, before: date | None = None) -> None:
        """What follows from a row; `before`: the day on which it counted until now."""
        days = [one for one in (before, self.counted_day(row)) if one is not None]
        if days:
            note_change(db.session(), school_id=row.school_id, starts_on=min(days), ends_on=None)
        if self.register.follow:
            self.register.follow(db.session(), row, by=current_user.id)

    def counted_day(self, row: Any) -> date | None:
        """The day on which a row counts; None where it counts nowhere."""
        return getattr(row, self.register.counted_on) if self.register.counted_on else None

    def _attach(self, row: Any, form: RegisterForm) -> None:
        if self.register.with_files:
            attach(db.session(), row, form.cleaned_files(), client_key=form.key, by=current_user.id)
