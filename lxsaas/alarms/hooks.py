"""Where other features meet alarms: what they want done when one is raised, and what they know of."""

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

AlarmRaised = Callable[[Session, int, int, date], object]
"""Called with the session (lx_aggregator, this district), the district's id, the alarm's, and its day."""

alarm_raised: list[AlarmRaised] = []
"""What is done, in the raising transaction, about an alarm whose rule says 'at once'."""

Standing = Callable[[int], Select[*tuple[Any, ...]]]
"""Of a district's id a query of what alarms stand open for: school's id, day it is about, id of its row."""

standing: dict[str, Standing] = {}
"""By kind of rule, of kinds whose facts others hold: 'mandatory_report'.

Read by lx_aggregator every few seconds: a row opens one alarm and closes it when it is no longer there.
"""
