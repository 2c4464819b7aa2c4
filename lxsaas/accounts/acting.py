"""Work in somebody's name outside their request: what a page would show them now, asked by a worker."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from flask import current_app, g
from flask_babel import force_locale
from flask_login import login_user
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from lxsaas.accounts import queries
from lxsaas.accounts.realms import Realm
from lxsaas.accounts.signed_in import SignedIn
from lxsaas.accounts.tables import Account, tables_of
from lxsaas.core.scope import entered

Pairs = Sequence[Sequence[str]]


def account_of(session: Session, realm: Realm, staff_id: int) -> Account | None:
    """An account as it is now; None where it is no longer active."""
    staff = tables_of(realm).staff
    query = queries.accounts_of(realm).where(staff.id == staff_id, staff.is_active)
    return session.scalars(query).one_or_none()


@contextmanager
def acting_as(
    realm: Realm, account: Account, language: str, *, args: Pairs = (), form: Pairs = ()
) -> Iterator[None]:
    """The body runs as a request of this person at this address, with these fields, in this language.

    So lists, permissions and reach are the pages' own, and not written a second time for workers.
    """
    given: Mapping[str, MultiDict[str, str]] = {
        "query_string": MultiDict([(one[0], one[1]) for one in args]),
        "data": MultiDict([(one[0], one[1]) for one in form]),
    }
    # A context of its own: at its end the session is closed and its locks are free, whatever happened.
    with (
        current_app.app_context(),
        current_app.test_request_context(realm.path, method="POST", **given),
        entered(realm.scope),
    ):
        g.realm = realm
        login_user(SignedIn(account, session_id=None, token=""))
        with force_locale(language):
            yield
