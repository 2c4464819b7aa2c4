"""The undated facts of a class for the statistics: a row a child, what stands, what was changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from lxsaas.archive.facts import CODES, FACTS, Change
from lxsaas.archive.models import ChildProfile
from lxsaas.archive.queries import profiles_of
from lxsaas.core.errors import RuleError
from lxsaas.filings.definitions import BY_CODE, FACT_OF, Division
from lxsaas.filings.drafting import Source, read_children
from lxsaas.pupils.models import Pupil

DIVISIONS: Sequence[Division] = tuple(BY_CODE[code] for code in FACT_OF)
YES_NO = {"1": True, "0": False}
_TEXTS = {None: "", True: "1", False: "0"}


@dataclass
class FactRow:
    """A child of the page."""

    pupil_id: int
    name: str
    class_code: str
    codes: Mapping[str, str | None]
    """By division what the table counts the child as; None: nothing, so something is missing."""
    stands: Mapping[str, str]
    """By fact what is stored, as the form writes it: a code, '1', '0' or ''."""
    versions: tuple[int, int]
    """Of the profile (0: none yet) and of the pupil."""
    has_left: bool
    """The school since the cut-off day."""
    typed: dict[str, str] = field(default_factory=dict)
    """By fact what was chosen on the page, where it was sent."""
    error: RuleError | None = None

    @property
    def seen(self) -> str:
        """What the page was made of: goes out and comes back with it."""
        return "|".join([*map(str, self.versions), *(self.stands[one] for one in FACTS)])

    def shown(self, fact: str) -> str:
        return self.typed.get(fact, self.stands[fact])

    def change(self, seen: str) -> Change | None:
        """What was chosen other than the page (`seen`) showed; None where nothing was."""
        parts = seen.split("|")
        if len(parts) != 2 + len(FACTS) or not all(one.isdecimal() and len(one) < 9 for one in parts[:2]):
            return None
        before = dict(zip(FACTS, parts[2:], strict=True))
        values = {
            fact: YES_NO.get(text) if fact not in CODES else text or None
            for fact, text in self.typed.items()
            if text != before[fact]
        }
        return Change(values, int(parts[0]), int(parts[1])) if values else None


def rows_of(
    session: Session, source: Source, kept: Select[Pupil], *, class_id: int | None, missing: str | None
) -> list[FactRow]:
    """The table's children whose files one keeps: of a class, or those that lack the code of a division."""
    children = [
        one
        for one in read_children(session, source)
        if (class_id is None or one["class_id"] == class_id) and (missing is None or one[missing] is None)
    ]
    ids = [one["pupil_id"] for one in children]
    pupils = {one.id: one for one in session.scalars(kept.where(Pupil.id.in_(ids)))}
    school_id = int(source.parameters["school"])
    profiles = {one.pupil_id: one for one in session.scalars(profiles_of(school_id, ids))}
    return [
        _row(one, pupils[one["pupil_id"]], profiles.get(one["pupil_id"]))
        for one in children
        if one["pupil_id"] in pupils
    ]


def _row(child: Mapping[str, Any], pupil: Pupil, profile: ChildProfile | None) -> FactRow:
    stands = {fact: getattr(pupil if hasattr(pupil, fact) else profile, fact, None) for fact in FACTS}
    return FactRow(
        pupil.id, pupil.name, child["class_code"], {code: child[code] for code in (*FACT_OF, "kind")},
        {fact: _TEXTS[value] if value in _TEXTS else str(value) for fact, value in stands.items()},
        (profile.version if profile else 0, pupil.version), pupil.left_on is not None,
    )  # fmt: skip


def changes_of(rows: Sequence[FactRow], sent: Mapping[str, str]) -> dict[int, Change]:
    """What was changed on the page, by child; each row keeps what was typed."""
    found = {}
    for row in rows:
        row.typed = {
            fact: sent[f"{row.pupil_id}-{fact}"] for fact in FACTS if f"{row.pupil_id}-{fact}" in sent
        }
        change = row.change(sent.get(f"{row.pupil_id}-seen", ""))
        if change is not None:
            found[row.pupil_id] = change
    return found


def check_homes(rows: Sequence[FactRow], changes: Mapping[int, Change]) -> None:
    """Who is said to live with a parent has one at home. Raises RuleError, its field the child's id."""
    for row in rows:
        change = changes.get(row.pupil_id)
        if change and change.values.get("lives_with") == "parent" and row.codes["kind"] == "both_away":
            raise RuleError("fact_parents_away", field=str(row.pupil_id))
