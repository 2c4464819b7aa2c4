"""`lxsaas services`: the embedded PostgreSQL and Valkey, or the real ones that the environment names."""

import click

from lxsaas.config import Settings
from lxsaas.core import services as embedded
from lxsaas.core.cli import print_json
from lxsaas.core.errors import ConfigurationError
from lxsaas.core.scope import Login


@click.group()
def services() -> None:
    """Start, stop and show the embedded PostgreSQL and Valkey under LXSAAS_DATA_DIR."""


@services.command()
def start() -> None:
    """Start what does not run; what DATABASE_URL and REDIS_URL name is left alone."""
    settings = Settings()
    if settings.database_url and settings.redis_url_setting:
        click.echo("DATABASE_URL and REDIS_URL name servers of yours; nothing to start.")
        return
    running = embedded.start(settings.data_dir).status
    click.echo(f"PostgreSQL on port {running.postgres.port}, Valkey on port {running.valkey.port}.")


@services.command()
def stop() -> None:
    """Stop both; data stays."""
    embedded.stop(Settings().data_dir)
    click.echo("Stopped.")


@services.command()
@click.option("--json", "as_json", is_flag=True, help="URLs with passwords, as JSON.")
def status(as_json: bool) -> None:
    """Say whether they run, and where; exits 1 when they do not."""
    settings = Settings()
    try:
        urls = {login.value: settings.login_url(login) for login in Login}
        redis = settings.redis_url
    except ConfigurationError:
        if as_json:
            print_json({"database": None, "redis": None})
        raise
    if as_json:
        database = {name: url.render_as_string(hide_password=False) for name, url in urls.items()}
        print_json({"database": database, "redis": redis})
        return
    click.echo(f"PostgreSQL: {urls[Login.OWNER].set(username=None, password=None)}")
    click.echo(f"Valkey: {redis.rpartition('@')[2]}")
