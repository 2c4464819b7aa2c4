"""Which indicators share a chart: what belongs together, no more lines than can be told apart."""

from collections.abc import Sequence
from dataclasses import dataclass

from lxsaas.core.messages import N_
from lxsaas.indicators.figures import Trend

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        N_("Contact with child, parents and guardian"),
        ("talk_monthly", "home_visit_monthly", "parent_call_monthly", "three_way_monthly"),
    ),
    (N_("What must not be missed"), ("must_visit_on_time", "birthday_greeted", "family_phone_monthly")),
    (N_("Files and helpers"), ("archive_complete", "teacher_paired", "pupil_paired", "high_risk_followed")),
    (N_("Life at school"), ("weekly_activity", "home_open_weekly", "plan_read")),
    (
        N_("The terms: child and family"),
        ("plan_ready", "parent_letter_termly", "parents_school_attendance", "activity_reach"),
    ),
    (
        N_("The terms: the school's work"),
        ("group_meeting_monthly", "parents_school_held", "safety_lecture", "filing_on_time"),
    ),
    (N_("Left-behind share"), ("left_behind_share",)),
    (N_("Progress in exams"), ("exam_progress",)),
    (N_("Number of care targets"), ("care_targets",)),
    (N_("Pupils dropped out"), ("drop_outs",)),
)  # fmt: skip
"""Title and indicators of each chart; rates and counts never in one, nor terms with months."""


@dataclass(frozen=True)
class TrendChart:
    """Lines over the same periods."""

    code: str
    """Tells it from the other charts of a page."""
    title: str
    """Message id."""
    trends: Sequence[Trend]
    periods: Sequence[int]
    """Numbers of the months that are shown: of terms only those in which one begins."""

    @property
    def is_rate(self) -> bool:
        return self.trends[0].indicator.is_rate


def charts_of(trends: Sequence[Trend]) -> list[TrendChart]:
    """The charts of what has a course at all."""
    known = {trend.indicator.code: trend for trend in trends if any(trend.figures)}
    found = []
    for title, codes in GROUPS:
        lines = [known[code] for code in codes if code in known]
        if lines:
            found.append(TrendChart(codes[0], title, lines, _periods(lines)))
    return found


def _periods(lines: Sequence[Trend]) -> list[int]:
    months = range(len(lines[0].months))
    if lines[0].indicator.period != "term":
        return list(months)
    return [number for number in months if any(line.figures[number] for line in lines)]
