"""Runs the migrations as lx_owner, each in its own transaction, with lock and statement timeouts."""

from alembic import context
from sqlalchemy import Connection, text

import lxsaas.metadata

# A migration that waits for a lock makes every query behind it wait: better to fail and try again.
LOCK_TIMEOUT = "4s"
STATEMENT_TIMEOUT = "60s"


def run(connection: Connection) -> None:
    connection.execute(text(f"set lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.execute(text(f"set statement_timeout = '{STATEMENT_TIMEOUT}'"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=lxsaas.metadata.metadata,
        transaction_per_migration=True,
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


# Only the package runs migrations (`lxsaas db upgrade`): it knows the login and makes it ready beforehand.
run(context.config.attributes["connection"])
