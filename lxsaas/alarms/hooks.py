"""What layers above do when an alarm is raised, in the transaction that raises it."""

from collections.abc import Callable
from datetime import date

from sqlalchemy.orm import Session

AlarmRaised = Callable[[Session, int, int, date], object]
"""Called with the session (lx_aggregator, this district), the district's id, the alarm's, and its day."""

alarm_raised: list[AlarmRaised] = []
"""What is done, in the raising transaction, about an alarm whose rule says 'at once'."""
