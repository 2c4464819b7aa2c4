"""What only some kinds of care have: with whom, by which means, what was given, how long, the four cares.

Codes, no words: words about a child are sealed and belong into the note. The numbers are stored and never
reused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, IntFlag

from lxsaas.care.models import CareDetail, CareKind
from lxsaas.core.errors import RuleError

LONGEST_MINUTES = 600


class Party(IntEnum):
    """Whom one spoke with."""

    FATHER = 1
    MOTHER = 2
    BOTH = 3
    GRANDPARENT = 4
    OTHER = 5


class Means(IntEnum):
    """How a call was made or a letter handed over."""

    PHONE = 1
    VIDEO = 2
    MESSAGE = 3
    BY_CHILD = 4
    POST = 5
    MEETING = 6


class Item(IntEnum):
    """What was given."""

    STATIONERY = 1
    BOOKS = 2
    CLOTHES = 3
    FOOD = 4
    DAILY_NEEDS = 5
    MONEY = 6
    OTHER = 7


class Giver(IntEnum):
    """From whom a gift came."""

    SCHOOL = 1
    TEACHER = 2
    CLASSMATES = 3
    VOLUNTEERS = 4
    ENTERPRISE = 5
    GOVERNMENT = 6
    OTHER = 7


class FourCares(IntFlag):
    """思想、学习、生活、健康: the four cares of acting parents (P19)."""

    THOUGHT = 1
    STUDY = 2
    LIFE = 4
    HEALTH = 8


_PARENTS = (Party.FATHER, Party.MOTHER, Party.BOTH, Party.OTHER)
_KEEPERS = (Party.GRANDPARENT, Party.OTHER)
_CALLS = (Means.PHONE, Means.VIDEO, Means.MESSAGE)
_LETTERS = (Means.BY_CHILD, Means.POST, Means.MESSAGE, Means.MEETING)

PARTIES: Mapping[CareKind, tuple[Party, ...]] = {
    CareKind.PARENT_CALL: _PARENTS,
    CareKind.FAMILY_PHONE: _PARENTS,
    CareKind.HOME_VISIT: (Party.GRANDPARENT, Party.FATHER, Party.MOTHER, Party.OTHER),
    CareKind.GUARDIAN_CONTACT: _KEEPERS,
    CareKind.SCHOOL_VISIT: _KEEPERS,
}
MEANS: Mapping[CareKind, tuple[Means, ...]] = {
    CareKind.PARENT_CALL: _CALLS,
    CareKind.GUARDIAN_CONTACT: _CALLS,
    CareKind.PARENT_LETTER: _LETTERS,
}
GIFTS = (CareKind.GIFT, CareKind.BIRTHDAY_GREETING)
TIMED = (CareKind.TUTORING,)
TAGGED = (CareKind.TALK, CareKind.HOME_VISIT, CareKind.PARENT_CALL, CareKind.GUARDIAN_CONTACT, CareKind.OTHER)
"""Kinds at which the four cares are asked for."""


@dataclass(frozen=True)
class Detail:
    """The details of one record as they were entered; all of them may be left open."""

    party: int | None = None
    means: int | None = None
    item: int | None = None
    giver: int | None = None
    minutes: int | None = None
    tags: int = 0

    @property
    def is_empty(self) -> bool:
        return self == Detail()

    def of_kind(self, kind: CareKind) -> "Detail":
        """Only what belongs to a kind: the form holds the fields of all of them.

        Raises RuleError for a duration that cannot be.
        """
        minutes = self.minutes if kind in TIMED else None
        if minutes is not None and not 1 <= minutes <= LONGEST_MINUTES:
            raise RuleError("care_minutes", field="minutes", limit=LONGEST_MINUTES)
        return Detail(
            party=self.party if self.party in PARTIES.get(kind, ()) else None,
            means=self.means if self.means in MEANS.get(kind, ()) else None,
            item=self.item if kind in GIFTS and self.item in set(Item) else None,
            giver=self.giver if kind in GIFTS and self.giver in set(Giver) else None,
            minutes=minutes,
            tags=self.tags & int(~FourCares(0)) if kind in TAGGED else 0,
        )

    def as_values(self) -> dict[str, int | None]:
        """By column."""
        return {name: getattr(self, name) for name in ("party", "means", "item", "giver", "minutes", "tags")}


def detail_of(row: CareDetail | None) -> Detail:
    """The details that a row holds; none without a row."""
    if row is None:
        return Detail()
    return Detail(row.party, row.means, row.item, row.giver, row.minutes, row.tags)


def tags_in(tags: int) -> tuple[FourCares, ...]:
    """The four cares that are set."""
    return tuple(FourCares(tags))
