"""Districts, townships, schools, terms and classes."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    UniqueConstraint,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, column_property, mapped_column

from lxsaas.core.db import Base, DistrictOwned, SchoolOwned, district_key

SLUG = r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$"
"""What an address may be called: /s/<slug>/, /d/<slug>/."""


class District(Base):
    """A district education bureau: groups schools, sees aggregates only."""

    __tablename__ = "district"
    __table_args__ = (CheckConstraint(f"slug ~ '{SLUG}'", name="slug"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    timezone: Mapped[str] = mapped_column(server_default="Asia/Shanghai")
    first_care_definition: Mapped[str] = mapped_column(
        "care_definition", server_default="state_council_2016_3m"
    )
    """Code of the definition whose children are counted until the district chooses another."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    if TYPE_CHECKING:
        care_definition: Mapped[str]
        """Code of the definition whose children are counted today."""


class Township(DistrictOwned, Base):
    __tablename__ = "township"
    __table_args__ = (UniqueConstraint("district_id", "name"),)

    name: Mapped[str]


class School(Base):
    """The tenant."""

    __tablename__ = "school"
    __table_args__ = (
        CheckConstraint(f"slug ~ '{SLUG}'", name="slug"),
        CheckConstraint("register_code ~ '^[0-9]{10}$'", name="register_code"),
        district_key("township_id", "township"),
        Index(None, "district_id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("district.id"))
    township_id: Mapped[int | None]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    pinyin: Mapped[str]
    """Initials and full pinyin of the name, by which the start page finds it: 'pbxx pingbaxiaoxue'."""
    register_code: Mapped[str] = mapped_column(unique=True)
    """学校标识码 of the national student register, ten digits."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Term(DistrictOwned, Base):
    """A school term of a district; both days are included."""

    __tablename__ = "term"
    __table_args__ = (
        CheckConstraint("starts_on < ends_on", name="order"),
        UniqueConstraint("district_id", "name"),
        ExcludeConstraint(
            ("district_id", "="),
            (func.daterange(text("starts_on"), text("ends_on"), text("'[]'")), "&&"),
            name="ex_term_days",
            using="gist",
        ),
    )

    name: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    filing_due_on: Mapped[date | None]
    """By when the schools send the term's statistics (P29); None where the district has not said."""


class CareDefinitionChoice(DistrictOwned, Base):
    """From a day on the district counts the children of this definition; the days before keep theirs."""

    __tablename__ = "care_definition_choice"
    __table_args__ = (UniqueConstraint("district_id", "starts_on"),)

    starts_on: Mapped[date]
    definition: Mapped[str]


_CHOSEN = (
    select(CareDefinitionChoice.definition)
    .where(
        CareDefinitionChoice.district_id == District.id,
        CareDefinitionChoice.starts_on <= func.date(func.timezone(District.timezone, func.now())),
    )
    .order_by(CareDefinitionChoice.starts_on.desc())
    .limit(1)
    .correlate(District)
    .scalar_subquery()
)
District.care_definition = column_property(func.coalesce(_CHOSEN, District.first_care_definition))


class SchoolClass(SchoolOwned, Base):
    """A class of a school as the register numbers it (班号 '0302': grade 3, class 2)."""

    __tablename__ = "school_class"
    __table_args__ = (UniqueConstraint("school_id", "code"),)

    code: Mapped[str]
    grade: Mapped[int] = mapped_column(SmallInteger)
    number: Mapped[int] = mapped_column(SmallInteger)
