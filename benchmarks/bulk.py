"""Writing millions of rows as the administrator: indexes afterwards, sequences behind."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.sql import SQL, Identifier

from lxsaas.config import Settings


def administrator(settings: Settings) -> psycopg.Connection:
    """A connection of the administrator, who must be a superuser: row security and triggers stand back."""
    url = settings.admin_url.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg.connect(url, autocommit=True)
    # No foreign key is checked and no trigger runs: what they would do, the statements do themselves.
    connection.execute("set session_replication_role = replica")
    connection.execute("set maintenance_work_mem = '512MB'")
    connection.execute("set work_mem = '256MB'")
    return connection


@contextmanager
def without_indexes(connection: psycopg.Connection, table: str) -> Iterator[None]:
    """Drops indexes, unique keys and exclusions, all but the primary key, and makes them again at the end."""
    keys = connection.execute(
        "select conname, pg_get_constraintdef(oid) from pg_constraint"
        " where conrelid = %s::regclass and contype in ('u', 'x')",
        (table,),
    ).fetchall()
    for name, _definition in keys:
        drop = SQL("alter table {} drop constraint {}")
        connection.execute(drop.format(Identifier(table), Identifier(name)))
    indexes = connection.execute(
        "select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index"
        " where indrelid = %s::regclass and not indisprimary",
        (table,),
    ).fetchall()
    for name, _definition in indexes:
        connection.execute(SQL("drop index {}").format(Identifier(name)))
    yield
    for _name, definition in indexes:
        connection.execute(definition.encode())
    for name, definition in keys:
        add = f'alter table "{table}" add constraint "{name}" {definition}'
        connection.execute(add.encode())


def follow_sequences(connection: psycopg.Connection) -> None:
    """Sets the sequence of every table behind the largest id, where ids were given."""
    owned = connection.execute(
        "select a.attrelid::regclass::text, pg_get_serial_sequence(a.attrelid::regclass::text, a.attname)"
        " from pg_attribute a join pg_class c on c.oid = a.attrelid"
        " where a.attidentity <> '' and a.attname = 'id' and c.relkind = 'r'"
        " and c.relnamespace = 'public'::regnamespace"
    ).fetchall()
    for table, sequence in owned:
        last = connection.execute(SQL("select max(id) from {}").format(Identifier(table))).fetchone()
        if last and last[0]:
            connection.execute("select setval(%s, %s)", (sequence, last[0]))
