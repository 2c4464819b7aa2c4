"""Fills every table, whatever its columns, with rows of a tenant whose texts are recognisable anywhere."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Connection, Table
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from lxsaas.core.scope import Login, Scope, acting_for_district, acting_for_school, aggregating, operating
from lxsaas.metadata import metadata

REFERENCE = ("district", "township", "school", "term", "care_definition_choice")
"""Written by the operator, read through the directory."""


@dataclass
class Tenant:
    """One school with its district, and a row of every table."""

    mark: str
    district_id: int = 0
    school_id: int = 0
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    def scope(self, login: Login) -> Scope:
        """The scope in which `login` works for this tenant."""
        return {
            Login.SCHOOL: acting_for_school(self.school_id, district_id=self.district_id),
            Login.DISTRICT: acting_for_district(self.district_id),
            Login.AGGREGATOR: aggregating(self.district_id, [self.school_id]),
            Login.OWNER: operating(),
        }[login]

    def id_for(self, argument: str) -> int | str:
        """The id that a route's argument names: 'pupil_id' is the tenant's pupil, 'import_id' its import."""
        noun = argument.removesuffix("_id")
        for table, row in self.rows.items():
            if table == noun or table.endswith(f"_{noun}"):
                return int(row.get("id", 1))
        return int(self.rows["pupil"]["id"])


def tenant_column(table: Table) -> str | None:
    """The column that says whose row it is."""
    if table.name == "district":
        return "id"
    return next((name for name in ("school_id", "district_id") if name in table.columns), None)


def writer_of(connection: Connection, table: str) -> Login:
    """The login that may insert into a table; the owner for reference data."""
    for login in (Login.SCHOOL, Login.DISTRICT, Login.AGGREGATOR):
        query = sa.text("select has_table_privilege(:login, :table, 'INSERT')")
        if connection.scalar(query, {"login": login.value, "table": f"public.{table}"}):
            return login
    return Login.OWNER


def row_for(table: Table, tenant: Tenant) -> dict[str, Any]:
    """A row that satisfies the table's types, checks and foreign keys; texts bear the tenant's mark."""
    given = {
        "district_id": tenant.district_id, "school_id": tenant.school_id, "to_school_id": tenant.school_id,
    }  # fmt: skip
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.identity is not None or column.computed is not None:
            continue
        if column.name in given:
            row[column.name] = given[column.name]
            continue
        target = _target(table, column)
        row[column.name] = tenant.rows[target]["id"] if target else _value(table, column, tenant)
    for others in _alternatives(table):
        row |= dict.fromkeys(others)
    return row


def _alternatives(table: Table) -> Iterator[list[str]]:
    """Of columns of which just one may be filled, all but the last."""
    for check in table.constraints:
        if isinstance(check, sa.CheckConstraint):
            if found := re.match(r"num_nonnulls\((.+)\) = 1", str(check.sqltext)):
                yield found[1].split(", ")[:-1]


def _target(table: Table, column: Column[Any]) -> str | None:
    """The table whose id a column refers to, if any."""
    for key in column.foreign_keys:
        if key.column.name == "id" and key.column.table.name not in ("school", "district"):
            return str(key.column.table.name)
    return "indicator_run" if column.name == "run_id" else None


def _value(table: Table, column: Column[Any], tenant: Tenant) -> Any:
    checked = _from_checks(table, column)
    if checked is not None:
        return [checked] if isinstance(column.type, ARRAY) else checked
    if column.name in ("slug", "register_code"):
        code = f"{uuid.uuid5(uuid.NAMESPACE_URL, tenant.mark).int % 10**10:010d}"
        return code if column.name == "register_code" else f"c{code}"
    if column.name == "unit_id":
        # A district's row about a school names it so, and that school may see it.
        return tenant.school_id
    if column.nullable and column.name in ("left_on", "ended_at", "withdrawn_at", "closed_on", "removed_on"):
        # A pupil who left, a session that ended, a row withdrawn would be shown to nobody.
        return None
    if column.name == "timezone":
        return "Asia/Shanghai"
    mark = f"{tenant.mark}-{table.name}-{column.name}"
    return _by_type(column, mark)


def _by_type(column: Column[Any], mark: str) -> Any:
    # An end lies behind its start; weeks begin on a Monday.
    day = date(2026, 3, 2) if re.search("ends|left|returned", column.name) else date(2026, 2, 2)
    values: dict[type[Any], Any] = {
        sa.Text: mark,
        sa.LargeBinary: mark.encode(),
        JSONB: {"mark": mark},
        sa.Boolean: False,
        sa.DateTime: datetime.now(UTC) + timedelta(days=1),
        sa.Date: day,
        sa.Time: time(18, 30) if re.search("ends|closes", column.name) else time(6, 30),
        sa.Uuid: uuid.uuid4(),
        sa.Integer: 1,
        sa.Float: 1.5,
        ARRAY: [1 if isinstance(getattr(column.type, "item_type", None), sa.Integer) else mark],
    }
    return next(value for kind, value in values.items() if isinstance(column.type, kind))


def _from_checks(table: Table, column: Column[Any]) -> str | None:
    """The first of the values that a check constraint lists for a column."""
    for check in table.constraints:
        if isinstance(check, sa.CheckConstraint):
            text = str(check.sqltext)
            if found := re.search(rf"\b{column.name} (?:in \(|<@ array\[)'([^']+)'", text):
                return found[1]
    return None


def kept_by_triggers(table: Table) -> bool:
    """Whether the database alone writes a table's rows, as its model says: others' rows have filled it."""
    return bool(table.info.get("kept_by_triggers"))


def tables() -> list[Table]:
    """Every table, those referred to before those that refer, those that triggers fill last.

    What all refer to comes first: a district's row may be about a school without a key that says so.
    """
    return sorted(
        metadata.sorted_tables, key=lambda table: (kept_by_triggers(table), table.name not in REFERENCE)
    )


def row_kept(connection: Connection, table: Table) -> dict[str, Any]:
    """The row that a trigger has written for the tenant in scope."""
    return dict(connection.execute(sa.select(table)).mappings().first() or {})


def reader_of(table: Table) -> Login:
    """Who reads what triggers write."""
    return Login.SCHOOL if "school_id" in table.columns else Login.DISTRICT
