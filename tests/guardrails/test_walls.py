"""Tenancy as the database itself enforces it, for every table there is and every login."""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg.errors
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, Table, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from lxsaas.commands.database import temporary_database
from lxsaas.config import Settings
from lxsaas.core import catalogue, provision
from lxsaas.core.scope import Login, Scope, watching
from lxsaas.extensions import ENGINE_OPTIONS, plain_engine
from lxsaas.metadata import metadata
from tests.guardrails.canary import (
    Tenant,
    kept_by_triggers,
    reader_of,
    row_for,
    row_kept,
    tables,
    tenant_column,
    writer_of,
)

SERVING = (Login.SCHOOL, Login.DISTRICT, Login.AGGREGATOR)


@dataclass
class House:
    """A database with two tenants of different districts, a row in every table for each."""

    settings: Settings
    engines: dict[Login, Engine]
    own: Tenant
    other: Tenant

    def enter(self, connection: Connection, scope: Scope) -> None:
        """Begins a transaction in `scope`, as the application's sessions do."""
        token = {"token": scope.token(self.settings.context_key)}
        connection.execute(text("select set_config('lx.context', :token, true)"), token)

    def readable(self, table: Table, login: Login) -> bool:
        """Whether `login` may read at least one column of the table."""
        with self.engines[Login.OWNER].connect() as connection:
            query = text("select has_any_column_privilege(:login, :table, 'SELECT')")
            return bool(connection.scalar(query, {"login": login.value, "table": f"public.{table.name}"}))

    def strangers(self, table: Table, login: Login) -> int:
        """How many rows of the other tenant `login` sees while it works for its own."""
        column = tenant_column(table)
        query = sa.select(sa.func.count()).select_from(table)
        if column:
            foreign = self.other.school_id if column == "school_id" else self.other.district_id
            query = query.where(table.c[column] == foreign)
        with self.engines[login].connect() as connection:
            self.enter(connection, self.own.scope(login))
            return int(connection.scalar(query) or 0)


@pytest.fixture(scope="module")
def house(settings: Settings) -> Iterator[House]:
    with temporary_database(settings) as fresh:
        engines = {login: sa.create_engine(fresh.login_url(login), **ENGINE_OPTIONS) for login in Login}
        house = House(fresh, engines, Tenant("CANARY-OWN"), Tenant("CANARY-OTHER"))
        for tenant in (house.own, house.other):
            fill(house, tenant)
        yield house
        for engine in engines.values():
            engine.dispose()


def fill(house: House, tenant: Tenant) -> None:
    """A row of the tenant in every table, each written by the login that may."""
    with house.engines[Login.OWNER].connect() as connection:
        writers = {table.name: writer_of(connection, table.name) for table in tables()}
    for table in tables():
        if kept_by_triggers(table):
            login = reader_of(table)
            with house.engines[login].begin() as connection:
                house.enter(connection, tenant.scope(login))
                tenant.rows[table.name] = row_kept(connection, table)
            continue
        login = writers[table.name]
        row = row_for(table, tenant)
        with house.engines[login].begin() as connection:
            house.enter(connection, tenant.scope(login))
            statement = sa.insert(table).values(row)
            if "id" in table.columns:
                row["id"] = connection.scalar(statement.returning(table.c.id))
            elif table.name == "mail_channel" and tenant is house.other:
                continue
            else:
                connection.execute(statement)
        tenant.rows[table.name] = row
        if table.name in ("district", "school"):
            setattr(tenant, f"{table.name}_id", row["id"])


@pytest.mark.parametrize("login", Login)
def test_no_login_can_step_over_row_security(settings: Settings, login: Login) -> None:
    assert provision.login_faults(plain_engine(settings.login_url(login)), login) == []


def test_every_table_has_forced_row_security_and_the_tenant_first_in_each_key(house: House) -> None:
    with house.engines[Login.OWNER].connect() as connection:
        assert catalogue.faults(connection) == []
        assert set(catalogue.tables(connection)) == {table.name for table in tables()}


