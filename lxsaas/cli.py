"""The `lxsaas` command: each feature brings its commands, errors end in one line."""

import importlib
import sys

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from lxsaas.core.errors import ConfigurationError, LxsaasError
from lxsaas.core.messages import sentence

# Loaded when called: `lxsaas services start` must not wait for, or need, what the other commands import.
COMMANDS = {
    "services": "lxsaas.commands.services",
    "db": "lxsaas.commands.database",
    "doctor": "lxsaas.commands.doctor",
    "up": "lxsaas.commands.up",
    "district": "lxsaas.schools.commands",
    "school": "lxsaas.schools.commands",
    "user": "lxsaas.accounts.commands",
    "register": "lxsaas.pupils.commands",
    "indicators": "lxsaas.watch.commands",
    "reports": "lxsaas.reports.commands",
    "filings": "lxsaas.filings.commands",
    "audit": "lxsaas.commands.audit",
    "keys": "lxsaas.commands.keys",
    "demo": "lxsaas.demo.commands",
}


class LazyCommands(click.Group):
    """Finds a command in the module that `COMMANDS` names, by the command's own name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(COMMANDS[cmd_name]), cmd_name)
        return command


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lxsaas")
@click.pass_context
def lxsaas(context: click.Context) -> None:
    """Care for left-behind children: run and operate an installation of lxsaas."""

    def make_app() -> object:
        return importlib.import_module("lxsaas.app").create_app()

    context.obj = make_app


def main() -> None:
    """Runs the command; ends with one clear line and a status other than zero on any error told to people."""
    try:
        # Click hands back the status of Context.exit() when it does not exit by itself.
        status = lxsaas(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except LxsaasError as error:
        click.echo(f"lxsaas: {sentence(error)}", err=True)
        sys.exit(1)
    except OperationalError as error:
        refused = "password authentication failed" in str(error.orig)
        known = ConfigurationError("login_refused" if refused else "database_unreachable")
        click.echo(f"lxsaas: {sentence(known)}", err=True)
        sys.exit(1)
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) not in ("42P01", "42501"):
            raise
        click.echo(f"lxsaas: {sentence(ConfigurationError('database_not_upgraded'))}", err=True)
        sys.exit(1)
    sys.exit(status if isinstance(status, int) else 0)
