"""The kinds of rules, each declared once: what it asks for, at which levels; and a district's first rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from lxsaas.core.messages import N_
from lxsaas.indicators.definitions import INDICATORS

Measure = Literal["percent", "count", "days", "hour"]
LEVELS = ("school", "township", "district")
RATES = tuple(code for code, one in INDICATORS.items() if one.is_rate)
COUNTS = tuple(code for code, one in INDICATORS.items() if not one.is_rate)


@dataclass(frozen=True)
class Kind:
    """What a rule of this kind asks for."""

    code: str
    name: str
    meaning: str
    levels: tuple[str, ...]
    indicators: tuple[str, ...] = ()
    """Of which one is chosen; empty: none."""
    measure: Measure | None = None
    """What the rule's bound is; None: it has none."""
    span: tuple[int, int] = (0, 0)
    """The least and the most that the bound may be."""
    may_follow_target: bool = False
    """Whether the bound may be left to the district's target of each period's time."""
    has_periods: bool = False
    by_period: bool = True
    """Whether another period or day is another alarm; else one alarm lasts as long as the rule holds."""
    waits_for_night: bool = True
    """Whether it depends on what a night publishes; else it is looked at every few seconds."""


KINDS: Mapping[str, Kind] = {
    one.code: one
    for one in (
        Kind(
            "below", N_("Indicator too low"),
            N_(
                "A rate lies surely below the bound, so many days, months or terms in a row. Months and "
                "terms are judged when they are over."
            ),
            LEVELS, RATES, "percent", (1, 100), may_follow_target=True, has_periods=True, by_period=False,
        ),
        Kind(
            "above", N_("Number too high"),
            N_("A number lies surely above the bound, the running term included."),
            LEVELS, COUNTS, "count", (0, 30000), may_follow_target=True, has_periods=True,
        ),
        Kind(
            "must_visits", N_("Must-visits overdue"),
            N_("More must-visits of the running month than the bound were surely not made in time."),
            LEVELS, ("must_visit_on_time",), "count", (0, 30000),
        ),
        Kind(
            "mandatory_report", N_("Mandatory report opened"),
            N_("A school has opened a mandatory report; told within the minute, closed when the report is."),
            ("school",), waits_for_night=False,
        ),
        Kind(
            "silent", N_("School silent"),
            N_("Nobody at the school has entered anything for so many days of term."),
            ("school",), measure="days", span=(1, 366),
        ),
        Kind(
            "night", N_("Night incomplete"),
            N_("The figures of the night are not there by this hour, or schools are missing in them."),
            ("district",), measure="hour", span=(2, 23), waits_for_night=False,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Preset:
    """A rule with which a district starts; it may change it or switch it off."""

    code: str
    kind: str
    level: str
    delivery: Literal["at_once", "digest"]
    bound: int | None = None
    periods: int = 1
    indicator: str | None = None


PRESETS = (
    Preset("mandatory_report", "mandatory_report", "school", "at_once"),
    Preset("drop_outs", "above", "school", "at_once", 0, indicator="drop_outs"),
    Preset("night", "night", "district", "at_once", 6),
    Preset("must_visits", "must_visits", "school", "digest", 0, indicator="must_visit_on_time"),
    Preset("silent", "silent", "school", "digest", 14),
    # Someone at high risk whom nobody follows up cannot wait for the end of a month.
    Preset("high_risk", "below", "school", "digest", None, 3, "high_risk_followed"),
    Preset("talks", "below", "school", "digest", 60, 1, "talk_monthly"),
    Preset("three_way", "below", "school", "digest", 60, 2, "three_way_monthly"),
)
