"""Reads of whether what a district is shown still stands."""

from sqlalchemy import Select, func, select

from lxsaas.accounts.queries import ABSOLUTE
from lxsaas.accounts.sessions import SEEN_EVERY
from lxsaas.district.models import DistrictVersion


def version(district_id: int) -> Select[int]:
    """How often what the district is shown has changed; 0 before anything was."""
    return select(func.coalesce(func.max(DistrictVersion.version), 0)).where(
        DistrictVersion.district_id == district_id
    )


STANDING = (
    "select lx_district_standing(%s, %s,"
    f" interval '{SEEN_EVERY.total_seconds()} seconds', interval '{ABSOLUTE.total_seconds()} seconds')"
)
"""The version, to a signed-in browser whose session still holds; counts up with its account too.

Parameters: the scope's token, the hash of the session's token. No row once the session has ended, or when its
time of last use is to be written.
"""
