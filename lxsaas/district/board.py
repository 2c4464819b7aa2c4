"""A district's last night as one of its people sees it: the schools and townships in their reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from lxsaas.indicators import published
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.figures import Figure, Trend
from lxsaas.indicators.models import IndicatorRun
from lxsaas.indicators.night import Night, last_night, trends_of
from lxsaas.indicators.units import UnitRow, unit_rows

TREND_MONTHS = 24


@dataclass(frozen=True)
class Board:
    """Figures of the district, of the townships in reach and of their schools; those that miss most first."""

    night: Night
    schools: Sequence[UnitRow]
    townships: Sequence[UnitRow]

    @property
    def run(self) -> IndicatorRun:
        return self.night.run

    @property
    def as_of(self) -> date:
        return self.night.run.as_of

    def whole(self, district_id: int) -> list[Figure]:
        """The district's own figures, those that there are, in the order of their declaration."""
        figures = self.night.figures.of("district", district_id)
        return [figure for code in INDICATORS if (figure := figures[code]) is not None]

    @property
    def missing(self) -> list[UnitRow]:
        """Schools that miss a target."""
        return [row for row in self.schools if row.missed]

    @property
    def unreported(self) -> list[UnitRow]:
        """Schools of which the night counted nothing."""
        return [row for row in self.schools if not row.reports]

    def silent(self, days: int) -> list[UnitRow]:
        """Schools where nobody entered anything in the last so many days."""
        return [row for row in self.schools if is_silent(row, self.as_of, days)]

    def school(self, school_id: int) -> UnitRow | None:
        """A school in reach."""
        return next((row for row in self.schools if row.id == school_id), None)

    def township(self, township_id: int) -> UnitRow | None:
        """A township in reach."""
        return next((row for row in self.townships if row.id == township_id), None)


def is_silent(row: UnitRow, as_of: date, days: int) -> bool:
    """Whether nobody at a school entered anything in the last so many days; also where nobody ever did."""
    return row.last_entry_on is None or (as_of - row.last_entry_on).days >= days


def board(
    session: Session, township_ids: frozenset[int] | None, *, change_of: tuple[str, int] | None = None
) -> Board | None:
    """The last night; None before the first. `township_ids`: the reach, None for the whole district.

    The figures of `change_of`, a level and unit id, come with those of the period before.
    """
    night = last_night(session, change_of=change_of)
    if night is None:
        return None
    places = [
        row
        for row in session.execute(published.schools_with_township())
        if township_ids is None or row[2] in township_ids
    ]
    figures = night.figures
    townships = {row[2]: row[3] or "" for row in places if row[2] is not None}
    return Board(
        night,
        unit_rows("school", places, figures),
        unit_rows("township", [(id_, name, id_, None, None) for id_, name in townships.items()], figures),
    )


def course_of(session: Session, found: Board, level: str, unit_id: int) -> list[Trend]:
    """The course of every indicator of a unit over the last two years."""
    return trends_of(session, level, unit_id, found.night, TREND_MONTHS)
