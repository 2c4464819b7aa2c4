"""What is owed how often at a school on a day: its own settings, else the district's, else the default."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from lxsaas.duty_rules.definitions import DUTIES, Risk, Season
from lxsaas.duty_rules.models import DistrictDutySetting, DutySetting
from lxsaas.schools.models import Term

Key = tuple[str, str, str]
"""Duty, risk, season."""


@dataclass(frozen=True)
class Amounts:
    """The amounts in force at a school."""

    school: Mapping[Key, int]
    district: Mapping[Key, int]

    def of(self, duty: str, risk: Risk = "any", season: Season = "term") -> int:
        """The amount of a duty; what makes no difference of risk or season ignores them."""
        rule = DUTIES[duty]
        key = (duty, "any" if rule.high is None else risk, season if rule.by_season else "term")
        for settings in (self.school, self.district):
            if key in settings:
                return settings[key]
        return rule.default_for(risk)


def amounts_of(session: Session, *, school_id: int, district_id: int) -> Amounts:
    """The amounts of a school, in two queries."""
    return Amounts(
        {_key(row): row.amount for row in session.scalars(school_settings(school_id))},
        {_key(row): row.amount for row in session.scalars(district_settings(district_id))},
    )


def school_settings(school_id: int) -> Select[DutySetting]:
    return select(DutySetting).where(DutySetting.school_id == school_id)


def district_settings(district_id: int) -> Select[DistrictDutySetting]:
    return select(DistrictDutySetting).where(DistrictDutySetting.district_id == district_id)


def term_on(district_id: int, on: date) -> Select[Term]:
    """The term of a day; none in the holidays."""
    return select(Term).where(Term.district_id == district_id, Term.starts_on <= on, Term.ends_on >= on)


def last_term(district_id: int, on: date) -> Select[Term]:
    """The term of a day, in the holidays the one before."""
    started = select(Term).where(Term.district_id == district_id, Term.starts_on <= on)
    return started.order_by(Term.starts_on.desc()).limit(1)


def _key(row: DutySetting | DistrictDutySetting) -> Key:
    return (row.duty, row.risk, row.season)
