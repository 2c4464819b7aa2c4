"""The parts of a homeroom teacher's year, what each weighs at first, and from how much data it counts (P3).

A part is one of the indicators, asked of the teacher's own class at the time: what is scored here and what is
counted at night cannot disagree. Scored are duties met and children's progress, never how much was written:
the ministry's measures of 2025 against teachers' paperwork forbid judging by traces and ledgers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from lxsaas.indicators.definitions import INDICATORS, Indicator

LEAST_DUE = 5
"""A part counts from so many things due: one missed of two would say half."""
LEAST_CHILDREN = 3
"""A year is scored from so many children in one's care."""
LEAST_SHARE = 50
"""Per cent of the weight that the counting parts must carry, else there is no score."""
TERM_DAYS = 15
"""A month counts in which so many days lie in a term."""


@dataclass(frozen=True)
class Part:
    """One indicator as a part of the score."""

    indicator: Indicator
    weight: int
    """What it weighs where the school sets nothing."""
    span: Literal["month", "term"]
    """How often it is asked in a year: for each month, or at the end of each term."""

    @property
    def code(self) -> str:
        return self.indicator.code


def _part(code: str, weight: int, span: Literal["month", "term"]) -> Part:
    return Part(INDICATORS[code], weight, span)


PARTS: Mapping[str, Part] = {
    one.code: one
    for one in (
        _part("talk_monthly", 15, "month"),
        _part("home_visit_monthly", 15, "month"),
        _part("parent_call_monthly", 10, "month"),
        _part("three_way_monthly", 10, "month"),
        _part("must_visit_on_time", 10, "month"),
        _part("weekly_activity", 5, "month"),
        _part("plan_ready", 10, "term"),
        _part("archive_complete", 10, "term"),
        _part("parent_letter_termly", 5, "term"),
        _part("exam_progress", 10, "term"),
    )
}
