"""What layers above do when a run's figures are published, in the publishing transaction."""

from collections.abc import Callable
from datetime import date

from sqlalchemy.orm import Session

RunFinished = Callable[[Session, int, date], object]
"""Called with the session (lx_aggregator, this district), the district's id and the run's as-of day."""

run_finished: list[RunFinished] = []
