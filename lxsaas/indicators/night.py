"""A district's last night as pages and mails show it: figures, units, trends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func
from sqlalchemy.orm import Session

from lxsaas.indicators import published, queries
from lxsaas.indicators.figures import (
    Figure,
    Key,
    Target,
    Targets,
    Trend,
    UnitRow,
    figures_by_key,
    months_before,
    trends,
    unit_rows,
)
from lxsaas.indicators.models import DistrictIndicator, IndicatorRun

_SHOWN = (
    DistrictIndicator.level,
    DistrictIndicator.unit_id,
    DistrictIndicator.indicator,
    DistrictIndicator.numerator,
    DistrictIndicator.denominator,
    DistrictIndicator.hidden,
    DistrictIndicator.slack,
    DistrictIndicator.schools_reporting,
    DistrictIndicator.schools_expected,
    # The same as `DistrictIndicator.as_of`, without a look at the district's row for each of thousands.
    func.max(DistrictIndicator.written_to)
    .over(partition_by=(DistrictIndicator.indicator, DistrictIndicator.starts_on))
    .label("as_of"),
)


@dataclass(frozen=True)
class Night:
    """A finished run, with every published figure of its day and of the period before."""

    run: IndicatorRun
    figures: dict[Key, Figure]
    targets: Targets


def targets_of(session: Session, district_id: int) -> Targets:
    """What the district asks for, over time; of a school's own district too."""
    history: dict[str, list[tuple[date, Target]]] = {}
    for code, since, target in session.execute(queries.targets_of(district_id)):
        history.setdefault(code, []).append((since, target))
    return Targets(history)


def last_night(
    session: Session, as_of: date | None = None, *, change_of: tuple[str, int] | None = None
) -> Night | None:
    """The newest finished run (of a day, if one is given) with its figures; None before the first.

    The figures of `change_of`, a level and unit id, come with those of the period before.
    """
    query = published.finished_runs().limit(1)
    if as_of is not None:
        query = query.where(IndicatorRun.as_of == as_of)
    run = session.scalars(query).one_or_none()
    if run is None:
        return None
    targets = targets_of(session, run.district_id)
    # Plain rows: a district of 400 schools has thousands, and nobody changes them.
    rows = session.execute(published.figures_as_of(run.as_of).with_only_columns(*_SHOWN)).all()
    before = _before(session, run.as_of, change_of)
    return Night(run, figures_by_key(rows, before, targets), targets)


def _before(session: Session, as_of: date, change_of: tuple[str, int] | None) -> Sequence[DistrictIndicator]:
    if change_of is None:
        return []
    level, unit_id = change_of
    query = published.figures_before(as_of, level=level, unit_id=unit_id)
    return session.scalars(query).all()


def school_rows(session: Session, night: Night) -> list[UnitRow]:
    """Every school, those that miss most first."""
    schools = session.execute(published.schools_with_township()).all()
    return unit_rows("school", [(row[0], row[1], row[3]) for row in schools], night.figures)


def township_rows(session: Session, night: Night) -> list[UnitRow]:
    """Every township, those that miss most first."""
    units = session.execute(published.townships()).all()
    return unit_rows("township", [(row[0], row[1], None) for row in units], night.figures)


def trends_of(session: Session, level: str, unit_id: int, night: Night, months: int) -> list[Trend]:
    """The course of every indicator of a unit over the last months."""
    span = months_before(night.run.as_of, months)
    query = published.history(level=level, unit_id=unit_id, since=span[0])
    return trends(session.scalars(query), span, night.targets)
