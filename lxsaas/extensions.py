"""The Flask extensions, made once and bound to the application in `app.py`; and the database sessions."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask_compress import Compress
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from flask_talisman import Talisman
from flask_wtf import CSRFProtect
from sqlalchemy import URL, Connection, Engine, NullPool, create_engine
from sqlalchemy.orm import Session

from lxsaas.core.db import Base
from lxsaas.core.scope import Scope, ScopedSession, entered

# PgBouncer in transaction mode keeps no prepared statement between transactions.
CONNECT_ARGS: dict[str, Any] = {"prepare_threshold": None, "connect_timeout": 5, "application_name": "lxsaas"}
ENGINE_OPTIONS: dict[str, Any] = {
    "pool_pre_ping": True,
    "pool_size": 5,
    "max_overflow": 5,
    "connect_args": CONNECT_ARGS,
    # The values of a failing statement are people's data and errors end up in logs.
    "hide_parameters": True,
}
STANDING_BIND = "lx_district_standing"
STANDING_OPTIONS = ENGINE_OPTIONS | {
    # Each statement is a transaction, and its fault means no more than that a page is made anew.
    "isolation_level": "AUTOCOMMIT",
    "pool_pre_ping": False,
    "pool_reset_on_return": None,
}
"""The district's login for one statement that binds its own scope (`district.queries.STANDING`)."""


class TrustSession(ScopedSession, FlaskSession):
    """Connects with the login of its scope: one pool for each level of trust."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        return self._db.engines[self.scope.login.value]


db = SQLAlchemy(model_class=Base, session_options={"class_": TrustSession})
compress = Compress()
csrf = CSRFProtect()
talisman = Talisman()
login_manager = LoginManager()
limiter = Limiter(get_remote_address)


@contextmanager
def session_for(scope: Scope) -> Iterator[Session]:
    """A session of its own in `scope`, beside the request's; rolled back unless the body commits."""
    with entered(scope), db.session.session_factory() as session:
        yield session


def plain_engine(url: URL) -> Engine:
    """An engine outside every scope, for migrations and checks: row security shows it nothing."""
    return create_engine(url, poolclass=NullPool, connect_args=CONNECT_ARGS, hide_parameters=True)
