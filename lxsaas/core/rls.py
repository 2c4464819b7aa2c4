"""Row security as data: who may see which rows of a table, written into migrations from one declaration."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from lxsaas.core.scope import Login

Dialect = Literal["postgresql", "citus"]
Grants = Mapping[Login, str]
"""For each login the privileges, as in GRANT: 'SELECT, INSERT' or 'SELECT (school_id, id)'."""


@dataclass(frozen=True)
class Rows:
    """Which rows a login sees and may write: an SQL condition over the table and the context functions."""

    condition: str
    logins: tuple[Login, ...]


# In a subquery the function runs once a statement, not once a row: 3.5–9.6 times faster on scans.
def _once(call: str, dialect: Dialect) -> str:
    return f"(select {call})" if dialect == "postgresql" else call


def school_rows(dialect: Dialect = "postgresql", column: str = "school_id") -> tuple[Rows, ...]:
    """Rows of the school in scope; for the aggregator, of the batch of schools in scope."""
    return (
        Rows(f"{column} = {_once('lx_school_id()', dialect)}", (Login.SCHOOL, Login.OWNER)),
        Rows(f"{column} = any ({_once('lx_school_ids()', dialect)}::bigint[])", (Login.AGGREGATOR,)),
    )


def district_rows(dialect: Dialect = "postgresql") -> tuple[Rows, ...]:
    """Rows of the district in scope."""
    return (Rows(f"district_id = {_once('lx_district_id()', dialect)}", tuple(Login)),)


def directory_rows(own: str, dialect: Dialect = "postgresql") -> tuple[Rows, ...]:
    """Reference rows: all of them in the directory's scope and for the operator, else those `own` admits."""
    kind = _once("lx_scope_kind()", dialect)
    return (
        Rows(
            f"{kind} = 'directory' or {own}",
            (Login.SCHOOL, Login.DISTRICT, Login.AGGREGATOR),
        ),
        Rows(f"{kind} in ('directory', 'operator')", (Login.OWNER,)),
    )


@dataclass(frozen=True)
class Protection:
    """Row security and privileges of one table."""

    table: str
    rows: tuple[Rows, ...]
    grants: Grants = field(default_factory=dict)
    allocates: Login | None = None
    """Who may draw ids beforehand: a sealed field needs its row's id before the row exists."""

    def statements(self) -> Iterable[str]:
        """ENABLE and FORCE, one policy for each kind of rows with USING and WITH CHECK, and the grants."""
        yield f"ALTER TABLE {self.table} ENABLE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {self.table} FORCE ROW LEVEL SECURITY"
        yield f"REVOKE ALL ON {self.table} FROM PUBLIC"
        # The owner needs a policy because of FORCE.
        yield from admitted(self.table, self.rows, {Login.OWNER: ""} | dict(self.grants))
        if self.allocates is not None:
            yield f"GRANT USAGE ON SEQUENCE {self.table}_id_seq TO {self.allocates}"


def admitted(table: str, rows: Iterable[Rows], grants: Grants) -> Iterable[str]:
    """The policies and privileges of these logins on a table that others have already."""
    for one in rows:
        # A login without privileges needs no policy.
        logins = [login for login in one.logins if login in grants]
        if logins:
            yield (
                f"CREATE POLICY {table}_{logins[0].value.removeprefix('lx_')} ON {table} "
                f"FOR ALL TO {', '.join(logins)} USING ({one.condition}) WITH CHECK ({one.condition})"
            )
    for login, privileges in grants.items():
        if privileges:
            yield f"GRANT {privileges} ON {table} TO {login}"


def watched(table: str) -> str:
    """The policy that shows a table of the nights' work, all districts', to the watch; it writes nothing."""
    return (
        f"CREATE POLICY {table}_watch ON {table} FOR SELECT TO {Login.AGGREGATOR} "
        "USING ((select lx_scope_kind()) = 'watch')"
    )


def shown_to_district(table: str) -> str:
    """The trigger by which a change of a table with a `district_id` makes the district's kept pages stale.

    It counts at commit, so that a night's publication does not hold the version while it writes.
    """
    return (
        f"CREATE CONSTRAINT TRIGGER {table}_shown AFTER INSERT OR UPDATE OR DELETE ON {table} "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION lx_district_changed()"
    )


CONTEXT_FUNCTIONS = (
    "CREATE SCHEMA lx_private",
    "REVOKE ALL ON SCHEMA lx_private FROM PUBLIC",
    """
    CREATE TABLE lx_private.context_key (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        inner_pad bytea NOT NULL, outer_pad bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(), UNIQUE (inner_pad)
    )
    """,
    # HMAC-SHA-256 with the key's two pads made beforehand, so that no extension is needed.
    """
    CREATE FUNCTION lx_context() RETURNS text[]
    LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
        -- After a transaction the setting reads as an empty string, not NULL.
        token text := nullif(current_setting('lx.context', true), '');
        parts text[] := string_to_array(token, ':');
        payload bytea;
    BEGIN
        IF token IS NULL THEN
            RETURN NULL;
        END IF;
        payload := convert_to(concat_ws(':', parts[1], parts[2], parts[3]), 'UTF8');
        IF array_length(parts, 1) = 4 AND EXISTS (
            SELECT FROM lx_private.context_key k
            WHERE encode(sha256(k.outer_pad || sha256(k.inner_pad || payload)), 'hex') = parts[4]
        ) THEN
            RETURN parts;
        END IF;
        RAISE EXCEPTION 'the context is not signed by this installation' USING ERRCODE = '42501';
    END $$
    """,
    """
    CREATE FUNCTION lx_scope_kind() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT (public.lx_context())[1] $$
    """,
    """
    CREATE FUNCTION lx_district_id() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif((public.lx_context())[2], '')::bigint $$
    """,
    """
    CREATE FUNCTION lx_school_ids() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT string_to_array(nullif((public.lx_context())[3], ''), ',')::bigint[] $$
    """,
    """
    CREATE FUNCTION lx_school_id() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT CASE WHEN c[1] = 'school' THEN c[3]::bigint END FROM public.lx_context() AS c $$
    """,
)
"""The signed context: a SECURITY DEFINER function checks it against a key that no application login reads."""


def pads(key: bytes) -> tuple[bytes, bytes]:
    """The inner and outer pad of an HMAC-SHA-256 key of at most 64 bytes (RFC 2104)."""
    block = key.ljust(64, b"\0")
    return bytes(b ^ 0x36 for b in block), bytes(b ^ 0x5C for b in block)
