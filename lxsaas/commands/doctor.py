"""`lxsaas doctor`: what is wrong with logins, walls, migrations, broker, mail server and clock."""

import smtplib
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import click
import redis
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from lxsaas.config import Settings
from lxsaas.core import catalogue, clock, provision
from lxsaas.core.errors import LxsaasError
from lxsaas.core.mail_text import domain_of
from lxsaas.core.messages import sentence
from lxsaas.core.rls import pads
from lxsaas.core.scope import Login, looking_up
from lxsaas.extensions import plain_engine
from lxsaas.reports.queries import is_paused

_CLOCK_TOLERANCE = timedelta(seconds=5)
_FORGED = "school:1:1:" + "0" * 64


@click.command()
def doctor() -> None:
    """Check the installation; prints what is wrong and exits 1 if anything is."""
    settings = Settings()
    found = False
    for name, check in CHECKS.items():
        problems = list(_attempt(check, settings))
        found = found or bool(problems)
        click.echo(f"{name}: {'; '.join(problems) or 'ok'}")
    sys.exit(1 if found else 0)


def _attempt(check: Callable[[Settings], Iterator[str]], settings: Settings) -> Iterator[str]:
    """The check's findings; a check that cannot even run is a finding itself."""
    try:
        yield from check(settings)
    except LxsaasError as error:
        yield sentence(error)
    except OperationalError:
        yield "the database does not answer, or refuses a login (run “lxsaas db upgrade”)"


def check_logins(settings: Settings) -> Iterator[str]:
    """Each login reaches the database and has no more rights than it should."""
    for login in Login:
        for fault in provision.login_faults(plain_engine(settings.login_url(login)), login):
            yield f"{login}: {fault}"


def check_walls(settings: Settings) -> Iterator[str]:
    """Row security on every table, no rows without a scope, a forged scope refused."""
    with plain_engine(settings.login_url(Login.OWNER)).connect() as connection:
        yield from map(str, catalogue.faults(connection))
    with plain_engine(settings.login_url(Login.SCHOOL)).connect() as connection:
        if connection.scalar(text("select count(*) from school")):
            yield "rows are visible without a scope"
        connection.execute(text("select set_config('lx.context', :token, true)"), {"token": _FORGED})
        try:
            connection.execute(text("select count(*) from pupil"))
            yield "a forged scope is accepted"
        except DBAPIError:
            pass


def check_migrations(settings: Settings) -> Iterator[str]:
    """Every migration has run, and the database knows this installation's key."""
    script = ScriptDirectory.from_config(provision.alembic_config())
    with plain_engine(settings.login_url(Login.OWNER)).connect() as connection:
        if MigrationContext.configure(connection).get_current_revision() != script.get_current_head():
            yield "migrations are missing: run “lxsaas db upgrade”"
            return
        inner, _ = pads(settings.context_key)
        known = text("select count(*) from lx_private.context_key where inner_pad = :inner")
        if not connection.scalar(known, {"inner": inner}):
            yield "the database does not know this installation's key: run “lxsaas db upgrade”"


def check_broker(settings: Settings) -> Iterator[str]:
    """The broker answers and writes what it holds to disk."""
    try:
        server = redis.Redis.from_url(settings.redis_url, socket_timeout=5)
        server.ping()
        if server.config_get("appendonly").get("appendonly") == "no":
            yield "it keeps no append-only file: messages are lost when it crashes"
        server.close()
    except redis.RedisError as error:
        yield f"it does not answer ({type(error).__name__})"


def check_mail(settings: Settings) -> Iterator[str]:
    """The mail server greets, and takes our login."""
    url = urlsplit(settings.smtp_url)
    connect = smtplib.SMTP_SSL if url.scheme == "smtps" else smtplib.SMTP
    try:
        with connect(url.hostname or "", url.port or 25, timeout=5) as server:
            server.noop()
    except OSError as error:
        yield f"it does not answer ({type(error).__name__})"
    token = looking_up(Login.AGGREGATOR).token(settings.context_key)
    with plain_engine(settings.login_url(Login.AGGREGATOR)).connect() as connection:
        connection.execute(text("select set_config('lx.context', :token, true)"), {"token": token})
        try:
            paused = connection.scalar(is_paused())
        except ProgrammingError:
            # A table or key that is missing is told by check_migrations.
            paused = 0
        if paused:
            yield "it refused the login and sending is paused: mend SMTP_URL, then “lxsaas reports resume”"


def check_addresses(settings: Settings) -> Iterator[str]:
    """Mail comes back to the domain that sends it, or one above or below: mail servers ask for it (DMARC)."""
    if settings.bounce_address is None:
        return
    sender, back = domain_of(settings.mail_from), settings.bounce_address.rpartition("@")[2].lower()
    if not (f".{sender}".endswith(f".{back}") or f".{back}".endswith(f".{sender}")):
        yield f"LXSAAS_BOUNCE_ADDRESS is of {back}, LXSAAS_MAIL_FROM of {sender}: such mail is taken for spam"


def check_clock(settings: Settings) -> Iterator[str]:
    """This machine and the database agree on the time."""
    with plain_engine(settings.login_url(Login.SCHOOL)).connect() as connection:
        theirs = connection.scalar(text("select clock_timestamp()"))
    if theirs is None or abs(theirs - clock.now()) > _CLOCK_TOLERANCE:
        yield "this machine and the database differ by more than five seconds"


CHECKS = {
    "logins": check_logins,
    "row security": check_walls,
    "migrations": check_migrations,
    "broker": check_broker,
    "mail server": check_mail,
    "mail addresses": check_addresses,
    "clock": check_clock,
}
