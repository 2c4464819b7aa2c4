"""What must be true of entered rows beyond the shape of their fields."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lxsaas.core.errors import RuleError
from lxsaas.organisation import queries
from lxsaas.organisation.models import GroupMeeting
from lxsaas.pupils.models import Pupil
from lxsaas.registers.checks import check_days

Values = Mapping[str, Any]


def check_member(session: Session, *, pupil: Pupil | None, values: Values, today: date) -> None:
    """A group has one head (P1): another one is refused until the first has another position."""
    if values["position"] == "head":
        head = session.scalar(queries.head_of(values["term"]))
        if head not in (None, values["staff_id"]):
            raise RuleError("one_head", field="position")


def check_meeting(session: Session, *, pupil: Pupil | None, values: Values, today: date) -> None:
    """A meeting is entered when it was held, with who was there."""
    check_days(values, today, past=("held_on",))
    if not values["attended"]:
        raise RuleError("nobody_attended", field="attended")


def check_decision(session: Session, *, pupil: Pupil | None, values: Values, today: date) -> None:
    """A decision is due and done no earlier than its meeting was held."""
    check_days(values, today, past=("done_on",))
    if "group_meeting_id" in values:
        held = select(GroupMeeting.held_on).where(GroupMeeting.id == values["group_meeting_id"])
        held_on = session.scalar(held)
        for name in ("due_on", "done_on"):
            if held_on and values[name] and values[name] < held_on:
                raise RuleError("decided_before", field=name)


def monday(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def check_activity(session: Session, *, pupil: Pupil | None, values: Values, today: date) -> None:
    """What was done lies in its week and has its day; planned is for a class within reach."""
    check_days(values, today, past=("held_on",))
    if values["done"] and not values["held_on"]:
        raise RuleError("activity_day_missing", field="held_on")
    if values["held_on"] and monday(values["held_on"]) != monday(values["week_on"]):
        raise RuleError("outside_week", field="held_on")


def whole_week(session: Session, pupil: Pupil | None, values: Values, today: date) -> dict[str, date]:
    """The Monday of the week that was named by any of its days."""
    return {"week_on": monday(values["week_on"])}
