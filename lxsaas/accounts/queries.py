"""Reads of accounts, sessions and classes taught."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from lxsaas.accounts.models import ClassTeacher
from lxsaas.accounts.realms import Realm
from lxsaas.accounts.tables import tables_of
from lxsaas.core.pinyin import escaped_like
from lxsaas.schools.models import SchoolClass, Township

IDLE = timedelta(hours=12)
"""A session not used for so long has ended: a telephone left on a desk overnight is signed out."""
ABSOLUTE = timedelta(days=14)
"""A session ends after this in any case."""


def accounts_of(realm: Realm) -> Select[Any]:
    """Everybody with an account at an address."""
    table = tables_of(realm)
    return select(table.staff).where(getattr(table.staff, table.owner) == realm.id)


def account_named(realm: Realm, username: str) -> Select[Any]:
    return accounts_of(realm).where(tables_of(realm).staff.username == username)


def leads(realm: Realm) -> Select[Any]:
    """Those who can manage the staff now: the role for all, active, and a password with which to sign in."""
    table = tables_of(realm)
    staff = table.staff
    whole = accounts_of(realm)
    if realm.kind == "district":
        whole = whole.where(staff.township_ids.is_(None))
    return whole.where(
        staff.is_active, staff.password_hash.is_not(None), staff.roles.contains([table.lead])
    ).order_by(staff.id)


def accounts_like(realm: Realm, words: str, sort: str) -> Select[Any]:
    """The list of staff, searched by name or user name, in the order asked for."""
    staff = tables_of(realm).staff
    pattern = f"%{escaped_like(words.lower())}%"
    orders = {"name": staff.name, "username": staff.username}
    order = orders.get(sort.removeprefix("-"), staff.name)
    return (
        accounts_of(realm)
        .where(or_(func.lower(staff.name).like(pattern), staff.username.like(pattern)))
        .order_by(staff.is_active.desc(), order.desc() if sort.startswith("-") else order, staff.id)
    )


def live_session(realm: Realm, token_hash: bytes, now: datetime) -> Select[Any]:
    """The session of a cookie with its account, if both still hold."""
    table = tables_of(realm)
    staff, session = table.staff, table.session
    return (
        select(session, staff)
        .join(
            staff,
            and_(getattr(staff, table.owner) == getattr(session, table.owner), staff.id == session.staff_id),
        )
        .where(
            getattr(session, table.owner) == realm.id,
            session.token_hash == token_hash,
            session.ended_at.is_(None),
            session.seen_at > now - IDLE,
            session.created_at > now - ABSOLUTE,
            staff.is_active,
        )
    )


def live_sessions_of(realm: Realm, staff_id: int, now: datetime) -> Select[Any]:
    """The browsers in which somebody is signed in, the last used first."""
    table = tables_of(realm)
    session = table.session
    return (
        select(session)
        .where(
            getattr(session, table.owner) == realm.id,
            session.staff_id == staff_id,
            session.ended_at.is_(None),
            session.seen_at > now - IDLE,
            session.created_at > now - ABSOLUTE,
        )
        .order_by(session.seen_at.desc())
    )


def open_invitation(realm: Realm, token_hash: bytes, now: datetime) -> Select[Any]:
    table = tables_of(realm)
    invitation = table.invitation
    return select(invitation).where(
        getattr(invitation, table.owner) == realm.id,
        invitation.token_hash == token_hash,
        invitation.used_at.is_(None),
        invitation.expires_at > now,
    )


def classes_taught_by(staff_id: int, on: date) -> Select[int]:
    """Ids of the classes whose homeroom teacher somebody is on a day."""
    return select(ClassTeacher.class_id).where(
        ClassTeacher.staff_id == staff_id,
        ClassTeacher.starts_on <= on,
        or_(ClassTeacher.ends_on.is_(None), ClassTeacher.ends_on > on),
    )


def townships() -> Select[int, str]:
    """Every township of the district in scope."""
    return select(Township.id, Township.name).order_by(Township.name)


def classes() -> Select[SchoolClass]:
    """Every class of the school in scope."""
    return select(SchoolClass).order_by(SchoolClass.code)
