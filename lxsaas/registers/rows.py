"""The fields of a register's row as people see them: plain columns and sealed ones alike, and as JSON."""

import json
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import Date, DateTime, LargeBinary, Numeric, Time, Uuid, func, select, text
from sqlalchemy.orm import Session, object_session

from lxsaas.core.crypto import SchoolCipher, school_cipher
from lxsaas.core.db import SchoolOwned, table_of
from lxsaas.registers.links import linked_of, links_of

KEPT = frozenset({"school_id", "id", "recorded_by", "recorded_at", "client_key", "version", "withdrawn_at"})
"""Columns that are nobody's input."""
_READERS = {Date: date.fromisoformat, DateTime: datetime.fromisoformat, Time: time.fromisoformat, Uuid: UUID}


def next_id(session: Session, table: str) -> int:
    """The id of a row that is about to be made: sealed fields name it."""
    query = select(func.nextval(func.pg_get_serial_sequence(table, "id")))
    return int(session.scalar(query) or 0)


def cipher_of(session: Session, model: type[Any], school_id: int) -> SchoolCipher:
    """The cipher that seals the rows of a model and their past."""
    return school_cipher(session, school_id, model.PURPOSE or "data")


def sealed_fields(model: type[Any]) -> tuple[str, ...]:
    """The fields of a model that are kept sealed."""
    return tuple(getattr(model, "SEALED", ()))


def field_names(model: type[Any]) -> tuple[str, ...]:
    """Every field that people enter, sealed ones by their own names."""
    plain = [
        column.name
        for column in table_of(model).columns
        if column.name not in KEPT and column.computed is None and not isinstance(column.type, LargeBinary)
    ]
    return (*plain, *sealed_fields(model))


def values_of(row: SchoolOwned, cipher: SchoolCipher | None) -> dict[str, Any]:
    """The fields of a row, lists of who belongs to it too; without a cipher the sealed are left out."""
    model = type(row)
    sealed = sealed_fields(model)
    values = {name: getattr(row, name) for name in field_names(model) if name not in sealed}
    if links_of(model) and (session := object_session(row)) is not None:
        values |= linked_of(session, row)
    if cipher is not None:
        table = table_of(model).name
        for name in sealed:
            column = f"{name}_sealed"
            values[name] = cipher.open(getattr(row, column), table=table, column=column, row_id=row.id)
    return values


def columns_for(
    model: type[Any], row_id: int, values: Mapping[str, Any], cipher: SchoolCipher
) -> dict[str, Any]:
    """The columns in which values are stored: sealed fields sealed for this row, no lists."""
    table, sealed = table_of(model).name, sealed_fields(model)
    lists = {link.field for link in links_of(model)}
    stored: dict[str, Any] = {}
    for name, value in values.items():
        if name in lists:
            continue
        if name in sealed:
            column = f"{name}_sealed"
            stored[column] = cipher.seal(value or None, table=table, column=column, row_id=row_id)
        else:
            stored[name] = value
    return stored


def to_json(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, default=_plain)


def from_json(model: type[Any], text_: str) -> dict[str, Any]:
    """The values of an earlier version, with the types that the model's columns have now."""
    columns = table_of(model).columns
    return {
        name: _typed(columns[name].type, value) if name in columns else value
        for name, value in json.loads(text_).items()
    }


def _plain(value: object) -> object:
    if isinstance(value, date | time | datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return float(str(value))


def _typed(kind: object, value: Any) -> Any:
    if value is None:
        return None
    reader = next((read for known, read in _READERS.items() if type(kind) is known), None)
    if reader is not None:
        return reader(value)
    return kind.python_type(str(value)) if isinstance(kind, Numeric) else value


def lock_school(session: Session, name: str, school_id: int) -> None:
    """Two of the same work in one school take turns until the transaction ends."""
    session.execute(
        text("select pg_advisory_xact_lock(hashtext(:name), :school)"),
        {"name": name, "school": school_id % 2**31},
    )
