"""Nights that were not complete by their hour, and the mail that says so."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, SmallInteger, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from lxsaas.core.db import Base, DistrictOwned


class NightAlarm(DistrictOwned, Base):
    """A night that was not complete by the set hour; closed by itself when it is.

    Its mail: pending → sending (committed before the line is opened) → sent | pending | failed | unknown.
    """

    __tablename__ = "night_alarm"
    __table_args__ = (
        UniqueConstraint("district_id", "as_of"),
        CheckConstraint("mail in ('none', 'pending', 'sending', 'sent', 'failed', 'unknown')", name="mail"),
    )

    as_of: Mapped[date]
    raised_at: Mapped[datetime] = mapped_column(server_default=func.now())
    closed_at: Mapped[datetime | None]
    mail: Mapped[str] = mapped_column(server_default="none")
    """'none': the installation names nobody to tell, or the night came before the mail went."""
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    next_attempt_at: Mapped[datetime] = mapped_column(server_default=func.now())
    claimed_at: Mapped[datetime | None]
    error: Mapped[str | None]
    """The server's reply code or a word; never an address."""
