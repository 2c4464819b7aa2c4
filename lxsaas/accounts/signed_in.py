"""Who is signed in: Flask-Login's user, from the server-side session that the cookie names."""

from flask import g
from flask_login import UserMixin

from lxsaas.accounts import sessions
from lxsaas.accounts.tables import Account
from lxsaas.core.permissions import OF_WHOLE_DISTRICT, Permission, permissions_of
from lxsaas.extensions import db, login_manager, session_for


class SignedIn(UserMixin):
    """The signed-in person, with what their roles permit."""

    def __init__(self, account: Account, *, session_id: int | None, token: str) -> None:
        self.account = account
        self.id: int = account.id
        self.name: str = account.name
        self.roles: list[str] = account.roles
        self.language: str | None = account.language
        self.township_ids: frozenset[int] | None = townships_of(account)
        """The townships whose schools a district's officer sees; None: all."""
        every = permissions_of(account.roles)
        self.permissions: frozenset[Permission] = (
            every if self.township_ids is None else every - OF_WHOLE_DISTRICT
        )
        self.session_id = session_id
        self._token = token

    def get_id(self) -> str:
        """What the cookie keeps: the session's token, not the person's id."""
        return self._token


def townships_of(account: Account) -> frozenset[int] | None:
    """The townships to which an account is limited; a school's account has none to be limited to."""
    ids = getattr(account, "township_ids", None)
    return None if ids is None else frozenset(ids)


@login_manager.user_loader
def load(token: str) -> SignedIn | None:
    """The person of a cookie, at the address that it was made for; None outside an address."""
    if "realm" not in g:
        return None
    found = sessions.find_session(db.session(), g.realm, token)
    if found is None:
        return None
    held, account = found
    if sessions.needs_renewal(held):
        # A transaction of its own: the request's may be rolled back.
        with session_for(g.realm.scope) as session:
            sessions.renew(session, g.realm, held.id)
            session.commit()
    return SignedIn(account, session_id=held.id, token=token)
