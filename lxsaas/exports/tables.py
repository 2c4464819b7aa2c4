"""The same jobs at two kinds of address: which tables hold a school's and which a district's."""

from dataclasses import dataclass
from typing import Any

from lxsaas.accounts.realms import Realm, RealmKind
from lxsaas.exports.models import DistrictExportJob, DistrictExportPiece, ExportJob, ExportPiece

# The two share their columns by a mixin, which a type checker cannot see through a mapping.
Job = Any
"""An ExportJob or a DistrictExportJob."""


@dataclass(frozen=True)
class Tables:
    """The models of one kind of address."""

    job: Any
    piece: Any
    owner: str
    """Name of the tenant column."""


TABLES: dict[RealmKind, Tables] = {
    "school": Tables(ExportJob, ExportPiece, "school_id"),
    "district": Tables(DistrictExportJob, DistrictExportPiece, "district_id"),
}


def tables_of(realm: Realm) -> Tables:
    return TABLES[realm.kind]


def tables_with(job: Job) -> Tables:
    """The tables of the kind of address at which a job was asked for."""
    return TABLES["school" if isinstance(job, ExportJob) else "district"]


def owned_by(realm: Realm) -> dict[str, int]:
    """The tenant column and its value, for new rows and for the log."""
    return {tables_of(realm).owner: realm.id}
