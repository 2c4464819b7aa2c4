"""The figures that a letter tells: of a district, a township or a school, over a period that is past.

Read by the same queries as the pages, so that both agree to the last digit. Officers are shown what is
published; a school's own people their school's exact figures.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from lxsaas.indicators import published, queries
from lxsaas.indicators.definitions import INDICATORS, Period, codes_of
from lxsaas.indicators.figures import Figure, Targets, figure_of, own_figures
from lxsaas.indicators.models import DistrictIndicator, SchoolIndicator
from lxsaas.indicators.night import last_night, school_rows, targets_of, township_rows
from lxsaas.reports.alarm_lines import IN_LETTERS, AlarmLine, standing_alarms
from lxsaas.schools.models import District, School, Township

Model = type[DistrictIndicator] | type[SchoolIndicator]
EARLIER = {"week": timedelta(days=7), "term": timedelta(days=1)}
"""Days whose figures are compared with others than those of a month before: a week before, the term's eve."""


@dataclass(frozen=True)
class Subject:
    """Whom a letter is about, and which of its periods."""

    report: str
    level: str
    unit_id: int
    first: date
    last: date
    is_own: bool
    """Whether it goes to the school's own people, who are shown exact figures."""


@dataclass(frozen=True)
class UnitLine:
    """A school or township with the figures that surely miss their target."""

    name: str
    township: str | None
    figures: Mapping[str, Figure | None]

    def missed(self, codes: Sequence[str]) -> list[Figure]:
        """Of these indicators, what is missed by most first."""
        found = [self.figures[code] for code in codes]
        return sorted((one for one in found if one is not None and one.misses_target), key=_reached)


def _reached(figure: Figure) -> float:
    """How much of a target is reached at most; of a count that should be lower nothing."""
    if figure.bounds is None or not figure.denominator or not figure.target:
        return 0.0
    return figure.bounds[1] * 100 / figure.denominator - figure.target


@dataclass(frozen=True)
class ReportData:
    """What a letter says; the same for everybody who gets it, and of no session, which it outlives."""

    subject: Subject
    district_id: int
    district_slug: str
    unit_name: str
    school_slug: str | None
    as_of: date | None
    """The newest counted day of the period; None: no night of it came."""
    counted: Mapping[Period, date] = field(default_factory=dict)
    """To which day the figures of a day, of the month and of the term are counted: these run on."""
    figures: Sequence[Figure] = ()
    schools: Sequence[UnitLine] = ()
    """Those of the district or township, in the order of the page: who misses most first."""
    townships: Sequence[UnitLine] = ()
    alarms: Sequence[AlarmLine] = ()
    """What stands open when the letter is written."""
    reporting: int = 0
    expected: int = 0

    @property
    def is_late(self) -> bool:
        """Whether the period's last day was not counted."""
        return self.as_of is None or self.as_of < self.subject.last

    @property
    def is_incomplete(self) -> bool:
        """Whether schools are missing from the newest night."""
        return self.reporting < self.expected


def read_report(session: Session, district_id: int, subject: Subject) -> ReportData | None:
    """The figures of a letter; None where the unit is none of this district."""
    district = session.scalars(select(District).where(District.id == district_id)).one()
    name, slug = _unit(session, district, subject)
    if name is None:
        return None
    blank = ReportData(subject, district.id, district.slug, name, slug, None)
    if subject.is_own:
        return _own(session, blank)
    if subject.report in IN_LETTERS:
        alarms = standing_alarms(session, district.id, subject.level, subject.unit_id)
        blank = replace(blank, alarms=alarms)
    return _published(session, blank)


def _unit(session: Session, district: District, subject: Subject) -> tuple[str | None, str | None]:
    if subject.level == "district":
        return (district.name, None) if subject.unit_id == district.id else (None, None)
    if subject.level == "township":
        query = select(Township.name).where(
            Township.district_id == district.id, Township.id == subject.unit_id
        )
        return session.scalar(query), None
    school = select(School.name, School.slug).where(
        School.district_id == district.id, School.id == subject.unit_id
    )
    found = session.execute(school).one_or_none()
    return (found.name, found.slug) if found else (None, None)