def test_the_models_and_the_migrations_agree(house: House) -> None:
    with house.engines[Login.OWNER].connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize("table", tables(), ids=lambda table: table.name)
@pytest.mark.parametrize("login", Login)
def test_without_a_scope_there_are_no_rows(house: House, login: Login, table: Table) -> None:
    if not house.readable(table, login):
        return
    with house.engines[login].connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0


@pytest.mark.parametrize("table", tables(), ids=lambda table: table.name)
@pytest.mark.parametrize("login", SERVING)
def test_in_its_scope_a_login_sees_its_own_rows_and_no_others(
    house: House, login: Login, table: Table
) -> None:
    if not house.readable(table, login) or tenant_column(table) is None:
        return
    assert house.strangers(table, login) == 0
    with house.engines[login].connect() as connection:
        house.enter(connection, house.own.scope(login))
        assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 1


@pytest.mark.parametrize("login", Login)
@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda token: token[:-1] + ("0" if token[-1] != "0" else "1"), id="another signature"),
        pytest.param(lambda token: token.replace(":", ":1", 1), id="another district"),
        pytest.param(lambda token: token.rpartition(":")[0], id="no signature"),
        pytest.param(lambda token: token + ":more", id="more parts"),
        pytest.param(lambda _token: "nonsense", id="nonsense"),
    ],
)
def test_a_forged_scope_is_an_error(house: House, login: Login, forge: object) -> None:
    token = forge(house.other.scope(login).token(house.settings.context_key))  # type: ignore[operator]
    with house.engines[login].connect() as connection:
        connection.execute(text("select set_config('lx.context', :token, true)"), {"token": token})
        with pytest.raises(ProgrammingError) as caught:
            connection.execute(text("select count(*) from school"))
    assert isinstance(caught.value.orig, psycopg.errors.InsufficientPrivilege)


@pytest.mark.parametrize("login", SERVING)
def test_no_login_reads_the_key_that_signs_scopes(house: House, login: Login) -> None:
    with house.engines[login].connect() as connection, pytest.raises(ProgrammingError):
        connection.execute(text("select * from lx_private.context_key"))


def test_the_district_can_read_no_table_that_holds_a_school_s_rows(house: House) -> None:
    held = [table for table in tables() if "school_id" in table.columns]
    assert held
    assert [table.name for table in held if house.readable(table, Login.DISTRICT)] == []


def test_the_aggregator_reads_no_text_about_a_person(house: House) -> None:
    """Of the schools' tables it may read numbers, days and the codes listed here: no name, no note."""
    codes = {
        ("left_behind_spell", "definition"), ("left_behind_spell", "kind"),
        ("school_indicator", "indicator"), ("indicator_unit", "state"), ("indicator_unit", "error"),
        ("pairing", "kind"), ("help_plan", "term"), ("term_filing", "term"),
        ("activity", "kind"), ("plan_document", "kind"), ("indicator_standing", "formula"),
        ("change_log", "about"),
        # Where its people's report mail goes, in which language, and whether their role still gets it.
        ("staff", "email"), ("staff", "language"), ("staff", "roles"),
    }  # fmt: skip
    query = text("select has_column_privilege('lx_aggregator', :table, :column, 'SELECT')")
    with house.engines[Login.OWNER].connect() as connection:
        read = {
            (table.name, column.name)
            for table in tables()
            if "school_id" in table.columns
            for column in table.columns
            if not isinstance(column.type, (sa.Integer, sa.Date, sa.DateTime, sa.Boolean, sa.Uuid))
            and connection.scalar(query, {"table": f"public.{table.name}", "column": column.name})
        }
    assert read <= codes


