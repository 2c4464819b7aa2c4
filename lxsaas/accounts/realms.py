"""Addresses at which people sign in: one realm for each school and each district."""

import time
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from lxsaas.core.errors import NotFoundError
from lxsaas.core.scope import Scope, acting_for_district, acting_for_school
from lxsaas.schools.models import District, School

RealmKind = Literal["school", "district"]


@dataclass(frozen=True)
class Realm:
    """A school's or a district's own address, and the scope of everything that happens under it."""

    kind: RealmKind
    slug: str
    name: str
    id: int
    district_id: int
    timezone: str

    @property
    def path(self) -> str:
        """The realm's part of every address, with a slash at the end: '/s/pingba/'."""
        return f"/{self.kind[0]}/{self.slug}/"

    @property
    def scope(self) -> Scope:
        if self.kind == "school":
            return acting_for_school(self.id, district_id=self.district_id)
        return acting_for_district(self.id)


def find_realm(session: Session, kind: RealmKind, slug: str) -> Realm:
    """The realm at an address; `session` is in the directory's scope. Raises NotFoundError."""
    return _realm(session, kind, (School if kind == "school" else District).slug == slug)


def realm_with_id(session: Session, kind: RealmKind, owner_id: int) -> Realm:
    """The realm of a school's or district's id, likewise."""
    return _realm(session, kind, (School if kind == "school" else District).id == owner_id)


def _realm(session: Session, kind: RealmKind, which: ColumnElement[bool]) -> Realm:
    if kind == "school":
        query = select(School.slug, School.id, School.name, School.district_id, District.timezone).join(
            District, District.id == School.district_id
        )
    else:
        query = select(
            District.slug, District.id, District.name, District.id.label("district_id"), District.timezone
        )
    row = session.execute(query.where(which)).one_or_none()
    if row is None:
        raise NotFoundError("not_found")
    return Realm(kind, row.slug, row.name, row.id, row.district_id, row.timezone)


class RealmCache:
    """Realms seen in the last minute: every request needs one and they hardly ever change."""

    SECONDS = 60.0

    def __init__(self) -> None:
        self._held: dict[tuple[RealmKind, str], tuple[float, Realm]] = {}

    def get(self, kind: RealmKind, slug: str) -> Realm | None:
        until, realm = self._held.get((kind, slug), (0.0, None))
        return realm if until > time.monotonic() else None

    def put(self, realm: Realm) -> None:
        self._held[realm.kind, realm.slug] = (time.monotonic() + self.SECONDS, realm)
