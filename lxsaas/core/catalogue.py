"""What the database's catalogue says about tenancy, for `lxsaas doctor` and the guardrail tests."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

_TENANT_COLUMNS = ("school_id", "district_id")
_OURS = "relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname <> 'alembic_version'"
_SECURITY = text(
    f'select relname as "table", relrowsecurity, relforcerowsecurity from pg_class where {_OURS} order by 1'
)
_POLICIES = text(
    'select tablename as "table", policyname, cmd, qual, with_check from pg_policies'
    " where schemaname = 'public' order by 1, 2"
)
# Primary, unique and foreign keys and exclusions whose first column is not the table's tenant. Not those of
# the directory's own table: a school is found by its address before anybody is in scope.
_KEYS = text(
    f"""
    with tenant as (
        select distinct on (c.oid) c.oid, relname, attname
        from pg_class c join pg_attribute a on a.attrelid = c.oid and not attisdropped
        where {_OURS} and relname <> 'school' and attname = any(:names)
        order by c.oid, attname = 'school_id' desc
    ), keys as (
        select conrelid as oid, conname::text as name, conkey[1] as first from pg_constraint
        where contype in ('p', 'u', 'f', 'x')
        union all
        select indrelid, indexrelid::regclass::text, indkey[0] from pg_index where indisunique
    )
    select relname as "table", name
    from tenant join keys using (oid) join pg_attribute a on a.attrelid = oid and a.attnum = first
    where a.attname <> tenant.attname order by 1, 2
    """
)


@dataclass(frozen=True)
class Fault:
    """A table that is not walled off as it must be: which, and a stable code of what is missing."""

    table: str
    code: str

    def __str__(self) -> str:
        return f"{self.table}: {self.code}"


def tables(connection: Connection) -> list[str]:
    """Every table of the application (the migrations' own aside)."""
    query = text(f"select relname from pg_class where {_OURS} order by relname")
    return list(connection.scalars(query))


def faults(connection: Connection) -> list[Fault]:
    """Every breach of the rules of tenancy, by table: empty when the walls stand."""
    policies: dict[str, list[Row[Any]]] = defaultdict(list)
    for policy in connection.execute(_POLICIES):
        policies[policy.table].append(policy)
    found = []
    for security in connection.execute(_SECURITY):
        codes = _row_security_faults(security, policies[security.table])
        found += [Fault(security.table, code) for code in codes]
    tenants = {"names": list(_TENANT_COLUMNS)}
    found += [
        Fault(key.table, f"key_without_tenant:{key.name}") for key in connection.execute(_KEYS, tenants)
    ]
    return sorted(found, key=lambda fault: fault.table)


def _row_security_faults(security: Row[Any], policies: Sequence[Row[Any]]) -> list[str]:
    found = []
    if not security.relrowsecurity:
        found.append("row_security_off")
    if not security.relforcerowsecurity:
        found.append("row_security_not_forced")
    if not policies:
        found.append("no_policy")
    for policy in policies:
        for clause, condition in (("using", policy.qual), ("with_check", policy.with_check)):
            if policy.cmd == "SELECT" and clause == "with_check":
                continue  # It admits no row that is written.
            if condition is None or "lx_" not in condition:
                found.append(f"policy_without_scope:{policy.policyname}:{clause}")
    return found
