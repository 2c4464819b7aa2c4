"""Reads of whether what a district is shown still stands."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from lxsaas.accounts.models import DistrictSession, DistrictStaff
from lxsaas.accounts.queries import live_session
from lxsaas.accounts.realms import Realm
from lxsaas.accounts.sessions import SEEN_EVERY
from lxsaas.district.models import DistrictVersion


def version(district_id: int) -> Select[int]:
    """How often what the district is shown has changed; 0 before anything was."""
    return select(func.coalesce(func.max(DistrictVersion.version), 0)).where(
        DistrictVersion.district_id == district_id
    )


def standing(realm: Realm, token_hash: bytes, now: datetime) -> Select[Any]:
    """Of a signed-in browser what its pages depend on; no row once the session has ended.

    Nor is there one when the time of last use is to be written: then the request is served in full.
    """
    return live_session(realm, token_hash, now).with_only_columns(
        DistrictSession.id,
        DistrictStaff.name,
        DistrictStaff.roles,
        DistrictStaff.language,
        DistrictStaff.township_ids,
        DistrictStaff.start_view,
        version(realm.id).scalar_subquery(),
    ).where(DistrictSession.seen_at >= now - SEEN_EVERY)  # fmt: skip
