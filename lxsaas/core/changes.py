"""The change log: which days of a school's facts changed, written in the transaction of the change.

Append-only on the school's side: a marker row with 'on conflict do nothing' loses updates. The nightly run
takes the rows away in the transaction that counts them anew.
"""

from datetime import date, datetime
from typing import Literal

from sqlalchemy import CheckConstraint, func
from sqlalchemy.orm import Mapped, Session, mapped_column

from lxsaas.core.db import Base, SchoolOwned


class ChangeLog(SchoolOwned, Base):
    """Facts true on the days from `starts_on` to `ends_on` (both included; None: from then on) changed."""

    __tablename__ = "change_log"
    __table_args__ = (CheckConstraint("about in ('care_record')", name="about"),)

    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    about: Mapped[str | None]
    """The only table in which something changed; null where it may be any."""
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())


def note_change(
    session: Session,
    *,
    school_id: int,
    starts_on: date,
    ends_on: date | None,
    about: Literal["care_record"] | None = None,
) -> None:
    """Notes that figures of these days must be counted anew.

    `about` says that nothing but care records changed, as most evenings: the count reads much less then.
    """
    session.add(ChangeLog(school_id=school_id, starts_on=starts_on, ends_on=ends_on, about=about))
