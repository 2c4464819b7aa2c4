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


STANDING = f"""
    select name, roles, language, township_ids, start_view, version
    from lx_district_standing(
        %s, %s, interval '{SEEN_EVERY.total_seconds()} seconds', interval '{ABSOLUTE.total_seconds()} seconds'
    )
"""
"""Of a signed-in browser what its pages depend on.

Parameters: the scope's token, the hash of the session's token. No row once the session has
ended, when its time of last use is to be written, or when the account is not active.
"""
