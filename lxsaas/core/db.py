"""Declarative base, naming convention and the mixins that put the tenant first in every key."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, ForeignKeyConstraint, Identity, MetaData, Table, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column, registry

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={str: Text, int: BigInteger, datetime: DateTime(timezone=True)},
    )


class SchoolOwned:
    """A tenant's row: the primary key is (school_id, id), and so is every key that refers to it.

    Foreign-key checks ignore row security; with a simple key one school could point at another's child.
    """

    __tablename__: str

    @declared_attr
    @classmethod
    def school_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey("school.id"), primary_key=True, autoincrement=False)

    @declared_attr
    @classmethod
    def id(cls) -> Mapped[int]:
        return mapped_column(Identity(), primary_key=True)


class DistrictOwned:
    """A district's row: the primary key is (district_id, id)."""

    @declared_attr
    @classmethod
    def district_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey("district.id"), primary_key=True, autoincrement=False)

    @declared_attr
    @classmethod
    def id(cls) -> Mapped[int]:
        return mapped_column(Identity(), primary_key=True)


def school_key(column: str, table: str, *, ondelete: str | None = None) -> ForeignKeyConstraint:
    """A foreign key inside one school: (school_id, column) -> table(school_id, id)."""
    return ForeignKeyConstraint(
        ["school_id", column], [f"{table}.school_id", f"{table}.id"], ondelete=ondelete
    )


def district_key(column: str, table: str) -> ForeignKeyConstraint:
    """A foreign key inside one district: (district_id, column) -> table(district_id, id)."""
    return ForeignKeyConstraint(["district_id", column], [f"{table}.district_id", f"{table}.id"])


def table_of(model: type[Base] | type[SchoolOwned]) -> Table:
    """The table, for inserts of many rows in one statement: the ORM makes one a pattern of None."""
    return Base.metadata.tables[model.__tablename__]
