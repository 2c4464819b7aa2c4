"""What layers above keep confidential in the log: they put their conditions into the list."""

from collections.abc import Callable

from sqlalchemy import ColumnElement

confidential: list[Callable[[], ColumnElement[bool]]] = []
"""Conditions on AuditEntry under which the log does not say whom an entry concerns."""
