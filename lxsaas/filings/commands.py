"""`lxsaas filings`: who has filed the statistics of a term."""

import click
from sqlalchemy import func, select

from lxsaas.core import clock
from lxsaas.core.cli import in_app, print_json
from lxsaas.core.errors import NotFoundError
from lxsaas.core.scope import acting_for_district
from lxsaas.extensions import session_for
from lxsaas.filings import messages, queries, standings
from lxsaas.filings.drafting import asked_of
from lxsaas.indicators.commands import district_of
from lxsaas.schools.models import District

__all__ = ["filings", "messages"]


@click.group()
def filings() -> None:
    """The statistics that schools file each term."""


@filings.command()
@click.option("--district", "slug", required=True, help="Slug of the district.")
@click.option("--term", "name", help="Name of the term; the newest that has begun by default.")
@in_app
def status(slug: str, name: str | None) -> None:
    """Where each school stands, and what the accepted filings sum up to."""
    district_id = district_of(slug)
    with session_for(acting_for_district(district_id)) as session:
        zone = session.scalars(select(District.timezone).where(District.id == district_id)).one()
        today = clock.today(zone)
        terms = session.scalars(queries.terms_with_filing(district_id)).all()
        found = [one for one in terms if (one.name == name if name else one.starts_on <= today)]
        if not found:
            raise NotFoundError("filing_no_term")
        term = found[0]
        asked = asked_of(session, district_id, term)
        rows = standings.of_schools(district_id, asked, today).subquery()
        counted = session.execute(select(rows.c.state, func.count()).group_by(rows.c.state))
        total = session.execute(standings.sum_of_accepted(district_id, asked)).mappings().one()
        print_json(
            {
                "term": term.name,
                "due_on": term.filing_due_on,
                "cut_off_on": asked.cut_off_on,
                "definition": asked.definition.code,
                "schools": {row[0]: row[1] for row in counted},
                "waiting": list(
                    session.scalars(
                        select(rows.c.name)
                        .where(rows.c.state.in_(("missing", "late", "outdated", "returned")))
                        .order_by(rows.c.name)
                    )
                ),
                "accepted": {key: int(value) for key, value in total.items()},
            }
        )
