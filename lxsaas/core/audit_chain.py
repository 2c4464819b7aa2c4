"""Whether a log is whole: the chain walked in the database, its end compared with what was exported."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from lxsaas.core import clock

Kind = Literal["school", "district"]


@dataclass(frozen=True)
class Head:
    """The end of a log at an instant."""

    kind: Kind
    slug: str
    number: int
    hash: str
    """Hexadecimal."""
    at: str
    """ISO 8601, UTC."""


@dataclass(frozen=True)
class Break:
    """The first place where a log is not whole: a stable code and the number of the link or entry."""

    code: Literal["changed", "removed", "unchained", "cut", "not_as_exported"]
    number: int


# The links in their order, each with its entry: what is missing, altered or out of line.
_WALK = """
    with walked as (
        select link.number, link.hash, link.previous, entry.id is not null as is_there,
            lag(link.hash, 1, '') over (order by link.number) as hash_before,
            row_number() over (order by link.number) as expected,
            case when entry.id is not null then sha256(link.previous || {log}_content(entry)) end as hash_now
        from {log}_link link
        left join {log}_entry entry on entry.{owner} = link.{owner} and entry.id = link.entry_id
        where link.{owner} = :owner
    )
    select case when number <> expected then 'removed' when not is_there then 'removed'
                when previous <> hash_before or hash <> hash_now then 'changed' end as code,
        least(number, expected) as number
    from walked
    where number <> expected or not is_there or previous <> hash_before or hash <> hash_now
    order by number limit 1
"""
_UNCHAINED = """
    select entry.id from {log}_entry entry
    where entry.{owner} = :owner
        and not exists (select from {log}_link link
                        where link.{owner} = entry.{owner} and link.entry_id = entry.id)
    order by entry.id limit 1
"""
_HEAD = "select number, hash from {log}_head where {owner} = :owner"
# Read together: between two statements the log of a school at work grows.
_ENDS = """
    select head.number is not distinct from last.number and head.hash is not distinct from last.hash as agree,
        coalesce(last.number, 0) as number
    from (select) one
    left join (select number, hash from {log}_head where {owner} = :owner) head on true
    left join (select number, hash from {log}_link where {owner} = :owner
               order by number desc limit 1) last on true
"""
_LINK = "select hash from {log}_link where {owner} = :owner and number = :number"
_LOGS: Mapping[Kind, dict[str, str]] = {
    "school": {"log": "audit", "owner": "school_id"},
    "district": {"log": "district_audit", "owner": "district_id"},
}


def head_of(session: Session, kind: Kind, owner: int, slug: str) -> Head | None:
    """The end of the log of the school or district in scope; None for one without entries."""
    row = session.execute(text(_HEAD.format(**_LOGS[kind])), {"owner": owner}).one_or_none()
    if row is None:
        return None
    return Head(kind, slug, row.number, row.hash.hex(), clock.now().isoformat(timespec="seconds"))


def verify(session: Session, kind: Kind, owner: int, exported: Iterable[Head] = ()) -> Break | None:
    """The first break in a log, or None when it is whole and holds every head that was exported of it."""
    names, given = _LOGS[kind], {"owner": owner}
    broken = session.execute(text(_WALK.format(**names)), given).one_or_none()
    if broken is not None:
        return Break(broken.code, broken.number)
    loose = session.scalar(text(_UNCHAINED.format(**names)), given)
    if loose is not None:
        return Break("unchained", loose)
    ends = session.execute(text(_ENDS.format(**names)), given).one()
    if not ends.agree:
        return Break("cut", ends.number + 1)
    for one in exported:
        held = session.scalar(text(_LINK.format(**names)), given | {"number": one.number})
        if held is None or held.hex() != one.hash:
            return Break("not_as_exported", one.number)
    return None


def write_heads(heads: Iterable[Head], path: Path) -> int:
    """Adds heads to a file, one JSON object a line; how many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(asdict(head)) for head in heads]
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    return len(lines)


def exported_heads(directory: Path) -> Iterator[Head]:
    """Every head in the files of a directory, the oldest file first."""
    for path in sorted(directory.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            known: dict[str, Any] = json.loads(line)
            yield Head(**known)


def heads_file(directory: Path, day: datetime) -> Path:
    """The file of a day's export."""
    return directory / f"{day:%Y-%m-%d}.jsonl"
