"""Every duty and number that districts and schools set, with its default from the practices."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from lxsaas.core.messages import N_

Risk = Literal["any", "high"]
Season = Literal["term", "holiday"]


@dataclass(frozen=True)
class Duty:
    """Something owed to a child by rule, or a number by which one is judged late."""

    code: str
    name: str
    """Message id."""
    unit: str
    """Message id of what the amount counts: 'times a month', 'days'."""
    practice: str
    default: int
    most: int
    high: int | None = None
    """Default for children at high risk; None: risk makes no difference."""
    by_season: bool = False
    """Whether term and holidays are set apart."""

    @property
    def cells(self) -> tuple[tuple[Risk, Season], ...]:
        """The amounts that can be set."""
        risks: tuple[Risk, ...] = ("any",) if self.high is None else ("any", "high")
        seasons: tuple[Season, ...] = ("term", "holiday") if self.by_season else ("term",)
        return tuple((risk, season) for risk in risks for season in seasons)

    def default_for(self, risk: Risk) -> int:
        return self.high if risk == "high" and self.high is not None else self.default


_MONTHLY = N_("times a month")
DUTIES: Mapping[str, Duty] = {
    one.code: one
    for one in (
        Duty("talk", N_("Talk"), _MONTHLY, "P11", 1, 10, high=2, by_season=True),
        Duty("home_visit", N_("Home visit"), _MONTHLY, "P12", 1, 10, high=1, by_season=True),
        Duty("parent_call", N_("Call with a parent"), _MONTHLY, "P12", 1, 10, high=1, by_season=True),
        Duty("family_phone", N_("Family phone"), _MONTHLY, "P15", 1, 10, high=1, by_season=True),
        Duty("three_way", N_("Three-way contact"), _MONTHLY, "P13", 1, 1, by_season=True),
        Duty("parent_letter", N_("Letter to the parents"), N_("times a term"), "P12", 1, 10),
        Duty("must_visit_days", N_("Must-visit is due after"), N_("days"), "P14", 7, 60),
        Duty("risk_contact_days", N_("A child at high risk is seen every"), N_("days"), "P16", 14, 60),
        Duty("helper_limit", N_("Children that one helper carries at most"), N_("children"), "P9", 10, 200),
        Duty("pairing_check_weeks", N_("A pairing's effect is checked every"), N_("weeks"), "P9", 8, 52),
        Duty("plan_review_weeks", N_("A help plan is reviewed every"), N_("weeks"), "P10", 8, 52),
        Duty("late_times", N_("Lateness in 30 days that opens a must-visit"), N_("times"), "P14", 3, 30),
        Duty("absence_days", N_("Unexcused absence that alarms the school"), N_("days"), "P21", 3, 30),
    )
}  # fmt: skip
