"""`lxsaas keys`: rotation of a school's keys, a new master key, destruction of what nobody may read."""

from collections.abc import Callable

import click
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lxsaas.accounts.logs import logs
from lxsaas.config import Settings
from lxsaas.core.audit import audit
from lxsaas.core.cli import in_app
from lxsaas.core.crypto import SchoolKey, new_key
from lxsaas.core.errors import ConfigurationError
from lxsaas.core.resealing import reseal
from lxsaas.core.scope import looking_up, operating_on_school
from lxsaas.extensions import session_for
from lxsaas.schools.actions import find_school

PURPOSES = click.Choice(["data", "counselling"])


@click.group()
def keys() -> None:
    """The keys under which schools' fields are sealed."""


def _school_options(command: Callable[..., None]) -> Callable[..., None]:
    command = click.option("--purpose", type=PURPOSES, default="data", show_default=True)(command)
    return click.option("--school", required=True, help="Address of the school.")(command)


@keys.command()
@_school_options
@click.option("--resume", is_flag=True, help="Make no new key: go on where a rotation was stopped.")
@in_app
def rotate(school: str, purpose: str, resume: bool) -> None:
    """Make a new key and seal everything anew under it; can be stopped and resumed at any time."""
    school_id, district_id = _find(school)
    with session_for(operating_on_school(school_id, district_id=district_id)) as session:
        if not resume:
            fresh = new_key(session, school_id, purpose)
            _note(session, "rotate_key", school_id, fresh.id, purpose)
            session.commit()
        for place, count in reseal(session, school_id, purpose):
            session.commit()
            click.echo(f"{place}: {count}")
    click.echo("done")


@keys.command()
@_school_options
@click.confirmation_option(prompt="Nobody will ever read these texts again. Destroy the keys?")
@in_app
def destroy(school: str, purpose: str) -> None:
    """Destroy a school's keys of a purpose: what they sealed stays unreadable for good."""
    school_id, district_id = _find(school)
    with session_for(operating_on_school(school_id, district_id=district_id)) as session:
        held = session.scalars(
            select(SchoolKey).where(
                SchoolKey.school_id == school_id,
                SchoolKey.purpose == purpose,
                SchoolKey.destroyed_at.is_(None),
            )
        ).all()
        for key in held:
            key.wrapped, key.destroyed_at = b"", session.scalar(select(func.now()))
            _note(session, "destroy_key", school_id, key.id, purpose)
        session.commit()
    click.echo(f"{len(held)} keys destroyed; old backups open until the master key is changed (keys rewrap)")


@keys.command()
@click.option("--former", envvar="LXSAAS_FORMER_MASTER_KEY", required=True, help="The master key until now.")
@in_app
def rewrap(former: str) -> None:
    """Wrap every school's keys with the present LXSAAS_MASTER_KEY instead of the former one."""
    settings: Settings = current_app.extensions["lxsaas.settings"]
    old = _master(former)
    count = 0
    for log in logs():
        if log.kind == "school" and log.scope.district_id is not None:
            with session_for(operating_on_school(log.id, district_id=log.scope.district_id)) as session:
                for key in session.scalars(select(SchoolKey).where(SchoolKey.destroyed_at.is_(None))):
                    count += _rewrap(key, old, settings.master_key)
                session.commit()
    click.echo(f"{count} keys")


def _rewrap(key: SchoolKey, old: bytes, new: bytes) -> int:
    """1 if the key was still wrapped by the former master key: the work may be repeated."""
    try:
        key.wrapped = aes_key_wrap(new, aes_key_unwrap(old, key.wrapped))
    except InvalidUnwrap:
        try:
            aes_key_unwrap(new, key.wrapped)
        except InvalidUnwrap:
            raise ConfigurationError("master_key_wrong") from None
        return 0
    return 1


def _master(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise ConfigurationError("master_key_wrong") from None


def _find(slug: str) -> tuple[int, int]:
    with session_for(looking_up()) as session:
        school = find_school(session, slug)
        return school.id, school.district_id


def _note(session: Session, action: str, school_id: int, key_id: int, purpose: str) -> None:
    audit(session, action, "school_key", key_id, school_id=school_id, by=None, purpose=purpose)
