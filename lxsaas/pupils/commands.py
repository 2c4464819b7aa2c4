"""`lxsaas register`: the national student register from the command line."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from lxsaas.core import clock
from lxsaas.core.cli import in_app, print_json
from lxsaas.core.crypto import school_cipher
from lxsaas.core.errors import NotFoundError, RuleError
from lxsaas.core.scope import acting_for_school, looking_up
from lxsaas.extensions import session_for
from lxsaas.pupils import messages
from lxsaas.pupils.register import REASONS, ParsedRegister, read_register
from lxsaas.pupils.register_actions import Counts, apply_register, counts_of
from lxsaas.pupils.register_diff import compare
from lxsaas.schools.models import District, School

__all__ = ["messages", "register"]


@click.group()
def register() -> None:
    """The national student register."""


@register.command("import")
@click.option("--school", "slug", required=True)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--apply", "applies", is_flag=True, help="Write; without it this is a preview.")
@click.option("--accept-valid", is_flag=True, help="Take the good rows when some are rejected.")
@click.option("--mark-left", is_flag=True, help="Who is not in the sheet has left the school.")
@click.option("--json", "as_json", is_flag=True)
@in_app
def import_register(
    slug: str, file: Path, applies: bool, accept_valid: bool, mark_left: bool, as_json: bool
) -> None:
    """Compare a workbook with the school's archive, and apply it if asked."""
    try:
        content = file.read_bytes()
    except OSError:
        raise RuleError("file_unreadable", path=file.name) from None
    with session_for(looking_up()) as session:
        query = select(School, District.timezone).join(District, District.id == School.district_id)
        found = session.execute(query.where(School.slug == slug)).one_or_none()
    if found is None:
        raise NotFoundError("school_unknown", slug=slug)
    school, today = found[0], clock.today(found[1])
    parsed = read_register(content, school_register_code=school.register_code, today=today)
    with session_for(acting_for_school(school.id, district_id=school.district_id)) as session:
        cipher = school_cipher(session, school.id)
        counts = counts_of(parsed, compare(session, cipher, school_id=school.id, parsed=parsed))
        report(counts, parsed, as_json=as_json, applied=applies)
        if applies:
            apply_register(
                session, school_id=school.id, parsed=parsed, today=today,
                accept_valid=accept_valid, mark_left=mark_left, by=None,
            )  # fmt: skip
            session.commit()
        # Without --apply not even a school's first data key is kept.


def report(counts: Counts, parsed: ParsedRegister, *, as_json: bool, applied: bool) -> None:
    """The counts and the rejected rows, as JSON or in lines."""
    errors: list[dict[str, Any]] = [
        {
            "row": one.row,
            "column": one.column,
            "value": one.value,
            "reason": f"{one.column} {REASONS[one.code]}",
        }
        for one in parsed.problems
    ]
    if as_json:
        print_json(asdict(counts) | {"errors": errors})
        return
    click.echo(", ".join(f"{name} {value}" for name, value in asdict(counts).items()))
    for error in errors:
        click.echo(f"row {error['row']}: {error['reason']}")
    if not applied:
        click.echo("A preview: nothing was written. Apply it with --apply.")
