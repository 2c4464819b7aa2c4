"""What every command shares: the application's context, and JSON on standard output."""

import json
from collections.abc import Callable
from datetime import date
from functools import update_wrapper
from typing import Any, ParamSpec, TypeVar

import click

P = ParamSpec("P")
R = TypeVar("R")


def in_app(command: Callable[P, R]) -> Callable[P, R]:
    """Runs a command in the application's context; the root command says how to make the application."""

    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        make_app = click.get_current_context().find_root().obj
        with make_app().app_context():
            return command(*args, **kwargs)

    return update_wrapper(run, command)


def print_json(value: Any) -> None:
    """One JSON document on standard output, dates in ISO form."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


class Day(click.ParamType[date]):
    """A calendar day, YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a day like 2026-09-01", param, ctx)
