"""`lxsaas district` and `lxsaas school`: the operator sets up who is there."""

from datetime import date

import click
from sqlalchemy import select

from lxsaas.core.changes import note_change
from lxsaas.core.cli import Day, in_app
from lxsaas.core.scope import looking_up, operating, operating_on_school
from lxsaas.extensions import session_for
from lxsaas.schools import actions, messages, queries
from lxsaas.schools.models import School, Term

__all__ = ["district", "messages", "school"]

FIRST_DAY = date(2000, 1, 1)
"""Before every day of which there are figures."""


@click.group()
def district() -> None:
    """Districts and their terms."""


@district.command("create")
@click.option("--slug", required=True, help="Its address: /d/<slug>/.")
@click.option("--name", required=True)
@click.option("--timezone", default="Asia/Shanghai", show_default=True)
@in_app
def create_district(slug: str, name: str, timezone: str) -> None:
    """Create a district with the usual terms."""
    with session_for(operating()) as session:
        actions.create_district(session, slug=slug, name=name, timezone=timezone)
        session.commit()
    click.echo(f"District {slug} created.")


@district.command("list")
@in_app
def list_districts() -> None:
    """List the districts."""
    with session_for(looking_up()) as session:
        for one in session.scalars(queries.districts()):
            click.echo(f"{one.slug}  {one.timezone}  {one.name}")


@district.command("set-term")
@click.option("--district", "slug", required=True)
@click.option("--name", required=True, help="For example 2026-2027-1.")
@click.option("--starts-on", required=True, type=Day())
@click.option("--ends-on", required=True, type=Day())
@in_app
def set_term(slug: str, name: str, starts_on: date, ends_on: date) -> None:
    """Give a term its days, or add one."""
    with session_for(operating()) as session:
        found = actions.find_district(session, slug)
        before = session.scalar(queries.terms_of(found.id).where(Term.name == name))
        since = min(starts_on, before.starts_on) if before else starts_on
        actions.set_term(session, district=found, name=name, starts_on=starts_on, ends_on=ends_on)
        session.commit()
        district_id = found.id
    note_everywhere(district_id, since)
    click.echo(f"Term {name}: {starts_on} to {ends_on}.")


@district.command("set-filing-day")
@click.option("--district", "slug", required=True)
@click.option("--term", required=True)
@click.option("--due-on", type=Day(), help="Nobody waits for the filing where none is given.")
@in_app
def set_filing_day(slug: str, term: str, due_on: date | None) -> None:
    """Say by when the schools send the statistics of a term."""
    with session_for(operating()) as session:
        found = actions.find_district(session, slug)
        since = actions.set_filing_day(session, district=found, term=term, due_on=due_on).starts_on
        session.commit()
        district_id = found.id
    note_everywhere(district_id, since)
    click.echo(f"Statistics of {term} are due on {due_on or 'no day'}.")


def note_everywhere(district_id: int, since: date) -> None:
    """Notes for each school of a district that its figures from a day on are to be counted anew.

    After the change itself: a night in between would count the old rule and take the note away.
    """
    with session_for(looking_up()) as session:
        schools = session.scalars(select(School.id).where(School.district_id == district_id)).all()
    for school_id in schools:
        with session_for(operating_on_school(school_id, district_id=district_id)) as session:
            note_change(session, school_id=school_id, starts_on=since, ends_on=None)
            session.commit()


@district.command("terms")
@click.option("--district", "slug", required=True)
@in_app
def list_terms(slug: str) -> None:
    """List a district's terms."""
    with session_for(operating()) as session:
        for term in session.scalars(queries.terms_of(actions.find_district(session, slug).id)):
            click.echo(f"{term.name}  {term.starts_on}  {term.ends_on}")


@click.group()
def school() -> None:
    """Schools, each a tenant of its own."""


@school.command("create")
@click.option("--district", "district_slug", required=True)
@click.option("--slug", required=True, help="Its address: /s/<slug>/.")
@click.option("--name", required=True)
@click.option("--register-code", required=True, help="学校标识码 of the national register, ten digits.")
@click.option("--township", help="Created where the district has none of this name.")
@in_app
def create_school(district_slug: str, slug: str, name: str, register_code: str, township: str | None) -> None:
    """Create a school in a district."""
    with session_for(operating()) as session:
        actions.create_school(
            session,
            district=actions.find_district(session, district_slug),
            slug=slug,
            name=name,
            register_code=register_code,
            township=township,
        )
        session.commit()
    click.echo(f"School {slug} created.")


@school.command("set-township")
@click.option("--school", "slug", required=True)
@click.option("--township", help="Created where the district has none of this name; none if left out.")
@in_app
def set_township(slug: str, township: str | None) -> None:
    """Put a school into another township; the next night sums all periods of both anew."""
    with session_for(operating()) as session:
        found = actions.find_school(session, slug)
        actions.move_to_township(session, school=found, township=township)
        session.commit()
        school_id, district_id = found.id, found.district_id
    with session_for(operating_on_school(school_id, district_id=district_id)) as session:
        note_change(session, school_id=school_id, starts_on=FIRST_DAY, ends_on=None)
        session.commit()
    click.echo(f"School {slug} is in {township or 'no township'}.")


@school.command("list")
@click.option("--district", "district_slug", required=True)
@in_app
def list_schools(district_slug: str) -> None:
    """List a district's schools."""
    with session_for(looking_up()) as session:
        found = actions.find_district(session, district_slug)
        for one in session.query(School).where(School.district_id == found.id).order_by(School.slug):
            click.echo(f"{one.slug}  {one.register_code}  {one.name}")
