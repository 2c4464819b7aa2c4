"""Every indicator, declared once: names, meaning, unit, period, target, practice, and what counts it.

What is counted are either children, by facts about them, or items: class-weeks, meetings, sessions. The SQL
of both stands in `lxsaas.indicators.relations`. Source of every rule: the domain document, Indicators.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from lxsaas.care.models import CareKind
from lxsaas.core.messages import N_

Period = Literal["day", "month", "term"]
PERIODS: tuple[Period, ...] = ("day", "month", "term")
Unit = Literal[
    "children", "visits", "class_weeks", "weeks", "months", "sessions", "lectures", "teachers", "filings"
]


@dataclass(frozen=True)
class Fact:
    """A yes or no about a child: any of these bits in what the sources tell about it."""

    mask: int
    source: str
    """The relation that tells it, in `relations.SOURCES`."""
    condition: str = ""
    """For facts about care records: the same as a condition over `care_record.kind`."""


def _record(*kinds: CareKind) -> Fact:
    """A record of any of these kinds in the month: bit n says that there is one of kind n."""
    mask = sum(1 << int(kind) for kind in kinds)
    return Fact(mask, "month_records", f"kind in ({', '.join(str(int(kind)) for kind in kinds)})")


_FIRST_BIT = 32
"""Bits below are the kinds of care records."""
_TOLD: tuple[tuple[str, str], ...] = (
    ("is_enrolled", "pupils"),
    ("has_birthday", "pupils"),
    ("is_left_behind", "spells"),
    ("is_target", "spells"),
    ("is_known", "known"),
    ("has_teacher", "pairings"),
    ("has_classmate", "pairings"),
    ("is_high_risk", "risks"),
    ("is_followed", "followed"),
    ("is_greeted", "greetings"),
    ("has_plan", "plans"),
    ("has_parent_letter", "letters"),
    ("has_attended", "attendance"),
    ("has_joined", "participants"),
    ("has_both_exams", "exams"),
    ("has_risen", "exams"),
    ("has_dropped_out", "drop_outs"),
)
FACTS: Mapping[str, Fact] = {
    **{name: Fact(1 << (_FIRST_BIT + number), source) for number, (name, source) in enumerate(_TOLD)},
    "has_talk": _record(CareKind.TALK),
    "has_home_visit": _record(CareKind.HOME_VISIT),
    "has_parent_call": _record(CareKind.PARENT_CALL),
    "has_family_phone": _record(CareKind.FAMILY_PHONE),
    # The three ways of contact (P13), as the domain document lists their kinds.
    "has_child_contact": _record(CareKind.TALK, CareKind.HOME_VISIT, CareKind.COUNSELLING, CareKind.TUTORING),
    "has_parent_contact": _record(CareKind.PARENT_CALL, CareKind.FAMILY_PHONE, CareKind.PARENT_LETTER),
    "has_guardian_contact": _record(CareKind.HOME_VISIT, CareKind.GUARDIAN_CONTACT, CareKind.SCHOOL_VISIT),
}
LETTER = f"kind = {int(CareKind.PARENT_LETTER)}"
"""The records that are letters (P12): owed once a term, so not among the month's facts."""


@dataclass(frozen=True)
class Indicator:
    """What is counted: children with all of some facts, or items; parts are whole numbers."""

    code: str
    name: str
    """Message id; the Chinese is that of the domain document."""
    meaning: str
    """Message id: numerator over denominator in words."""
    period: Period
    practice: str
    target: int | None
    """Default, per cent that every school should reach, of a count the number; None where there is none."""
    numerator: tuple[str, ...] = ()
    """Facts that a child must have beside those of the denominator."""
    denominator: tuple[str, ...] = ()
    is_rate: bool = True
    unit: Unit = "children"
    items: str | None = None
    """The relation of items that are counted instead of children, in `relations.ITEMS`."""
    goal: int | None = None
    """Of items: so many are asked for; more count as many, and the denominator is this."""
    few: int = 2
    """The largest numerator that a district is not shown (`lxsaas.indicators.publishing`)."""
    missing: tuple[int, int] = (1, 2)
    """The least and the most missing from the denominator that a district is not shown."""
    version: int = 1

    @property
    def of_children(self) -> bool:
        """Whether small cells must be hidden: what is counted are children, or visits to a child."""
        return self.unit in ("children", "visits")

    @property
    def lower_is_better(self) -> bool:
        """Of a count with a target: drop-outs must be zero."""
        return not self.is_rate and self.target is not None


TARGET = ("is_target",)
PART_OF_THREE_WAY = (1, 3)
"""Three-way contact, shown beside it, says that so many at most had this contact."""


def _share(
    code: str, period: Period, practice: str, fact: str, name: str, meaning: str, target: int | None = 100,
    *, missing: tuple[int, int] = (1, 2),
) -> Indicator:  # fmt: skip
    """A share of the care targets."""
    return Indicator(code, name, meaning, period, practice, target, (fact,), TARGET, missing=missing)