def _published(session: Session, blank: ReportData) -> ReportData:
    subject = blank.subject
    as_of = session.scalar(published.last_computed(subject.first, subject.last))
    unit = subject.level, subject.unit_id
    night = last_night(session, as_of, change_of=unit) if as_of else None
    if as_of is None or night is None:
        return blank
    found = [night.figures.get((*unit, code)) for code in INDICATORS]
    places = (DistrictIndicator.level == subject.level, DistrictIndicator.unit_id == subject.unit_id)
    earlier = _earlier(session, subject, DistrictIndicator, places, night.targets)
    whole = published.figures_as_of(as_of, level="district", unit_id=blank.district_id)
    data = replace(
        blank,
        as_of=as_of,
        counted=_counted(session.scalars(whole)),
        figures=[_compared(one, earlier) for one in found if one is not None],
    )
    if subject.level == "school":
        return data
    inside = {row[0] for row in session.execute(published.schools_with_township()) if _is_in(row[2], subject)}
    schools = [row for row in school_rows(session, night) if row.id in inside]
    townships = township_rows(session, night) if subject.level == "district" else []
    return replace(
        data,
        schools=[UnitLine(row.name, row.township, row.figures) for row in schools],
        townships=[UnitLine(row.name, None, row.figures) for row in townships],
        reporting=sum(any(one is not None for one in row.figures.values()) for row in schools),
        expected=night.run.schools_expected if subject.level == "district" else len(schools),
    )


def _is_in(township_id: int | None, subject: Subject) -> bool:
    return subject.level == "district" or township_id == subject.unit_id


def _own(session: Session, blank: ReportData) -> ReportData:
    subject, school_id = blank.subject, blank.subject.unit_id
    as_of = session.scalar(last_counted(school_id, subject.first, subject.last))
    if as_of is None:
        return blank
    targets = targets_of(session, blank.district_id)
    now = session.scalars(queries.own_figures_as_of(school_id, as_of)).all()
    before = session.scalars(queries.own_figures_before(school_id, as_of)).all()
    places = (SchoolIndicator.school_id == school_id,)
    earlier = _earlier(session, subject, SchoolIndicator, places, targets)
    return replace(
        blank,
        as_of=as_of,
        counted=_counted(now),
        figures=[_compared(one, earlier) for one in own_figures(now, before, targets)],
    )


def last_counted(school_id: int, first: date, last: date) -> Select[date]:
    """The newest day of a period for which a school has figures."""
    return queries.last_counted_day(school_id).where(SchoolIndicator.starts_on.between(first, last))


def _earlier(
    session: Session, subject: Subject, model: Model, places: Sequence[ColumnElement[bool]], targets: Targets
) -> dict[str, Figure]:
    """Daily figures to compare with, where those are not the month before's."""
    back = EARLIER.get(subject.report)
    if back is None:
        return {}
    eve = (subject.last if subject.report == "week" else subject.first) - back
    daily = (*places, model.indicator.in_(codes_of("day")))
    newest = select(func.max(model.starts_on)).where(
        *daily, model.starts_on.between(eve - timedelta(days=40 if subject.report == "term" else 6), eve)
    )
    query: Select[Any] = select(model).where(*daily, model.starts_on == newest.scalar_subquery())
    rows = session.scalars(query)
    return {row.indicator: figure_of(row, targets) for row in rows if row.indicator in INDICATORS}


def _counted(rows: Iterable[DistrictIndicator | SchoolIndicator]) -> dict[Period, date]:
    known = [(INDICATORS[row.indicator].period, row.as_of) for row in rows if row.indicator in INDICATORS]
    return {period: max(day for of, day in known if of == period) for period in {of for of, _ in known}}


def _compared(figure: Figure, earlier: Mapping[str, Figure]) -> Figure:
    code = figure.indicator.code
    return replace(figure, before=earlier[code]) if code in earlier else figure
