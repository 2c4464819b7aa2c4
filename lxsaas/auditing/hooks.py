"""What layers above keep confidential in the log: they put their conditions into the list."""

from collections.abc import Callable

from sqlalchemy import TextClause

confidential: list[Callable[[], TextClause]] = []
"""Conditions on the table audit_entry under which the log does not say whom an entry concerns."""
