"""The hours of the counselling room, as a register of the school."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from lxsaas.core.errors import RuleError
from lxsaas.core.messages import N_
from lxsaas.core.permissions import Permission
from lxsaas.counselling.forms import RoomHourForm
from lxsaas.counselling.models import RoomHour
from lxsaas.counselling.queries import COUNSELLOR_ROLES, active_staff_with
from lxsaas.pupils.models import Pupil
from lxsaas.registers.register import Register


def check_hours(session: Session, *, pupil: Pupil | None, values: Mapping[str, Any], today: date) -> None:
    """Raises RuleError for an end that is not after the beginning, and for somebody who does not counsel."""
    if values["ends_at"] <= values["starts_at"]:
        raise RuleError("hours_order", field="ends_at")
    counsellors = {one.id for one in session.scalars(active_staff_with(COUNSELLOR_ROLES))}
    if values["counsellor_id"] not in counsellors:
        raise RuleError("hours_counsellor", field="counsellor_id")


ROOM_HOURS = Register(
    "room-hours", RoomHour, RoomHourForm, N_("Hours of the counselling room"), N_("Hours"), N_("Add hours"),
    "clock", ("weekday", "starts_at", "ends_at", "place", "counsellor_id"),
    record=Permission.COUNSEL, area="protection", of_child=False, ordered_by="weekday", check=check_hours,
    with_files=False,
    help=N_("When children can come without being asked why. Also shown on the page of the letterbox."),
)  # fmt: skip
