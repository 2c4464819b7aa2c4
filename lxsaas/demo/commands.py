"""`lxsaas demo`: the demonstration district."""

import click

from lxsaas.core.cli import in_app
from lxsaas.demo.load import accounts_text, load_once


@click.group()
def demo() -> None:
    """A believable district of invented people, to look at and to try."""


@demo.command()
@click.option("--schools", default=12, show_default=True, type=click.IntRange(1, 400))
@click.option("--seed", default=1, show_default=True, help="The same seed and day give the same district.")
@in_app
def load(schools: int, seed: int) -> None:
    """Create it with a year of care up to today, and compute its figures; does nothing where it exists."""
    load_once(schools=schools, seed=seed, progress=click.echo)
    click.echo(accounts_text())
