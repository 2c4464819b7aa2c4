"""What must be true of what a school arranges, beyond the shape of the fields."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from lxsaas.core.errors import RuleError
from lxsaas.pupils.models import Pupil
from lxsaas.registers.checks import check_days

Values = Mapping[str, Any]
HAPPENED = ("opened_on", "checked_on", "made_on", "got_on")
"""Days on which something was seen or done: they have come."""


def check_arranged(session: Session, *, pupil: Pupil | None, values: Values, today: date) -> None:
    """Days that make sense, an end after its beginning."""
    check_days(values, today, past=HAPPENED)
    if pupil is not None and values.get("made_on") and values["made_on"] < pupil.born_on:
        raise RuleError("before_birth", field="made_on")
    for start, end in (("starts_on", "ends_on"), ("opens_at", "closes_at")):
        if values.get(start) and values.get(end) and values[end] < values[start]:
            raise RuleError("ends_before_start", field=end)


def check_work(session: Session, *, pupil: Pupil | None, values: Values, today: date) -> None:
    """What hangs on the wall is not signed with the child's name (P24)."""
    check_arranged(session, pupil=pupil, values=values, today=today)
    # Not looked for in the text: there are children called 高兴 ("glad").
    if pupil is not None and pupil.name in (values["by_line"] or ""):
        raise RuleError("wall_names_child", field="by_line")


def check_duty(session: Session, *, pupil: Pupil | None, values: Values, today: date) -> None:
    """Two who are on duty are two (P22)."""
    check_arranged(session, pupil=pupil, values=values, today=today)
    if values["first_staff_id"] == values["second_staff_id"]:
        raise RuleError("duty_of_two", field="second_staff_id")


def check_session(session: Session, *, pupil: Pupil | None, values: Values, today: date) -> None:
    """Families are told before a session, and what was told lies in the past (P25)."""
    check_days(values, today, past=("notice_on",))
    if values["notice_on"] and values["notice_on"] >= values["held_on"]:
        raise RuleError("notice_after", field="notice_on")


def check_money(session: Session, *, pupil: Pupil | None, values: Values, today: date) -> None:
    """An amount is more than nothing; what was spent, was spent by now."""
    check_days(values, today, past=("on_day",) if values["kind"] == "spending" else ())
    if not values["amount_cents"]:
        raise RuleError("amount_missing", field="amount_cents")
