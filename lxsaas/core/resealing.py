"""Sealing a school's fields anew under its newest key, in batches that can be stopped and taken up again.

A sealed value names its key in its first bytes, so what is still under an older key is found without a list.
"""

from collections.abc import Iterator

from sqlalchemy import Column, LargeBinary, Table, func, select, update
from sqlalchemy.orm import Session

from lxsaas.core.crypto import SchoolCipher, SchoolKey, school_cipher
from lxsaas.core.db import Base

BATCH = 500
_KEY_BYTES = 8


def sealed_columns() -> Iterator[tuple[Table, Column[object], Column[object]]]:
    """(table, sealed column, the column whose value the seal names as its row) of every feature's tables."""
    for table in Base.metadata.sorted_tables:
        if "school_id" not in table.columns:
            continue
        for column in table.columns:
            if column.name.endswith("_sealed") and isinstance(column.type, LargeBinary):
                yield table, column, next(one for one in table.primary_key.columns if one.name != "school_id")


def reseal(session: Session, school_id: int, purpose: str) -> Iterator[tuple[str, int]]:
    """Seals what older keys of a purpose hold; yields (table.column, rows) after each batch.

    The caller commits after each: what is done stays done when the work is stopped.
    """
    query = select(SchoolKey.id).where(
        SchoolKey.school_id == school_id, SchoolKey.purpose == purpose, SchoolKey.destroyed_at.is_(None)
    )
    keys = sorted(session.scalars(query))
    older = [key.to_bytes(_KEY_BYTES, "big") for key in keys[:-1]]
    for table, column, row in sealed_columns() if older else ():
        while count := _batch(session, school_cipher(session, school_id, purpose), table, column, row, older):
            yield f"{table.name}.{column.name}", count


def _batch(
    session: Session,
    cipher: SchoolCipher,
    table: Table,
    column: Column[object],
    row: Column[object],
    older: list[bytes],
) -> int:
    key = list(table.primary_key.columns)
    found = session.execute(
        select(*key, column)
        .where(func.substring(column, 1, _KEY_BYTES).in_(older))
        .limit(BATCH)
        .with_for_update()
    ).all()
    for one in found:
        place = {"table": table.name, "column": column.name, "row_id": getattr(one, row.name)}
        text = cipher.open_bytes(getattr(one, column.name), **place)
        session.execute(
            update(table)
            .where(*(part == getattr(one, part.name) for part in key))
            .values({column.name: cipher.seal_bytes(text, **place)})
        )
    return len(found)
