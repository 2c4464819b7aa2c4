"""An installation with data of before is upgraded: nothing is lost, nothing forgotten by row security."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from alembic import command
from sqlalchemy import Connection, text

from lxsaas.commands.database import temporary_database
from lxsaas.config import Settings
from lxsaas.core import provision
from lxsaas.core.scope import Login
from lxsaas.extensions import plain_engine

DISTRICT = "insert into district (slug, name) values ('d', '县') returning id"


@contextmanager
def installed_at(settings: Settings, revision: str) -> Iterator[tuple[psycopg.Connection, Settings]]:
    """An administrator's connection to a database that stands at a revision, and its settings."""
    with temporary_database(settings) as fresh:
        admin = fresh.admin_url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(admin, autocommit=True) as connection:
            for schema in ("public", "lx_private"):
                connection.execute(f"drop schema if exists {schema} cascade".encode())
            connection.execute("create schema public")
            provision.provision_logins(fresh.admin_url, passwords_of(fresh))
            with owner_of(fresh) as owner:
                migrate_to(owner, revision)
            yield connection, fresh


def passwords_of(settings: Settings) -> dict[Login, str]:
    return {login: str(settings.login_url(login).password) for login in Login}


@contextmanager
def owner_of(settings: Settings) -> Iterator[Connection]:
    with plain_engine(settings.login_url(Login.OWNER)).connect() as owner:
        yield owner


def migrate_to(owner: Connection, revision: str) -> None:
    config = provision.alembic_config()
    config.attributes["connection"] = owner
    command.upgrade(config, revision)


def test_what_was_hidden_of_a_district_stays_hidden(settings: Settings) -> None:
    with installed_at(settings, "0016_activities") as (admin, fresh):
        (district,) = admin.execute(DISTRICT).fetchone() or (0,)
        admin.execute(
            "insert into district_indicator (district_id, level, unit_id, indicator, starts_on, as_of,"
            " is_suppressed, schools_reporting, schools_expected)"
            " values (%s, 'school', 1, 'care_targets', '2026-11-01', '2026-11-01', true, 1, 1)",
            [district],
        )
        with owner_of(fresh) as owner:
            migrate_to(owner, "head")
        assert admin.execute("select numerator, hidden from district_indicator").fetchall() == [(None, "all")]
        assert forced(admin, "district_indicator")


def test_schools_that_a_run_at_work_has_counted_are_counted_again(settings: Settings) -> None:
    with installed_at(settings, "0019_reports") as (admin, fresh):
        (district,) = admin.execute(DISTRICT).fetchone() or (0,)
        admin.execute(
            "insert into school (district_id, slug, name, pinyin, register_code)"
            " values (%s, 's', '校', 'x', '2152000001')",
            [district],
        )
        for number, state in enumerate(("running", "done")):
            admin.execute(
                "with run as (insert into indicator_run (district_id, as_of, number, state)"
                " values (%s, '2026-11-01', %s, %s) returning id)"
                " insert into indicator_unit (school_id, run_id, state, attempts)"
                " select school.id, run.id, 'done', 1 from run, school",
                [district, number, state],
            )
        with owner_of(fresh) as owner:
            migrate_to(owner, "head")
        states = text(
            "select r.state, u.state, u.attempts from indicator_unit u join indicator_run r on r.id = run_id"
        )
        with plain_engine(fresh.admin_url).connect() as connection:
            assert {tuple(row) for row in connection.execute(states)} == {
                ("running", "pending", 0),
                ("done", "done", 1),
            }
        assert forced(admin, "indicator_unit")


def test_what_was_asked_for_is_a_first_edition_with_its_due_day(settings: Settings) -> None:
    with installed_at(settings, "0036_summary_document") as (admin, fresh):
        # No trigger: they ask in whose name it is written.
        admin.execute("set session_replication_role = replica")
        (district,) = admin.execute(DISTRICT).fetchone() or (0,)
        admin.execute(
            "insert into term (district_id, name, starts_on, ends_on, filing_due_on)"
            " values (%s, 't', '2026-09-01', '2027-01-20', '2026-12-20')",
            [district],
        )
        admin.execute(
            "insert into filing_call (district_id, term, cut_off_on, definition)"
            " values (%s, 't', '2026-11-30', 'register')",
            [district],
        )
        with owner_of(fresh) as owner:
            migrate_to(owner, "head")
        kept = admin.execute("select edition, due_on::text, asked_at from filing_call").fetchall()
        assert kept == [(1, "2026-12-20", None)]
        assert forced(admin, "filing_call")
        assert forced(admin, "term")


def forced(admin: psycopg.Connection, table: str) -> bool:
    row = admin.execute("select relforcerowsecurity from pg_class where relname = %s", [table]).fetchone()
    return row == (True,)
