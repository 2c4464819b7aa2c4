"""Every audit log there is, and the export of their ends."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import select

from lxsaas.core import audit_chain, clock
from lxsaas.core.audit_chain import Head, Kind
from lxsaas.core.scope import Scope, acting_for_district, acting_for_school, looking_up
from lxsaas.extensions import session_for
from lxsaas.schools.models import District, School

AUDIT_HEADS = "audit-heads"
"""Directory below the data directory; to be copied where nobody of the installation can write."""


@dataclass(frozen=True)
class Log:
    """A school's or a district's log and the scope that reads it."""

    kind: Kind
    id: int
    slug: str
    scope: Scope


def logs() -> Iterator[Log]:
    """The logs of all districts, then of all schools."""
    with session_for(looking_up()) as session:
        districts = session.execute(select(District.id, District.slug).order_by(District.slug)).all()
        schools = session.execute(
            select(School.id, School.slug, School.district_id).order_by(School.slug)
        ).all()
    for district in districts:
        yield Log("district", district.id, district.slug, acting_for_district(district.id))
    for school in schools:
        scope = acting_for_school(school.id, district_id=school.district_id)
        yield Log("school", school.id, school.slug, scope)


def heads_of_all() -> Iterator[Head]:
    """The end of every log that has entries."""
    for log in logs():
        with session_for(log.scope) as session:
            head = audit_chain.head_of(session, log.kind, log.id, log.slug)
        if head is not None:
            yield head


def export_heads(data_dir: Path) -> int:
    """Adds today's ends of all logs to the day's file; how many."""
    heads = list(heads_of_all())
    path = audit_chain.heads_file(data_dir / AUDIT_HEADS, clock.now())
    audit_chain.write_heads(heads, path)
    structlog.get_logger().info("audit_heads_exported", logs=len(heads))
    return len(heads)
