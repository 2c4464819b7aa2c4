"""`lxsaas db`: makes the database ready."""

import fcntl
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import click
import psycopg

from lxsaas.config import Settings
from lxsaas.core import provision
from lxsaas.core.scope import Login
from lxsaas.extensions import plain_engine


@click.group()
def db() -> None:
    """The database's logins and schema."""


@db.command()
def upgrade() -> None:
    """Create the logins, run the migrations, install the key that verifies contexts; safe to repeat."""
    upgrade_database(Settings())
    click.echo("The database is up to date.")


def upgrade_database(settings: Settings) -> None:
    """Raises ConfigurationError where the server cannot be reached or DATABASE_URL may not do it."""
    # Whoever hands over lx_owner itself has made the logins beforehand.
    if settings.admin_url.username != Login.OWNER.value and not settings.owner_url:
        passwords = {login: str(settings.login_url(login).password) for login in Login}
        provision.provision_logins(settings.admin_url, passwords)
    owner = plain_engine(settings.login_url(Login.OWNER))
    with owner.connect() as connection:
        provision.migrate(connection)
    provision.install_context_key(owner, settings.context_key)
    owner.dispose()


@contextmanager
def temporary_database(base: Settings) -> Iterator[Settings]:
    """Settings for a database of its own on the servers of `base`, made ready; dropped at the end.

    For tests and benchmarks. Its queue on the broker has a name of its own too.
    """
    name = f"lxsaas_{uuid.uuid4().hex[:12]}"
    admin = base.admin_url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
    fresh = Settings.of(
        LXSAAS_DATA_DIR=base.data_dir,
        DATABASE_URL=base.admin_url.set(database=name).render_as_string(hide_password=False),
        REDIS_URL=base.redis_url,
        LXSAAS_QUEUE=name,
        LXSAAS_TICK_SECONDS=base.tick_seconds,
    )
    # Logins belong to the server: two processes must not make them at once.
    base.data_dir.mkdir(parents=True, exist_ok=True)
    with (base.data_dir / "logins.turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        upgrade_database(fresh)
    try:
        yield fresh
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            drop = psycopg.sql.SQL("DROP DATABASE {} WITH (FORCE)")
            connection.execute(drop.format(psycopg.sql.Identifier(name)))
