"""What a school is expected to enter, and after how long its silence is told."""

from dataclasses import dataclass
from typing import Any

from lxsaas.activities.family_models import ParentsSession
from lxsaas.activities.models import Activity, HomeOpening
from lxsaas.core.messages import N_
from lxsaas.organisation.models import ClassActivity, GroupMeeting

CLASS_DAYS = 14
"""A class with care targets and no record for so many days of a term has gone silent."""
COMING_DAYS = 14
"""How far ahead meetings and decisions are shown."""


@dataclass(frozen=True)
class Expected:
    """Rows of which one a school is expected every `days` days of a term."""

    model: Any
    column: str
    """The day on which it was held."""
    days: int
    name: str
    """Message id."""

    @property
    def table(self) -> str:
        return str(self.model.__tablename__)


EXPECTED = (
    Expected(ClassActivity, "held_on", 14, N_("Weekly class activities")),
    Expected(HomeOpening, "opened_on", 14, N_("Openings of the children's home")),
    Expected(GroupMeeting, "held_on", 35, N_("Meetings of the leading group")),
    Expected(Activity, "held_on", 45, N_("Activities")),
    Expected(ParentsSession, "held_on", 100, N_("Sessions of the parents' school")),
)
"""Twice what the practices ask for, so that a week of illness is no silence."""
