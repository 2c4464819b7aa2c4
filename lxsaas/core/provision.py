"""Makes a database ready: the four logins, the schema by migrations, the key that verifies contexts."""

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy import URL, Connection, Engine, text

from lxsaas.core.errors import ConfigurationError
from lxsaas.core.rls import pads
from lxsaas.core.scope import Login

# Versions before these let row security be by-passed (CVE-2024-10976, CVE-2025-8713 and earlier ones).
SAFE_MINOR = {15: 14, 16: 10, 17: 6}
OLDEST = 15


def provision_logins(admin: URL, passwords: dict[Login, str]) -> None:
    """Creates the logins where missing, sets their passwords, and gives the schema to lx_owner.

    `admin` must be able to create roles. Raises ConfigurationError when it may not.
    """
    dsn = admin.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(dsn, connect_timeout=5) as connection:
            # Roles belong to the whole server: two upgrades of two databases must take turns.
            connection.execute("select pg_advisory_xact_lock(hashtext('lxsaas.logins'))")
            for login, password in passwords.items():
                _ensure_login(connection, login, password)
            database = sql.Identifier(connection.info.dbname)
            owner, others = sql.Identifier(Login.OWNER), sql.SQL(", ").join(map(sql.Identifier, Login))
            for statement in (
                "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
                "REVOKE ALL ON SCHEMA public FROM PUBLIC",
                "GRANT CONNECT ON DATABASE {database} TO {others}",
                "GRANT CREATE ON DATABASE {database} TO {owner}",
                "GRANT USAGE ON SCHEMA public TO {others}",
                "GRANT ALL ON SCHEMA public TO {owner}",
                "CREATE EXTENSION IF NOT EXISTS btree_gist",
            ):
                connection.execute(sql.SQL(statement).format(database=database, owner=owner, others=others))
    except psycopg.OperationalError as error:
        raise ConfigurationError("database_unreachable") from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise ConfigurationError("database_needs_administrator") from error


def _ensure_login(connection: psycopg.Connection, login: Login, password: str) -> None:
    exists = connection.execute("select 1 from pg_roles where rolname = %s", [login.value]).fetchone()
    verb = "ALTER" if exists else "CREATE"
    attributes = "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD {password}"
    connection.execute(
        sql.SQL(f"{verb} ROLE {{login}} {attributes}").format(
            login=sql.Identifier(login.value), password=sql.Literal(password)
        )
    )


def migrate(owner: Connection) -> None:
    """Runs every migration that has not run, over a connection of lx_owner."""
    config = alembic_config()
    config.attributes["connection"] = owner
    command.upgrade(config, "head")


def alembic_config() -> Config:
    """Alembic's configuration, in code: the scripts lie beside the package, or inside it in a wheel."""
    package = Path(__file__).resolve().parents[1]
    places = (package.parent / "migrations", package / "migrations")
    config = Config()
    config.set_main_option("script_location", str(next(place for place in places if place.exists())))
    return config


def install_context_key(owner: Engine, key: bytes) -> None:
    """Gives the database the key of the application; idempotent. Older keys stay valid until removed."""
    inner, outer = pads(key)
    with owner.begin() as connection:
        connection.execute(
            text(
                "insert into lx_private.context_key (inner_pad, outer_pad) values (:inner, :outer)"
                " on conflict do nothing"
            ),
            {"inner": inner, "outer": outer},
        )


def login_faults(engine: Engine, login: Login) -> list[str]:
    """Why this login must not serve people: a list of codes, empty when all is well."""
    with engine.connect() as connection:
        role = connection.execute(
            text("select rolsuper, rolbypassrls, rolname from pg_roles where rolname = current_user")
        ).one()
        owns = connection.scalar(text("select count(*) from pg_class where relowner = current_user::regrole"))
        version = int(connection.scalar(text("show server_version_num")) or 0)
    faults = []
    if role.rolsuper:
        faults.append("login_is_superuser")
    if role.rolbypassrls:
        faults.append("login_bypasses_row_security")
    if login is not Login.OWNER and owns:
        faults.append("login_owns_tables")
    if role.rolname != login.value:
        faults.append("login_is_another")
    return faults + version_faults(version)


def version_faults(server_version_num: int) -> list[str]:
    """Codes for a server too old, or with known flaws of row security."""
    major, minor = divmod(server_version_num, 10_000)
    if major < OLDEST:
        return ["server_too_old"]
    if minor < SAFE_MINOR.get(major, 0):
        return ["server_has_row_security_flaws"]
    return []