def test_the_watch_sees_how_nights_went_and_writes_nothing(house: House) -> None:
    """Every district's runs, units, mails, alarms, when exports are due, and whether mail may go."""
    seen = {}
    with house.engines[Login.AGGREGATOR].connect() as connection:
        house.enter(connection, watching())
        for table in tables():
            if house.readable(table, Login.AGGREGATOR):
                seen[table.name] = connection.scalar(sa.select(sa.func.count()).select_from(table))
        alarm = sa.update(metadata.tables["night_alarm"]).values(error="planted")
        assert connection.execute(alarm).rowcount == 0
    watched = (
        "indicator_run", "indicator_unit", "outbox_message", "night_alarm", "report_subscription",
        "export_job", "district_export_job",
    )  # fmt: skip
    nights = dict.fromkeys(watched, 2)
    assert {name: count for name, count in seen.items() if count} == nights | {"mail_channel": 1}
    planted = {
        name: error_of_planting(house, metadata.tables[name], Login.AGGREGATOR, watching()) for name in nights
    }
    assert planted == dict.fromkeys(nights, "42501")


def writable(house: House, table: Table, login: Login) -> bool:
    with house.engines[Login.OWNER].connect() as connection:
        query = text("select has_table_privilege(:login, :table, 'INSERT')")
        return bool(connection.scalar(query, {"login": login.value, "table": f"public.{table.name}"}))


def error_of_planting(house: House, table: Table, login: Login, scope: Scope | None = None) -> str | None:
    """The SQLSTATE that answers a row of the other tenant written from one's own scope; None: accepted."""
    row = {name: value for name, value in house.other.rows[table.name].items() if name != "id"}
    with house.engines[login].connect() as connection:
        house.enter(connection, scope or house.own.scope(login))
        try:
            # RETURNING would also ask the USING clause.
            connection.execute(sa.insert(table).values(row).inline())
        except DBAPIError as error:
            return str(getattr(error.orig, "sqlstate", None))
    return None


@pytest.mark.parametrize("login", SERVING)
def test_no_login_writes_a_row_of_another_tenant(house: House, login: Login) -> None:
    planted = {
        table.name: error_of_planting(house, table, login)
        for table in tables()
        if tenant_column(table) and writable(house, table, login)
    }
    assert set(planted.values()) <= {"42501"}, planted


def policies(house: House) -> list[tuple[str, str, tuple[Login, ...]]]:
    with house.engines[Login.OWNER].connect() as connection:
        rows = connection.execute(text("select tablename, policyname, roles::text[] from pg_policies"))
        return [(row[0], row[1], tuple(Login(role) for role in row[2])) for row in rows]


def test_each_policy_loosened_in_turn_is_noticed(house: House) -> None:
    """USING (true) shows strangers to the checks above, WITH CHECK (true) lets them be planted."""
    by_name = {table.name: table for table in tables()}
    for table_name, policy, logins in policies(house):
        table = by_name[table_name]
        with house.engines[Login.OWNER].connect() as connection:
            conditions = connection.execute(
                text("select qual, with_check from pg_policies where tablename = :t and policyname = :p"),
                {"t": table_name, "p": policy},
            ).one()
        for clause, condition in (("USING", conditions.qual), ("WITH CHECK", conditions.with_check)):
            if condition is None:
                continue  # A policy for reading only.
            alter(house, table_name, policy, f"{clause} (true)")
            try:
                with house.engines[Login.OWNER].connect() as connection:
                    assert catalogue.faults(connection), (policy, clause)
                if tenant_column(table) is not None:
                    assert shows_breach(house, table, logins, clause), (policy, clause)
            finally:
                alter(house, table_name, policy, f"{clause} ({condition})")
    with house.engines[Login.OWNER].connect() as connection:
        assert catalogue.faults(connection) == []


def shows_breach(house: House, table: Table, logins: tuple[Login, ...], clause: str) -> bool:
    """Whether one of the policy's logins now sees or plants what is not its own."""
    if clause == "USING":
        return any(house.strangers(table, login) > 0 for login in logins if house.readable(table, login))
    able = [login for login in logins if login is not Login.OWNER and writable(house, table, login)]
    return not able or any(error_of_planting(house, table, login) != "42501" for login in able)


def alter(house: House, table: str, policy: str, change: str) -> None:
    with house.engines[Login.OWNER].begin() as connection:
        connection.execute(text(f"ALTER POLICY {policy} ON {table} {change}"))
