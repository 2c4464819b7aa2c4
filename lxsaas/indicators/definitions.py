"""Every indicator, declared once: what it means, what it counts, the SQL for many schools."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from lxsaas.care.models import CareKind
from lxsaas.core.messages import N_

Period = Literal["day", "month", "term"]
Part = Literal["numerator", "denominator"]


@dataclass(frozen=True)
class Fact:
    """A yes or no about an enrolled pupil, and the kind of row that tells it."""

    condition: str
    source: Literal["spell", "record"]


@dataclass(frozen=True)
class Indicator:
    """What is counted: numerator and denominator are conditions over facts about enrolled pupils."""

    code: str
    name: str
    """Message id; the Chinese is that of the domain document."""
    meaning: str
    """Message id: numerator over denominator in words."""
    period: Period
    numerator: str
    denominator: str | None
    target: int | None
    """Per cent that every school should reach; None where nobody sets one."""
    practice: str
    children: tuple[Part, ...]
    """The parts that say from how many children the figure is computed; fewer than three hide it."""
    facts: tuple[str, ...] = ()
    version: int = 1

    @property
    def is_rate(self) -> bool:
        return self.denominator is not None


def _record(*kinds: CareKind) -> Fact:
    return Fact(f"kind in ({', '.join(str(int(kind)) for kind in kinds)})", "record")


FACTS: Mapping[str, Fact] = {
    "is_left_behind": Fact("definition = 'register'", "spell"),
    "is_target": Fact("definition = :care_definition", "spell"),
    "has_talk": _record(CareKind.TALK),
    "has_home_visit": _record(CareKind.HOME_VISIT),
    "has_parent_call": _record(CareKind.PARENT_CALL),
    "has_parent_letter": _record(CareKind.PARENT_LETTER),
    "has_family_phone": _record(CareKind.FAMILY_PHONE),
    # The three ways of contact (P13), as the domain document lists their kinds.
    "has_child_contact": _record(CareKind.TALK, CareKind.HOME_VISIT, CareKind.COUNSELLING, CareKind.TUTORING),
    "has_parent_contact": _record(CareKind.PARENT_CALL, CareKind.FAMILY_PHONE, CareKind.PARENT_LETTER),
    "has_guardian_contact": _record(CareKind.HOME_VISIT, CareKind.GUARDIAN_CONTACT, CareKind.SCHOOL_VISIT),
}


def _monthly(code: str, name: str, meaning: str, fact: str, practice: str) -> Indicator:
    """A share of the care targets that were served in the month."""
    return Indicator(
        code, name, meaning, "month", f"is_target and {fact}", "is_target", 100, practice, ("denominator",),
        ("is_target", fact),
    )  # fmt: skip


INDICATORS: Mapping[str, Indicator] = {
    indicator.code: indicator
    for indicator in (
        Indicator(
            "left_behind_share",
            N_("Left-behind share"),
            N_("Pupils left behind by the register's definition / pupils enrolled."),
            "day", "is_left_behind", "true", None, "P6", ("numerator", "denominator"),
            ("is_left_behind",),
        ),
        Indicator(
            "care_targets",
            N_("Care targets"),
            N_("Enrolled pupils who are left behind by the definition that the district chose."),
            "day", "is_target", None, None, "P6", ("numerator",), ("is_target",),
        ),
        _monthly(
            "talk_monthly",
            N_("Talks"),
            N_("Care targets with a talk in the month / care targets."),
            "has_talk", "P11",
        ),
        _monthly(
            "home_visit_monthly",
            N_("Home visits"),
            N_("Care targets with a home visit in the month / care targets."),
            "has_home_visit", "P12",
        ),
        _monthly(
            "parent_call_monthly",
            N_("Calls with parents"),
            N_("Care targets with a call to a parent in the month / care targets."),
            "has_parent_call", "P12",
        ),
    )
}  # fmt: skip


_STARTS: Mapping[Period, str] = {"day": ":as_of", "month": ":month_start"}
"""First day of the period of the rows written."""


@cache
def counting_sql(codes: Sequence[str]) -> str:
    """One INSERT that counts these indicators for all of `:schools`, a row for each even where all is zero.

    Parameters: schools (bigint[]), as_of, month_start (of the month of as_of, to which the records belong),
    care_definition, run_id. Only relations that a fact needs are read.
    """
    indicators = [INDICATORS[code] for code in codes]
    counts = ", ".join(
        f"count(child.id) filter (where {one.numerator}) as n{number}"
        + (f", count(child.id) filter (where {one.denominator}) as d{number}" if one.denominator else "")
        for number, one in enumerate(indicators)
    )
    rows = ", ".join(
        f"('{one.code}', cast({_STARTS[one.period]} as date), n{number},"
        f" {f'd{number}' if one.denominator else 'null::bigint'}, {one.version})"
        for number, one in enumerate(indicators)
    )
    facts = sorted({fact for one in indicators for fact in one.facts})
    return f"""
        insert into school_indicator
            (school_id, indicator, starts_on, as_of, numerator, denominator, definition_version, run_id)
        with {_child_relation(facts)},
        counted as (
            select one.school_id, {counts}
            from unnest(cast(:schools as bigint[])) as one (school_id)
            left join child on child.school_id = one.school_id
            group by one.school_id
        )
        select counted.school_id, part.indicator, part.starts_on, :as_of, part.numerator, part.denominator,
            part.version, :run_id
        from counted
        cross join lateral (values {rows}) as part (indicator, starts_on, numerator, denominator, version)
    """


def _child_relation(facts: Sequence[str]) -> str:
    """The relation `child`: one row for each pupil enrolled on `:as_of`, with a truth value for each fact."""
    spells = {name: FACTS[name] for name in facts if FACTS[name].source == "spell"}
    records = {name: FACTS[name] for name in facts if FACTS[name].source == "record"}
    columns = "".join(f", coalesce({name}, false) as {name}" for name in facts)
    sources = []
    if spells:
        open_spells = "starts_on <= :as_of and (ends_on is null or ends_on > :as_of)"
        sources.append(("spell", _by_pupil("left_behind_spell", spells, open_spells)))
    if records:
        sources.append(
            (
                "record",
                _by_pupil(
                    "care_record",
                    records,
                    "occurred_on between :month_start and :as_of and withdrawn_at is null",
                ),
            )
        )
    # Materialized: sorted by school the planner would merge on the school alone and compare all its pupils.
    relations = "".join(f", {name} as materialized ({query})" for name, query in sources)
    joins = " ".join(
        f"left join {name} on {name}.school_id = pupil.school_id and {name}.pupil_id = pupil.id"
        for name, _query in sources
    )
    return f"""enrolled as materialized (
        select school_id, id from pupil
        where school_id = any (:schools)
            and enrolled_on <= :as_of and (left_on is null or left_on > :as_of)
    ){relations}, child as (
        select pupil.school_id, pupil.id{columns} from enrolled as pupil {joins}
    )"""


def _by_pupil(table: str, facts: Mapping[str, Fact], when: str) -> str:
    truths = ", ".join(f"bool_or({fact.condition}) as {name}" for name, fact in facts.items())
    which = " or ".join(fact.condition for fact in facts.values())
    return f"""
        select school_id, pupil_id, {truths} from {table}
        where school_id = any (:schools) and {when} and ({which})
        group by school_id, pupil_id
    """


def codes_of(period: Period) -> tuple[str, ...]:
    """The indicators that are counted for each day, month or term."""
    return tuple(code for code, indicator in INDICATORS.items() if indicator.period == period)
