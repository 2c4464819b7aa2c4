"""A district's last night as pages and mails show it: figures, units, trends."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from lxsaas.indicators import published, queries
from lxsaas.indicators.figures import Target, Targets, Trend, months_before, trends
from lxsaas.indicators.models import IndicatorRun
from lxsaas.indicators.standings import course_of
from lxsaas.indicators.units import NightFigures, UnitRow, unit_rows


@dataclass(frozen=True)
class Night:
    """A finished run, with every published figure of its day and of the period before."""

    run: IndicatorRun
    figures: NightFigures
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
    """The newest finished run, or that of a day, with its figures; None where there is none.

    A day whose night was missed is a later run's. The figures of `change_of`, a level and unit id, come with
    those of the period before.
    """
    query = published.finished_runs() if as_of is None else published.runs_over(as_of)
    run = session.scalars(query.limit(1)).one_or_none()
    if run is None:
        return None
    day, targets = as_of or run.as_of, targets_of(session, run.district_id)
    rows = session.execute(published.shown_of(day, change_of)).all()
    return Night(run, NightFigures(rows, targets.on(day)), targets)


def school_rows(session: Session, night: Night) -> list[UnitRow]:
    """Every school, those that miss most first."""
    schools = session.execute(published.schools_with_township()).all()
    return unit_rows("school", schools, night.figures)


def township_rows(session: Session, night: Night) -> list[UnitRow]:
    """Every township, those that miss most first."""
    units = session.execute(published.townships()).all()
    return unit_rows("township", [(row[0], row[1], row[0], None) for row in units], night.figures)


def trends_of(session: Session, level: str, unit_id: int, night: Night, months: int) -> list[Trend]:
    """The course of every indicator of a unit over the last months."""
    span = months_before(night.run.as_of, months)
    return trends(course_of(session, night.run, (level, unit_id), span[0]), span)
