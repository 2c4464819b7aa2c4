"""What may be done with a row of any register: entered once, changed with its past kept, withdrawn."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lxsaas.core.audit import audit
from lxsaas.core.db import table_of
from lxsaas.core.errors import RuleError
from lxsaas.core.versioned import Entered, Versioned
from lxsaas.pupils.models import Pupil
from lxsaas.registers.links import keep_linked
from lxsaas.registers.models import RowVersion
from lxsaas.registers.rows import cipher_of, columns_for, next_id, to_json, values_of

E = TypeVar("E", bound=Entered)
REASON_LENGTH = 500
"""Characters of the longest reason."""


def add_row(
    session: Session,
    model: type[E],
    *,
    school_id: int,
    values: Mapping[str, Any],
    client_key: UUID | None = None,
    by: int,
) -> tuple[E, bool]:
    """Enters a row and tells whether it is new: the same `client_key` sent twice gives the first one back.

    Raises RuleError where a constraint of the table refuses it (`Versioned.RULES`).
    """
    table = table_of(model)
    take_turns(session, school_id, values.get("pupil_id"))
    row_id = next_id(session, table.name)
    stored = columns_for(model, row_id, values, cipher_of(session, model, school_id))
    statement = (
        insert(table)
        .values(school_id=school_id, id=row_id, recorded_by=by, client_key=client_key, **stored)
        .on_conflict_do_nothing(index_elements=["school_id", "client_key"])
        .returning(table.c.id)
    )
    with refusals_told(session, model):
        made = session.scalar(statement) is not None
    if made:
        keep_linked(session, model, school_id, row_id, values)
        audit(
            session, f"record_{table.name}", table.name, row_id,
            school_id=school_id, by=by, **_child(values),
        )  # fmt: skip
    here = model.client_key == client_key if not made else model.id == row_id
    row = session.scalars(select(model).where(model.school_id == school_id, here)).one()
    return row, made


def edit_row(
    session: Session,
    row: Entered,
    *,
    values: Mapping[str, Any],
    version: int,
    by: int,
    reason: str | None = None,
) -> tuple[str, ...]:
    """Changes a row, keeps what stood there, and returns the names of the fields that differ.

    `version` is the one that was seen when the change was made: raises RuleError('row_stale') for an older
    one, so that nobody writes over what somebody else has just entered.
    """
    hold_row(session, row, version)
    cipher = cipher_of(session, type(row), row.school_id)
    before = values_of(row, cipher)
    changed = tuple(name for name, value in values.items() if not _same(before.get(name), value))
    if not changed:
        return ()
    keep_version(session, row, before, change="edited", reason=reason, by=by)
    stored = columns_for(type(row), row.id, {name: values[name] for name in changed}, cipher)
    with refusals_told(session, type(row)):
        for column, value in stored.items():
            setattr(row, column, value)
        row.version += 1
        session.flush()
    keep_linked(session, type(row), row.school_id, row.id, {name: values[name] for name in changed})
    audit(
        session, f"edit_{row.__tablename__}", row.__tablename__, row.id,
        school_id=row.school_id, by=by, fields=list(changed), **_child(before),
    )  # fmt: skip
    return changed


def _same(held: Any, given: Any) -> bool:
    """Nothing, an empty text and an empty list are one; 'no' and zero are said, unlike nothing."""
    nothing: tuple[Any, ...] = (None, "", [], ())
    return held == given or (held in nothing and given in nothing)


def withdraw_row(session: Session, row: Entered, *, version: int, by: int, reason: str) -> None:
    """Takes a row out of everything that counts; it stays to be seen, with the reason.

    Raises RuleError without a reason, for a stale version, and for a row that is withdrawn already.
    """
    reason = reason.strip()
    if not reason:
        raise RuleError("reason_required", field="reason")
    if len(reason) > REASON_LENGTH:
        raise RuleError("reason_too_long", field="reason", limit=REASON_LENGTH)
    hold_row(session, row, version)
    before = values_of(row, cipher_of(session, type(row), row.school_id))
    keep_version(session, row, before, change="withdrawn", reason=reason, by=by)
    row.withdrawn_at = session.scalar(select(func.now()))
    row.version += 1
    audit(
        session, f"withdraw_{row.__tablename__}", row.__tablename__, row.id,
        school_id=row.school_id, by=by, **_child(before),
    )  # fmt: skip
    session.flush()


@contextmanager
def refusals_told(session: Session, model: type[Any]) -> Iterator[None]:
    """Says at the field what a constraint of the table refuses; the transaction goes on."""
    try:
        with session.begin_nested():
            yield
    except IntegrityError as error:
        name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        if name not in model.RULES:
            raise
        code, field = model.RULES[name]
        raise RuleError(code, field=field) from error


def hold_row(session: Session, row: Entered, version: int) -> None:
    """Locks the row for this transaction; refuses who has seen an older one, or a withdrawn one."""
    take_turns(session, row.school_id, getattr(row, "pupil_id", None))
    session.refresh(row, with_for_update=True)
    if row.withdrawn_at is not None:
        raise RuleError("row_withdrawn")
    if row.version != version:
        raise RuleError("row_stale")


def take_turns(session: Session, school_id: int, pupil_id: int | None) -> None:
    """Two who write about one child wait for each other here; nothing for what is about no child.

    The child before its rows, in the order of an import: the other way round, and at a constraint on days, it
    were a deadlock.
    """
    if pupil_id:
        child = (Pupil.school_id == school_id) & (Pupil.id == pupil_id)
        session.execute(select(Pupil.id).where(child).with_for_update(key_share=True))


def keep_version(
    session: Session, row: Versioned, values: Mapping[str, Any], *, change: str, reason: str | None, by: int
) -> None:
    """Keeps `values`, what stood in a row until now, and what ended it ('edited' or 'withdrawn')."""
    cipher, kept_id = cipher_of(session, type(row), row.school_id), next_id(session, "row_version")

    def sealed(text: str | None, column: str) -> bytes | None:
        return cipher.seal(text, table="row_version", column=column, row_id=kept_id)

    session.add(
        RowVersion(
            school_id=row.school_id,
            id=kept_id,
            subject=row.__tablename__,
            subject_id=row.id,
            version=row.version,
            change=change,
            ended_by=by,
            values_sealed=sealed(to_json(values), "values_sealed"),
            reason_sealed=sealed(reason or None, "reason_sealed"),
        )
    )


def _child(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"pupil_id": values["pupil_id"]} if values.get("pupil_id") else {}
