"""Who is asking: the scope in which every database transaction runs, signed so that SQL cannot forge it."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from sqlalchemy import Connection, bindparam, event, text
from sqlalchemy.orm import Session, SessionTransaction

from lxsaas.core.errors import ScopeError


class Login(StrEnum):
    """The database logins, one for each level of trust; no session changes its login."""

    OWNER = "lx_owner"
    """Owns the tables: migrations, and the operator's commands on districts and schools."""
    SCHOOL = "lx_school"
    """School pages: one school's rows."""
    DISTRICT = "lx_district"
    """District pages: published figures; no privilege on any table that holds a child."""
    AGGREGATOR = "lx_aggregator"
    """Nightly work and mail: of the schools' tables only the columns that counting needs."""


Kind = Literal["directory", "school", "district", "aggregate", "operator", "watch"]


@dataclass(frozen=True)
class Scope:
    """What a transaction may see: which login asks, and for which district and schools."""

    login: Login
    kind: Kind
    district_id: int | None = None
    school_ids: tuple[int, ...] = ()

    @property
    def school_id(self) -> int:
        """The one school of a school scope; raises ScopeError in any other."""
        if self.kind != "school":
            raise ScopeError("not_a_school_scope")
        return self.school_ids[0]

    def token(self, key: bytes) -> str:
        """The signed context that the database verifies: kind:district:schools:mac."""
        payload = f"{self.kind}:{self.district_id or ''}:{','.join(map(str, self.school_ids))}"
        return f"{payload}:{hmac.new(key, payload.encode(), hashlib.sha256).hexdigest()}"


_current: ContextVar[Scope | None] = ContextVar("lxsaas_scope", default=None)


def current_scope() -> Scope | None:
    """The scope in force here, or None."""
    return _current.get()


@contextmanager
def entered(scope: Scope) -> Iterator[Scope]:
    """Runs the body in `scope`; sessions opened in the body stay in it for good."""
    token = _current.set(scope)
    try:
        yield scope
    finally:
        _current.reset(token)


def acting_for_school(school_id: int, *, district_id: int) -> Scope:
    return Scope(Login.SCHOOL, "school", district_id, (school_id,))


def operating_on_school(school_id: int, *, district_id: int) -> Scope:
    """The operator's work on one school's rows as their owner: keys that rotate, nothing that people do."""
    return Scope(Login.OWNER, "school", district_id, (school_id,))


def acting_for_district(district_id: int) -> Scope:
    return Scope(Login.DISTRICT, "district", district_id)


def aggregating(district_id: int, school_ids: Iterable[int]) -> Scope:
    """Nightly work on some schools of one district; other schools do not exist in it."""
    return Scope(Login.AGGREGATOR, "aggregate", district_id, tuple(sorted(school_ids)))


def looking_up(login: Login = Login.SCHOOL) -> Scope:
    """The public directory: which districts and schools there are, nothing inside them."""
    return Scope(login, "directory")


def watching() -> Scope:
    """How the nights of all districts went, to be read only: runs, units, mail, alarms; no figures."""
    return Scope(Login.AGGREGATOR, "watch")


def operating() -> Scope:
    """The operator's commands on reference data."""
    return Scope(Login.OWNER, "operator")


class ScopedSession(Session):
    """A session that takes the scope in force at its first use and refuses any other after that.

    An open session that changed tenant would hand out the former tenant's objects from its identity map.
    """

    @property
    def scope(self) -> Scope:
        """The scope of this session; raises ScopeError when there is none or it changed."""
        now = _current.get()
        held: Scope | None = self.info.get("scope")
        if held is None:
            if now is None:
                raise ScopeError("no_scope")
            self.info["scope"] = now
            return now
        if now is not None and now != held:
            raise ScopeError("scope_changed")
        return held


# `SET LOCAL` takes no bound parameter; set_config(…, true) is its form that does.
_BIND_CONTEXT = text("select set_config('lx.context', :token, true)").bindparams(bindparam("token"))


def bind_scope(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    """Tells the database, for this transaction only, whose rows exist."""
    if isinstance(session, ScopedSession):
        token = session.scope.token(session.info["context_key"])
        connection.execute(_BIND_CONTEXT, {"token": token})


@contextmanager
def narrowed(session: Session, school_ids: Iterable[int]) -> Iterator[None]:
    """In the body only these of the scope's schools exist for the statements that the session sends.

    The database finds rows by the schools in scope: a statement on one school in a scope of a hundred would
    read them all. Raises ScopeError for a school outside the scope, and unless schools are aggregated.
    """
    scope = session.scope if isinstance(session, ScopedSession) else None
    fewer = tuple(sorted(school_ids))
    if scope is None or scope.kind != "aggregate" or not {*fewer} <= {*scope.school_ids}:
        raise ScopeError("not_in_scope")
    key = session.info["context_key"]
    session.execute(_BIND_CONTEXT, {"token": replace(scope, school_ids=fewer).token(key)})
    # A statement that failed has ended the transaction, and the narrower context with it.
    yield
    session.execute(_BIND_CONTEXT, {"token": scope.token(key)})


event.listen(ScopedSession, "after_begin", bind_scope)
