"""Rows that people change: what they have in common whatever feature they belong to."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import SmallInteger, func
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Uuid

from lxsaas.core.db import SchoolOwned


@dataclass(frozen=True)
class Link:
    """Colleagues or children that belong to a row, in a table of their own (school_id, row, other)."""

    field: str
    """What the row's form calls them: 'attended'."""
    table: str
    row_key: str
    """The column that names the row."""
    other_key: str
    """'staff_id' or 'pupil_id'."""


class Versioned(SchoolOwned):
    """A row whose past is kept when it changes."""

    SEALED: ClassVar[tuple[str, ...]] = ()
    """Fields whose text is kept in a column `<field>_sealed`."""
    RULES: ClassVar[dict[str, tuple[str, str]]] = {}
    """Constraint -> (code of the refusal, field concerned): what the database refuses, said at the field."""
    LINKED: ClassVar[tuple[Link, ...]] = ()
    """Lists of colleagues or children that are kept, changed and remembered with the row."""
    PURPOSE: ClassVar[str | None] = None
    """The key of its own that seals the row and its past; None: the school's."""

    version: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    """Rises with each change; a form that was opened on an older one is refused."""


class Entered(Versioned):
    """A row that is entered by a form or an import, and withdrawn rather than deleted."""

    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())
    client_key: Mapped[UUID | None] = mapped_column(Uuid)
    """Made by the form: sending twice makes one row."""
    withdrawn_at: Mapped[datetime | None]
    """Since when the row counts nowhere; it stays to be seen, with the reason in its history."""
