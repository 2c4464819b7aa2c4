"""The statistics table: its columns, the ways in which the children are divided, and what must add up.

Each division splits the same children by one code, so "total = sum of its parts" holds exactly where every
child has a code in it: a child without one is what a clerk would search for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from lxsaas.core.messages import N_
from lxsaas.pupils.definitions import Definition

UNDER_AGE = 16
"""The table counts children under 16 (domain document)."""
TOTAL = "total"
ALL_GRADES = "all"
"""In addresses: the row of the total."""
DEFAULT_DEFINITION = "state_council_2016"
Form = Literal["pupil", "basics", "profile"]


@dataclass(frozen=True)
class Part:
    """A column of the table: the children with one code of a division."""

    code: str
    """Also the column of `district_filing` and of the official table."""
    name: str
    """Message id."""


@dataclass(frozen=True)
class Division:
    """One way to divide the children; its parts must add up to the total."""

    code: str
    """Also the column of `filing_child`."""
    name: str
    """Message id."""
    parts: tuple[Part, ...]
    missing: str
    """Message id: what is wrong with a child that is in none of the parts."""
    form: Form
    """Where that is mended."""


@dataclass(frozen=True)
class Asked:
    """What a district asks for in a term."""

    term: str
    due_on: date | None
    cut_off_on: date
    definition: Definition
    edition: int = 0
    """Of what officers have set, from 1; 0: nothing, so that it follows from the due day."""
    reason: str | None = None
    """Why it was changed after schools had sent."""

    @property
    def basis(self) -> tuple[date, str]:
        """Cut-off day and code of the definition: only versions with the same can be summed."""
        return self.cut_off_on, self.definition.code


def _division(code: str, name: str, missing: str, form: Form, parts: Mapping[str, str]) -> Division:
    return Division(code, name, tuple(Part(*one) for one in parts.items()), missing, form)


DIVISIONS: tuple[Division, ...] = (
    _division(
        "sex", N_("Sex"), N_("The sex is missing."), "pupil", {"boys": N_("Boys"), "girls": N_("Girls")}
    ),
    _division(
        "age", N_("Age"), N_("Born after the cut-off day: import the corrected register."), "pupil",
        {"aged_0_5": N_("0–5 years"), "aged_6_13": N_("6–13 years"), "aged_14_15": N_("14–15 years")},
    ),
    _division(
        "kind", N_("Who is away"), N_("It is not known which parents are away."), "pupil",
        {"both_away": N_("Both parents"), "one_away": N_("One parent")},
    ),
    _division(
        "stage", N_("Schooling"),
        N_("The class is of no grade that the table has: import the corrected register."), "pupil",
        {
            "in_preschool": N_("Pre-school"), "in_primary": N_("Primary school"),
            "in_junior": N_("Junior secondary"), "dropped_out": N_("Dropped out"),
        },
    ),
    _division(
        "boarding", N_("Boarding"), N_("Nobody has said whether the child boards."), "basics",
        {"boarders": N_("Boarder"), "day_pupils": N_("Day pupil")},
    ),
    _division(
        "health", N_("Health"), N_("The health code is missing."), "basics",
        {"healthy": N_("Healthy"), "chronically_ill": N_("Chronically ill"), "disabled": N_("Disabled")},
    ),
    _division(
        "guardianship", N_("Guardianship"), N_("The guardianship is not rated."), "profile",
        {
            "guarded_well": N_("Good"), "guarded_fairly": N_("Fair"), "guarded_poorly": N_("Poor"),
        },
    ),
    _division(
        "keeper", N_("Guardian at home"),
        N_("Who looks after the child is not known, or is a parent who is said to be away."), "profile",
        {
            "with_grandparents": N_("Grandparents"), "with_relatives": N_("Other relatives"),
            "with_others": N_("Other people"), "with_nobody": N_("Nobody"),
        },
    ),
    _division(
        "residence", N_("Household registration"),
        N_("Nothing says whether the child is registered as a resident."), "profile",
        {"registered": N_("Registered"), "not_registered": N_("Not registered")},
    ),
)  # fmt: skip
"""In the order of the official table."""
BY_CODE: Mapping[str, Division] = {one.code: one for one in DIVISIONS}
PARTS: Mapping[str, tuple[Division, Part]] = {
    part.code: (division, part) for division in DIVISIONS for part in division.parts
}
"""Each column but the total."""
COLUMNS: tuple[str, ...] = (TOTAL, *PARTS)
MISSING = "no_"
LISTED: frozenset[str] = frozenset((*COLUMNS, *(f"{MISSING}{code}" for code in BY_CODE)))
"""What a list of children is of: a column, or 'no_health' for those without a code in a division."""
FACT_OF: Mapping[str, str] = {
    "guardianship": "guardianship", "keeper": "lives_with", "boarding": "is_boarding", "health": "health",
    "residence": "is_registered",
}  # fmt: skip
"""By division the undated fact from which its code follows, set for a class at once (`lxsaas.archive.facts`).

The other divisions follow from what is dated, or stands in the register.
"""
OUTCOMES: Mapping[str, str] = {"accepted": N_("Accepted"), "returned": N_("Returned")}
STATES: Mapping[str, str] = {
    "missing": N_("Not sent"),
    "late": N_("Overdue"),
    "outdated": N_("To be sent again"),
    "sent": N_("Waits for the district"),
    "accepted": N_("Accepted"),
    "returned": N_("Returned"),
}


def cross_foot_sql(division: Division) -> str:
    """The check that a division's columns add up to the total."""
    return f"total = {' + '.join(part.code for part in division.parts)}"


def name_of(column: str) -> str:
    """Message id of a column."""
    return N_("Total") if column == TOTAL else PARTS[column][1].name


def long_names() -> Iterator[tuple[str, Division | None, str]]:
    """(column, division, message id) of each column in the table's order."""
    yield TOTAL, None, name_of(TOTAL)
    for code, (division, part) in PARTS.items():
        yield code, division, part.name
