"""What layers above do when schools are reminded, in the transaction that notes it; what else is due."""

from collections.abc import Callable, Sequence
from datetime import date

from sqlalchemy.orm import Session

from lxsaas.filings.models import FilingReminder

SchoolsReminded = Callable[[Session, int, Sequence[FilingReminder]], object]
"""Called with the session (lx_aggregator, the district and these schools), the district's id, the rows."""

schools_reminded: list[SchoolsReminded] = []
"""What is done about reminders that nobody has put into the outbox yet."""

Calendar = Callable[[Session, int, date], object]
"""Called with the session (lx_aggregator, the district), the district's id, its day."""

calendars: list[Calendar] = []
"""What reminds schools of other things than filings on a day."""
