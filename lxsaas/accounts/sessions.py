"""Signed-in browsers and invitations: random tokens outside, their SHA-256 inside."""

import base64
import hashlib
import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from lxsaas.accounts import queries
from lxsaas.accounts.realms import Realm
from lxsaas.accounts.tables import Account, owned_by, tables_of
from lxsaas.core.audit import audit
from lxsaas.core.clock import now
from lxsaas.core.errors import RuleError

INVITATION_DAYS = 7
SEEN_EVERY = timedelta(minutes=1)
_CODE_BYTES = 15
"""120 bits: 24 characters in base32, which can be read out and typed."""


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def open_session(session: Session, realm: Realm, account: Account, *, device: str) -> str:
    """Signs a browser in; the token goes into its cookie and is kept nowhere else."""
    token = secrets.token_urlsafe(32)
    session.add(
        tables_of(realm).session(
            **owned_by(realm), staff_id=account.id, token_hash=digest(token), device=device[:200]
        )
    )
    session.flush()
    return token


def find_session(session: Session, realm: Realm, token: str) -> tuple[Any, Account] | None:
    """The session and account of a cookie's token, if they still hold."""
    row = session.execute(queries.live_session(realm, digest(token), now())).one_or_none()
    return None if row is None else (row[0], row[1])


def needs_renewal(held: Any) -> bool:
    """Whether the time of last use should be written: at most once a minute."""
    return bool(now() - held.seen_at > SEEN_EVERY)


def renew(session: Session, realm: Realm, session_id: int) -> None:
    """Notes that a session is in use."""
    table = tables_of(realm).session
    session.execute(update(table).where(table.id == session_id).values(seen_at=func.now()))


def end_session(session: Session, realm: Realm, session_id: int, *, staff_id: int) -> None:
    """Ends one session of an account; nothing happens where it is another's."""
    table = tables_of(realm).session
    session.execute(
        update(table)
        .where(table.id == session_id, table.staff_id == staff_id, table.ended_at.is_(None))
        .values(ended_at=func.now())
    )


def end_sessions(
    session: Session, realm: Realm, staff_id: int, *, by: int | None, keep: int | None = None
) -> None:
    """Ends every session of an account, but the one named by `keep`."""
    table = tables_of(realm).session
    query = update(table).where(table.staff_id == staff_id, table.ended_at.is_(None))
    if keep is not None:
        query = query.where(table.id != keep)
    session.execute(query.values(ended_at=func.now()))
    audit(session, "end_sessions", table.__tablename__, staff_id, **owned_by(realm), by=by)


def invite(session: Session, realm: Realm, account: Account, *, by: int | None) -> str:
    """A one-time code by which a person sets a password; earlier codes are void."""
    table = tables_of(realm).invitation
    void_invitations(session, realm, account.id)
    code = base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode()
    session.add(
        table(
            **owned_by(realm),
            staff_id=account.id,
            token_hash=digest(code),
            invited_by=by,
            expires_at=now() + timedelta(days=INVITATION_DAYS),
        )
    )
    session.flush()
    audit(session, "invite", table.__tablename__, account.id, **owned_by(realm), by=by)
    return "-".join(code[start : start + 6] for start in range(0, len(code), 6))


def void_invitations(session: Session, realm: Realm, staff_id: int) -> None:
    """Makes every code of an account that is still open useless."""
    table = tables_of(realm).invitation
    session.execute(
        update(table).where(table.staff_id == staff_id, table.used_at.is_(None)).values(expires_at=func.now())
    )


def take_up(session: Session, realm: Realm, code: str) -> Account:
    """The account that a code invites; the code is used up. Raises RuleError for one that does not hold."""
    plain = "".join(code.split()).replace("-", "").upper()
    query = queries.open_invitation(realm, digest(plain), now()).with_for_update()
    invitation = session.scalars(query).one_or_none()
    account = session.get(tables_of(realm).staff, (realm.id, invitation.staff_id)) if invitation else None
    if invitation is None or account is None or not account.is_active:
        raise RuleError("invitation_invalid", field="code")
    invitation.used_at = now()
    session.flush()
    return account
