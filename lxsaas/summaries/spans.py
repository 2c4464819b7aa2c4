"""The days of a school year, and which months and terms of it are summed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lxsaas.evaluation.years import months_over
from lxsaas.indicators.periods import TermDays
from lxsaas.schools.years import first_day, year_of


@dataclass(frozen=True)
class Span:
    """A school year up to the day to which it was counted."""

    year: int
    last: date
    """The newest counted day, at most the year's last."""
    terms: Sequence[TermDays]
    """All terms of the district."""

    @property
    def first(self) -> date:
        return first_day(self.year)

    @property
    def months(self) -> list[date]:
        """First days of the year's months that lie in a term and are over."""
        ends = months_over(self.year, self.terms, self.last + timedelta(days=1))
        return [end.replace(day=1) for end in ends]

    @property
    def own_terms(self) -> list[TermDays]:
        """The year's terms that have begun."""
        return [
            one for one in self.terms if year_of(one.starts_on) == self.year and one.starts_on <= self.last
        ]
