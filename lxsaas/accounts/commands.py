"""`lxsaas user`: the operator creates the first accounts, and helps who is locked out."""

import sys

import click
from flask import current_app

from lxsaas.accounts import actions, messages, queries, sessions
from lxsaas.accounts.realms import Realm, find_realm
from lxsaas.config import Settings
from lxsaas.core import clock
from lxsaas.core.cli import in_app
from lxsaas.core.errors import NotFoundError, RuleError
from lxsaas.core.scope import looking_up
from lxsaas.extensions import session_for
from lxsaas.schools import messages as school_messages

__all__ = ["messages", "school_messages", "user"]

place_options = (
    click.option("--school", help="Slug of the school."),
    click.option("--district", help="Slug of the district."),
)


@click.group()
def user() -> None:
    """Staff accounts of schools and districts."""


@user.command("create")
@place_options[0]
@place_options[1]
@click.option("--role", "roles", multiple=True, required=True, help="Repeat it for several.")
@click.option("--username", required=True)
@click.option("--name", required=True)
@click.option("--email")
@click.option("--class", "classes", multiple=True, help="班号 of a class whose homeroom teacher this is.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--invite", is_flag=True, help="Print a one-time link instead.")
@in_app
def create_user(
    school: str | None,
    district: str | None,
    roles: tuple[str, ...],
    username: str,
    name: str,
    email: str | None,
    classes: tuple[str, ...],
    password_stdin: bool,
    invite: bool,
) -> None:
    """Create an account, with a password or with a one-time link."""
    if password_stdin == invite:
        raise RuleError("password_source")
    realm = place(school, district)
    if classes and realm.kind != "school":
        raise RuleError("classes_at_school")
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    with session_for(realm.scope) as session:
        account = actions.create_account(
            session, realm, username=username, name=name, roles=roles, email=email, password=password, by=None
        )
        if classes:
            ids = actions.class_ids_of(session, classes)
            today = clock.today(realm.timezone)
            actions.assign_classes(session, realm, account, ids, on=today, by=None)
        code = sessions.invite(session, realm, account, by=None) if invite else None
        session.commit()
    created = actions.username_of(username)
    click.echo(link(realm, code) if code else f"User {created} created.")


@user.command("invite")
@place_options[0]
@place_options[1]
@click.option("--username", required=True)
@in_app
def invite_user(school: str | None, district: str | None, username: str) -> None:
    """Print a one-time link by which somebody sets a new password."""
    realm = place(school, district)
    with session_for(realm.scope) as session:
        account = actions.find_account(session, realm, username)
        code = sessions.invite(session, realm, account, by=None)
        session.commit()
    click.echo(link(realm, code))


# Who forgot a password is helped by the same link as a newcomer.
user.add_command(invite_user, "reset")


@user.command("list")
@place_options[0]
@place_options[1]
@in_app
def list_users(school: str | None, district: str | None) -> None:
    """List the accounts at an address."""
    realm = place(school, district)
    with session_for(realm.scope) as session:
        for account in session.scalars(queries.accounts_like(realm, "", "username")):
            state = "" if account.is_active else "  (inactive)"
            click.echo(f"{account.username}  {','.join(account.roles)}{state}")


def place(school: str | None, district: str | None) -> Realm:
    """The realm of --school or --district; raises RuleError unless it is just one of them."""
    if (school is None) == (district is None):
        raise RuleError("place_required")
    with session_for(looking_up()) as session:
        try:
            if school is not None:
                return find_realm(session, "school", school)
            return find_realm(session, "district", str(district))
        except NotFoundError:
            code = "school_unknown" if school is not None else "district_unknown"
            raise NotFoundError(code, slug=school or district) from None


def link(realm: Realm, code: str) -> str:
    """The address to pass on; what stands behind # reaches no server and no log."""
    settings: Settings = current_app.extensions["lxsaas.settings"]
    return f"{settings.base_url.rstrip('/')}{realm.path}invitation#{code}"
