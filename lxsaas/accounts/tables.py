"""The same accounts at two kinds of address: which tables hold a school's and which a district's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lxsaas.accounts.models import (
    DistrictInvitation,
    DistrictSession,
    DistrictStaff,
    Staff,
    StaffInvitation,
    StaffSession,
)
from lxsaas.accounts.realms import Realm
from lxsaas.core.permissions import DISTRICT_ROLES, SCHOOL_ROLES, Permission

# The two sets share their columns by mixins, which a type checker cannot see through a mapping.
Account = Any
"""A Staff or a DistrictStaff."""


@dataclass(frozen=True)
class Tables:
    """The models of one kind of address."""

    staff: Any
    session: Any
    invitation: Any
    owner: str
    """Name of the tenant column."""
    roles: Sequence[str]
    lead: str
    """The role of which one active account must always remain."""
    manage: Permission


_TABLES = {
    "school": Tables(
        Staff, StaffSession, StaffInvitation, "school_id", SCHOOL_ROLES, "principal", Permission.MANAGE_STAFF
    ),
    "district": Tables(
        DistrictStaff,
        DistrictSession,
        DistrictInvitation,
        "district_id",
        DISTRICT_ROLES,
        "officer",
        Permission.MANAGE_DISTRICT_STAFF,
    ),
}


def tables_of(realm: Realm) -> Tables:
    return _TABLES[realm.kind]


def owned_by(realm: Realm) -> dict[str, int]:
    """The tenant column and its value, for new rows and for conditions."""
    return {tables_of(realm).owner: realm.id}
