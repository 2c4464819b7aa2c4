"""What the district may be shown of a school's figure, and of several together, in plain Python.

Follows the rule (domain document, Indicators; `lxsaas.indicators.publishing`), not the product's SQL.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

Parts = tuple[int, int | None]
Key = tuple[str, date]

OF_NO_CHILDREN = frozenset(
    {
        "plan_read", "weekly_activity", "home_open_weekly", "group_meeting_monthly", "parents_school_held",
        "safety_lecture", "filing_on_time",
    }
)  # fmt: skip
"""Counted from teachers, weeks, meetings: nothing of them is hidden."""


@dataclass(frozen=True)
class Rule:
    """How an indicator's small cells are hidden: what the signs stand for."""

    few: int = 2
    """'few': 1 to so many are counted."""
    most: int = 2
    """'most': 1 to so many are missing."""
    hides_whole: bool = False
    """'most' and 'some' may also stand for all."""

    def sign(self, numerator: int, denominator: int | None) -> str | None:
        """What is hidden of a figure: 'few', 'most', 'some', 'all', or None for nothing."""
        if denominator is None:
            return "few" if 1 <= numerator <= self.few else None
        missing = denominator - numerator
        if 1 <= denominator <= 2:
            return "all"
        least_missing = 0 if self.hides_whole else 1
        if denominator <= self.few + self.most:
            return "some" if numerator >= 1 and missing >= least_missing else None
        if 1 <= numerator <= self.few:
            return "few"
        return "most" if least_missing <= missing <= self.most else None

    def possible(self, sign: str, denominator: int | None) -> range:
        """The numerators for which a sign other than 'all' may stand."""
        if sign == "few":
            return range(1, self.few + 1)
        if denominator is None:
            raise ValueError(sign)
        last = denominator if self.hides_whole else denominator - 1
        return range(1 if sign == "some" else denominator - self.most, last + 1)


CLOSE = Rule(most=3)
"""Contacts of which three-way contact is made: both together tell of each other."""
RULES: Mapping[str, Rule] = {
    "three_way_monthly": Rule(few=4),
    "home_visit_monthly": CLOSE,
    "parent_call_monthly": CLOSE,
    "family_phone_monthly": CLOSE,
    "parent_letter_termly": CLOSE,
    "left_behind_share": Rule(hides_whole=True),
}


@dataclass(frozen=True)
class Shown:
    """A row as the district gets it."""

    numerator: int | None
    denominator: int | None
    hidden: str | None = None
    slack: int = 0
    reporting: int = 1


def rule_of(indicator: str) -> Rule:
    return RULES.get(indicator, Rule())


def of_school(indicator: str, parts: Parts) -> Shown:
    """A school's row."""
    numerator, denominator = parts
    sign = None if indicator in OF_NO_CHILDREN else rule_of(indicator).sign(numerator, denominator)
    if sign is None:
        return Shown(numerator, denominator)
    return Shown(None, None, sign, 0, 0) if sign == "all" else Shown(None, denominator, sign)


def of_sum(indicator: str, schools: Iterable[Parts]) -> Shown:
    """The row of a township or the district: of what is hidden the least that it can be."""
    least = slack = due = reporting = 0
    is_rate = False
    for parts in schools:
        is_rate = is_rate or parts[1] is not None
        one = of_school(indicator, parts)
        if one.hidden == "all":
            continue
        reporting += 1
        due += one.denominator or 0
        if one.hidden is None:
            least += parts[0]
        else:
            possible = rule_of(indicator).possible(one.hidden, one.denominator)
            least, slack = least + possible[0], slack + possible[-1] - possible[0]
    return Shown(least, due if is_rate else None, None, slack, reporting)
