"""A district's last night as one of its people sees it: the schools and townships in their reach.

The schools' standings are read at once; figures only of those that a page shows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from sqlalchemy.orm import Session

from lxsaas.indicators import published
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.figures import Figure, Trend
from lxsaas.indicators.models import IndicatorRun
from lxsaas.indicators.night import Night, targets_of, trends_of
from lxsaas.indicators.standings import figures_of, standings
from lxsaas.indicators.units import NightFigures, Standing, UnitRow, by_need, unit_rows

TREND_MONTHS = 24


@dataclass(frozen=True)
class Board:
    """The schools and townships in reach; figures of those that were read."""

    session: Session
    night: Night
    schools: Sequence[UnitRow]
    """Those that miss most first."""
    township_names: Mapping[int, str]
    _indicators_read: set[str] = field(default_factory=set)

    @property
    def run(self) -> IndicatorRun:
        return self.night.run

    @property
    def as_of(self) -> date:
        return self.night.run.as_of

    @cached_property
    def townships(self) -> list[UnitRow]:
        """The townships in reach, once figures are read; those that miss most first."""
        places = [(id_, name, id_, None) for id_, name in self.township_names.items()]
        return unit_rows("township", places, self.night.figures)

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

    def read(self, rows: Iterable[UnitRow], *, change_of: tuple[str, int] | None = None) -> None:
        """Reads the figures of these schools, of the townships and the district.

        Those of `change_of`, a level and unit id, come with the ones of the period before.
        """
        run = self.night.run
        units = [
            ("district", run.district_id),
            *(("township", township_id) for township_id in self.township_names),
            *(("school", row.id) for row in rows),
        ]
        self.night.figures.add(figures_of(self.session, run, units, change_of))

    def read_indicator(self, code: str) -> None:
        """Reads one indicator's figures of every unit, once."""
        if code not in self._indicators_read:
            self._indicators_read.add(code)
            rows = self.session.execute(published.shown_of_indicator(self.as_of, code)).all()
            self.night.figures.add(rows)

    def whole(self, district_id: int) -> list[Figure]:
        """The district's own figures, those that there are, in the order of their declaration."""
        figures = self.night.figures.of("district", district_id)
        return [figure for code in INDICATORS if (figure := figures[code]) is not None]

    def course(self, level: str, unit_id: int) -> list[Trend]:
        """The course of every indicator of a unit over the last two years."""
        return trends_of(self.session, level, unit_id, self.night, TREND_MONTHS)


def is_silent(row: UnitRow, as_of: date, days: int) -> bool:
    """Whether nobody at a school entered anything in the last so many days; also where nobody ever did."""
    return row.last_entry_on is None or (as_of - row.last_entry_on).days >= days


def board(session: Session, district_id: int, township_ids: frozenset[int] | None) -> Board | None:
    """The last night; None before the first. `township_ids`: the reach, None for the whole district."""
    run = session.scalars(published.finished_runs().limit(1)).one_or_none()
    if run is None:
        return None
    targets = targets_of(session, district_id)
    in_force = targets.on(run.as_of)
    figures = NightFigures((), in_force)
    schools, names = [], {}
    # Rows of hundreds of schools: fetched at once, and taken apart by place, not by name.
    for id_, name, township_id, township, entry, size, missed, short, mask, reports in standings(
        session, run, in_force
    ):
        if township_ids is not None and township_id not in township_ids:
            continue
        if township_id is not None:
            names[township_id] = township
        standing = Standing(missed, short, mask)
        unit = figures.of("school", id_)
        schools.append(UnitRow(id_, name, township, unit, standing, township_id, size, entry, reports))
    schools = by_need(schools)
    return Board(session, Night(run, figures, targets), schools, names)
