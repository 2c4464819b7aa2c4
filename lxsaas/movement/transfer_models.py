"""Tables of a transfer to another school: the package that crosses the wall, the file as it arrived (P6)."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from lxsaas.core.db import Base, SchoolOwned, school_key


class TransferPackage(SchoolOwned, Base):
    """A child's file on its way: a row of the former school that the receiving one sees too.

    Sealed under a key from a code that no table holds: whoever is not told the code by the former school or
    the family has ciphertext. Triggers (migration 0009) let each side settle only what is its own to settle.
    """

    __tablename__ = "transfer_package"
    RULES: ClassVar = {"ix_transfer_package_open": ("transfer_twice", "to_school")}
    __table_args__ = (
        school_key("pupil_id", "pupil"),
        school_key("requested_by", "staff"),
        CheckConstraint("state in ('open', 'received', 'refused', 'withdrawn', 'forgotten')", name="state"),
        Index(
            "ix_transfer_package_open", "school_id", "pupil_id", unique=True,
            postgresql_where=text("state = 'open'"),
        ),
        Index(None, "to_school_id"),
    )  # fmt: skip

    pupil_id: Mapped[int]
    """The child at the former school; says nothing to the receiving one."""
    to_school_id: Mapped[int | None]
    """None: a school outside the system, which gets the file on paper."""
    to_name: Mapped[str]
    from_name: Mapped[str]
    requested_by: Mapped[int]
    requested_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_on: Mapped[date]
    """The first day on which it can no longer be received."""
    state: Mapped[str] = mapped_column(server_default="open")
    """'received' until the former school has forgotten the child, then 'forgotten'."""
    content: Mapped[bytes | None]
    """The sealed file; gone as soon as the transfer is settled."""
    settled_at: Mapped[datetime | None]


class FormerFile(SchoolOwned, Base):
    """What the former school's file held, as it arrived: to be read, not changed."""

    __tablename__ = "former_file"
    __table_args__ = (
        school_key("pupil_id", "pupil"),
        school_key("received_by", "staff"),
        Index(None, "school_id", "pupil_id"),
    )

    pupil_id: Mapped[int]
    from_name: Mapped[str]
    received_by: Mapped[int]
    received_on: Mapped[date]
    content_sealed: Mapped[bytes]
    """Chapters as JSON (`lxsaas.movement.transfer_file`), sealed with the school's key."""
