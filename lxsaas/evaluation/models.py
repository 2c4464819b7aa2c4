"""What each part of the year's evaluation weighs at a school (P3)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, SmallInteger, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from lxsaas.core.db import Base, SchoolOwned, school_key


class EvaluationWeight(SchoolOwned, Base):
    """The weight of one part in one school year, where the school has set it."""

    __tablename__ = "evaluation_weight"
    __table_args__ = (
        school_key("set_by", "staff"),
        UniqueConstraint("school_id", "year", "part"),
        CheckConstraint("weight between 0 and 100", name="weight"),
    )

    year: Mapped[int] = mapped_column(SmallInteger)
    """The calendar year in which the school year begins."""
    part: Mapped[str]
    """Code of the part (`definitions.PARTS`)."""
    weight: Mapped[int] = mapped_column(SmallInteger)
    """0: does not count."""
    set_by: Mapped[int]
    set_at: Mapped[datetime] = mapped_column(server_default=func.now())
