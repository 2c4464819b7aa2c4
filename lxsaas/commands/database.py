"""`lxsaas db`: makes the database ready."""

import click

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
