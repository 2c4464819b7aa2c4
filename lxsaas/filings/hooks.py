"""What layers above do when schools are reminded, in the transaction that notes it."""

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from lxsaas.filings.models import FilingReminder

SchoolsReminded = Callable[[Session, int, Sequence[FilingReminder]], object]
"""Called with the session (lx_aggregator, the district and these schools), the district's id, the rows."""

schools_reminded: list[SchoolsReminded] = []
"""What is done about reminders that nobody has put into the outbox yet."""
