"""Runs the migrations as lx_owner, each in its own transaction, with lock and statement timeouts."""

from alembic import context
from sqlalchemy import Connection, text

import lxsaas.metadata
from lxsaas.config import Settings
from lxsaas.core.scope import Login
from lxsaas.extensions import plain_engine

# A migration that waits for a lock makes every query behind it wait: better to fail and try again.
LOCK_TIMEOUT = "4s"
STATEMENT_TIMEOUT = "60s"


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=lxsaas.metadata.metadata,
        transaction_per_migration=True,
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


connection = context.config.attributes.get("connection")
if connection is not None:
    run(connection)
else:
    with plain_engine(Settings().login_url(Login.OWNER)).connect() as connection:
        connection.execute(text(f"set lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.execute(text(f"set statement_timeout = '{STATEMENT_TIMEOUT}'"))
        connection.commit()
        run(connection)
