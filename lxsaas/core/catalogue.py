"""What the database's catalogue says about tenancy, for `lxsaas doctor` and the guardrail tests."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

_TENANT_COLUMNS = ("school_id", "district_id")


@dataclass(frozen=True)
class Fault:
    """A table that is not walled off as it must be: which, and a stable code of what is missing."""

    table: str
    code: str

    def __str__(self) -> str:
        return f"{self.table}: {self.code}"


def tables(connection: Connection) -> list[str]:
    """Every table of the application (the migrations' own aside)."""
    query = text(
        "select relname from pg_class where relnamespace = 'public'::regnamespace"
        " and relkind in ('r', 'p') and relname <> 'alembic_version' order by relname"
    )
    return list(connection.scalars(query))


def faults(connection: Connection) -> list[Fault]:
    """Every breach of the rules of tenancy: empty when the walls stand."""
    found = []
    for table in tables(connection):
        found += [Fault(table, code) for code in _row_security_faults(connection, table)]
        found += [Fault(table, f"key_without_tenant:{key}") for key in _loose_keys(connection, table)]
    return found


def _row_security_faults(connection: Connection, table: str) -> list[str]:
    security = connection.execute(
        text("select relrowsecurity, relforcerowsecurity from pg_class where oid = cast(:t as regclass)"),
        {"t": f"public.{table}"},
    ).one()
    policies = connection.execute(
        text("select policyname, permissive, qual, with_check from pg_policies where tablename = :t"),
        {"t": table},
    ).all()
    found = []
    if not security.relrowsecurity:
        found.append("row_security_off")
    if not security.relforcerowsecurity:
        found.append("row_security_not_forced")
    if not policies:
        found.append("no_policy")
    for policy in policies:
        for clause, condition in (("using", policy.qual), ("with_check", policy.with_check)):
            if condition is None or "lx_" not in condition:
                found.append(f"policy_without_scope:{policy.policyname}:{clause}")
    return found


def _loose_keys(connection: Connection, table: str) -> list[str]:
    """Primary, unique and foreign keys and exclusions whose first column is not the table's tenant."""
    tenant = connection.scalar(
        text(
            "select attname from pg_attribute where attrelid = cast(:t as regclass) and not attisdropped"
            " and attname = any(:names) order by attname = 'school_id' desc limit 1"
        ),
        {"t": f"public.{table}", "names": list(_TENANT_COLUMNS)},
    )
    # The directory's own tables: a school is found by its address before anybody is in scope.
    if tenant is None or table == "school":
        return []
    query = text(
        "select conname from pg_constraint c join pg_attribute a"
        " on a.attrelid = c.conrelid and a.attnum = c.conkey[1]"
        " where c.conrelid = cast(:t as regclass) and c.contype in ('p', 'u', 'f', 'x')"
        " and a.attname <> :tenant"
        " union all "
        "select i.indexrelid::regclass::text from pg_index i join pg_attribute a"
        " on a.attrelid = i.indrelid and a.attnum = i.indkey[0]"
        " where i.indrelid = cast(:t as regclass) and i.indisunique and a.attname <> :tenant"
    )
    return list(connection.scalars(query, {"t": f"public.{table}", "tenant": tenant}))