_DAY = (
    Indicator(
        "left_behind_share", N_("Left-behind share"),
        N_("Pupils left behind by the register's definition / pupils enrolled."),
        "day", "P6", None, ("is_left_behind",),
        # Care targets, shown beside it, are all left behind: that so many at least are.
        missing=(0, 2),
    ),
    Indicator(
        "care_targets", N_("Number of care targets"),
        N_("Enrolled pupils who are left behind by the definition that the district chose."),
        "day", "P6", None, TARGET, is_rate=False,
    ),
    _share(
        "archive_complete", "day", "P5", "is_known", N_("Complete files"),
        N_("Care targets of whom all five things are known / care targets."),
    ),
    _share(
        "teacher_paired", "day", "P9", "has_teacher", N_("Paired with a teacher"),
        N_("Care targets with an open pairing with a teacher / care targets."),
    ),
    _share(
        "pupil_paired", "day", "P9", "has_classmate", N_("Paired with a pupil"),
        N_("Care targets with an open pairing with a pupil / care targets."),
    ),
    Indicator(
        "high_risk_followed", N_("High risk followed up"),
        N_("High-risk children with a counselling or talk record in the last 14 days / high-risk children."),
        "day", "P16", 100, ("is_followed",), ("is_high_risk",),
    ),
    Indicator(
        "plan_read", N_("Plan read"),
        N_("Homeroom teachers who have confirmed the current plan / homeroom teachers."),
        "day", "P2", 100, unit="teachers", items="teachers",
    ),
)  # fmt: skip
_MONTH = (
    _share(
        "talk_monthly", "month", "P11", "has_talk", N_("Talks"),
        N_("Care targets with a talk in the month / care targets."),
    ),
    _share(
        "home_visit_monthly", "month", "P12", "has_home_visit", N_("Home visits"),
        N_("Care targets with a home visit in the month / care targets."),
        missing=PART_OF_THREE_WAY,
    ),
    _share(
        "parent_call_monthly", "month", "P12", "has_parent_call", N_("Calls with parents"),
        N_("Care targets with a call to a parent in the month / care targets."),
        missing=PART_OF_THREE_WAY,
    ),
    Indicator(
        "three_way_monthly", N_("Three-way contact reached"),
        N_("Care targets with contact to child, parent and guardian in the month / care targets."),
        "month", "P13", 90, ("has_child_contact", "has_parent_contact", "has_guardian_contact"), TARGET,
        # Home visits and calls, shown beside it, say that so many at least had all three.
        few=4,
    ),
    _share(
        "family_phone_monthly", "month", "P15", "has_family_phone", N_("Family phone used"),
        N_("Care targets who spoke with a parent by the family phone in the month / care targets."), 80,
        missing=PART_OF_THREE_WAY,
    ),
    Indicator(
        "must_visit_on_time", N_("Must-visits on time"),
        N_("Must-visits due in the month and closed by a visit in time / must-visits due in the month."),
        "month", "P14", 100, unit="visits", items="must_visits",
    ),
    Indicator(
        "weekly_activity", N_("Class activities"),
        N_("Class-weeks with a recorded activity / class-weeks of the month inside term."),
        "month", "P4", 90, unit="class_weeks", items="class_weeks",
    ),
    Indicator(
        "home_open_weekly", N_("Children's home open"),
        N_("Weeks with two or more openings, each with two or more staff / weeks of the month inside term."),
        "month", "P22", 100, unit="weeks", items="home_weeks",
    ),
    Indicator(
        "birthday_greeted", N_("Birthdays greeted"),
        N_("Care targets greeted within 3 days of the birthday / care targets with a birthday in the month."),
        "month", "P18", 100, ("is_greeted",), ("is_target", "has_birthday"),
    ),
)  # fmt: skip
_TERM = (
    _share(
        "plan_ready", "term", "P10", "has_plan", N_("Help plans ready"),
        N_("Care targets with a help plan for the term / care targets."),
    ),
    _share(
        "parent_letter_termly", "term", "P12", "has_parent_letter", N_("Letters to parents sent"),
        N_("Care targets with a letter to the parents in the term / care targets."),
        missing=PART_OF_THREE_WAY,
    ),
    Indicator(
        "group_meeting_monthly", N_("Leading group meetings"),
        N_("Months of the term so far with a meeting / months of the term so far."),
        "term", "P1", 100, unit="months", items="meeting_months",
    ),
    Indicator(
        "parents_school_held", N_("Parents' school sessions"),
        N_("Sessions of 40 minutes or more, announced before, at most 2 / 2."),
        "term", "P25", 100, unit="sessions", items="sessions", goal=2,
    ),
    _share(
        "parents_school_attendance", "term", "P25", "has_attended", N_("Parents' school attendance"),
        N_("Care targets with a parent or guardian present at least once in the term / care targets."), 80,
    ),
    Indicator(
        "safety_lecture", N_("Safety or law lecture"),
        N_("Safety or law lectures in the term, at most 1 / 1."),
        "term", "P23", 100, unit="lectures", items="lectures", goal=1,
    ),
    _share(
        "activity_reach", "term", "P23", "has_joined", N_("Joined an activity"),
        N_("Care targets who joined an activity in the term / care targets."),
    ),
    Indicator(
        "exam_progress", N_("Progress in exams"),
        N_("Care targets who rose in class against the previous exam / care targets with both exams."),
        "term", "P7", None, ("has_risen",), ("is_target", "has_both_exams"),
    ),
    Indicator(
        "drop_outs", N_("Pupils dropped out"),
        N_("Care targets who dropped out in the term."),
        "term", "P21", 0, ("is_target", "has_dropped_out"), is_rate=False,
    ),
    Indicator(
        "filing_on_time", N_("Filings on time"),
        N_("Filings due in the term and sent in time / filings due in the term."),
        "term", "P29", 100, unit="filings", items="filings",
    ),
)  # fmt: skip
INDICATORS: Mapping[str, Indicator] = {one.code: one for one in (*_DAY, *_MONTH, *_TERM)}


def codes_of(*periods: Period) -> tuple[str, ...]:
    """The indicators that are counted for each day, month or term."""
    return tuple(code for code, one in INDICATORS.items() if one.period in periods)
