"""Parents' absences as a register: dated facts, from which the left-behind spells follow (P6)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from lxsaas.core.errors import RuleError
from lxsaas.core.messages import N_
from lxsaas.core.permissions import Permission
from lxsaas.pupils import labels
from lxsaas.pupils.actions import renew_spells
from lxsaas.pupils.models import ParentAbsence, Pupil
from lxsaas.registers.forms import RegisterForm, choice, day, line, tick
from lxsaas.registers.register import Filter, Register


class AbsenceForm(RegisterForm):
    parent = choice(lazy_gettext("Parent"), labels.PARENTS)
    starts_on = day(lazy_gettext("Away since"))
    start_is_estimated = tick(lazy_gettext("The day is estimated"))
    ends_on = day(lazy_gettext("Back on"), optional=True)
    place = line(lazy_gettext("Place of work"), optional=True)
    source = choice(lazy_gettext("Known from"), labels.SOURCES)


def check_absence(session: Session, *, pupil: Pupil | None, values: Mapping[str, Any], today: date) -> None:
    """An absence lies between the birth of the child and today, and ends after it began."""
    assert pupil is not None
    if values["starts_on"] < pupil.born_on:
        raise RuleError("before_birth", field="starts_on")
    for name in ("starts_on", "ends_on"):
        if values[name] and values[name] > today:
            raise RuleError("in_future", field=name)
    if values["ends_on"] and values["ends_on"] <= values["starts_on"]:
        raise RuleError("ends_before_start", field="ends_on")


def follow_absence(session: Session, row: ParentAbsence, *, by: int) -> None:
    """The child's spells follow from its absences."""
    renew_spells(session, school_id=row.school_id, pupil_ids=[row.pupil_id])


def _new(_session: Session, _pupil: Pupil | None, today: date) -> dict[str, Any]:
    return {"starts_on": today, "source": "staff"}


ABSENCES = Register(
    "absences", ParentAbsence, AbsenceForm, N_("Parents away"), N_("Parent's absence"),
    N_("A parent has left"), "arrow-right", ("parent", "starts_on", "ends_on", "place", "source"),
    ordered_by="starts_on", record=Permission.EDIT_FILES,
    filters=(Filter("open", N_("Still away"), lambda _today: ParentAbsence.ends_on.is_(None)),),
    check=check_absence, follow=follow_absence, defaults=_new, with_files=False, of_file=True,
    help=N_("A short visit home does not end an absence."),
)  # fmt: skip
