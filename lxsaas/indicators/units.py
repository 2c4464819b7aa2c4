"""Schools and townships of a district with their published figures: to be compared, sorted, chosen."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.figures import Figure, Published, Target, bounds_of, published_figure, shortfall_of
from lxsaas.indicators.standings import BITS

Key = tuple[str, int, str]
"""Level, unit and indicator."""
Unit = tuple[str, int]
"""Level and id."""
NO_ROWS: Mapping[str, Published] = {}


class NightFigures:
    """The published rows of a night; each becomes a figure when it is asked for, for most never are."""

    def __init__(self, rows: Iterable[Published], targets: Mapping[str, Target]) -> None:
        self.targets = targets
        self._rows: dict[Unit, dict[str, Published]] = {}
        self._before: dict[Key, Published] = {}
        self.add(rows)

    def add(self, rows: Iterable[Published]) -> None:
        """Takes in further rows, those of the period before too."""
        for row in rows:
            # Not by name, of ten thousand rows that takes longest; the last says whether it is of before.
            if row[-1]:
                self._before[row[0], row[1], row[2]] = row
            else:
                self._rows.setdefault((row[0], row[1]), {})[row[2]] = row

    def of(self, level: str, unit_id: int) -> "UnitFigures":
        """All indicators of a unit, None where it did not report."""
        return UnitFigures(self, level, unit_id)

    def get(self, key: Key) -> Figure | None:
        """The figure of a level, unit and indicator, with that of the period before where it was read."""
        row = self.rows_of(key[0], key[1]).get(key[2])
        if row is None or key[2] not in INDICATORS:
            return None
        earlier = self._before.get(key)
        target = self.targets.get(key[2])
        before = published_figure(earlier, target) if earlier is not None else None
        return published_figure(row, target, before)

    def rows_of(self, level: str, unit_id: int) -> Mapping[str, Published]:
        """What was published of a unit, by indicator."""
        return self._rows.get((level, unit_id), NO_ROWS)

    def missed(self, level: str, unit_id: int) -> dict[str, float]:
        """The indicators whose targets a unit surely misses, with the least by how many points.

        `standings` says the same of all schools in SQL.
        """
        found = {}
        for code, row in self.rows_of(level, unit_id).items():
            target = self.targets.get(code)
            if target is not None and (indicator := INDICATORS.get(code)):
                bounds = bounds_of(indicator, row.numerator, row.denominator, row.hidden, row.slack)
                short = shortfall_of(indicator, target, bounds, row.denominator)
                if short is not None:
                    found[code] = short
        return found


@dataclass(frozen=True)
class UnitFigures(Mapping[str, Figure | None]):
    """Figures of one unit by indicator, in the order of their declaration."""

    night: NightFigures
    level: str
    unit_id: int

    def __getitem__(self, code: str) -> Figure | None:
        if code not in INDICATORS:
            raise KeyError(code)
        return self.night.get((self.level, self.unit_id, code))

    def __iter__(self) -> Iterator[str]:
        return iter(INDICATORS)

    def __len__(self) -> int:
        return len(INDICATORS)


@dataclass(frozen=True)
class Standing:
    """What a unit misses, judged without its figures."""

    missed: int
    """How many targets it surely misses."""
    shortfall: float
    """By how much at least, added up in percentage points."""
    mask: int
    """A bit for each target missed (`standings.BITS`)."""

    def misses(self, code: str) -> bool:
        return bool(self.mask >> BITS[code] & 1)


@dataclass(frozen=True)
class UnitRow:
    """A school or township with its figures, one for each indicator or None where it did not report."""

    id: int
    name: str
    township: str | None
    figures: UnitFigures
    standing: Standing
    township_id: int | None = None
    size: int | None = None
    """Pupils enrolled; None where that is not shown."""
    last_entry_on: date | None = None
    """When anybody at the school last entered anything; None: nobody ever did, or it is no school."""
    reports: bool = True
    """Whether any figure of it was published for the night."""

    @property
    def missed(self) -> int:
        """How many targets it misses."""
        return self.standing.missed

    @property
    def shortfalls(self) -> Mapping[str, float]:
        """The targets that it surely misses, once its figures are read: by how many points at least."""
        return self.figures.night.missed(self.figures.level, self.id)

    @property
    def worst(self) -> list[str]:
        """The targets missed, by how much."""
        found = self.shortfalls
        return sorted(found, key=lambda code: -found[code])


def by_need(rows: Iterable[UnitRow]) -> list[UnitRow]:
    """Rows in order: those that miss most targets first, of as many those that miss them by most."""
    return sorted(rows, key=lambda row: (-row.missed, -row.standing.shortfall, row.name))


Place = tuple[int, str, int | None, str | None]
"""Of a unit id and name, id and name of its township."""


def unit_rows(level: str, units: Iterable[Place], figures: NightFigures) -> list[UnitRow]:
    """A row for each unit whose figures are read, those that miss most targets first."""
    return by_need(
        UnitRow(
            unit_id, name, township, figures.of(level, unit_id), standing_of(figures, level, unit_id),
            township_id, reports=bool(figures.rows_of(level, unit_id)),
        )
        for unit_id, name, township_id, township in units
    )  # fmt: skip


def standing_of(figures: NightFigures, level: str, unit_id: int) -> Standing:
    """A unit's standing from its figures."""
    missed = figures.missed(level, unit_id)
    return Standing(len(missed), sum(missed.values()), sum(1 << BITS[code] for code in missed))


def sorted_rows(rows: Sequence[UnitRow], by: str, descending: bool) -> list[UnitRow]:
    """Rows by 'name', 'township', 'size', 'last_entry', 'missed' or an indicator; unknown values last."""
    if by in INDICATORS:
        return _by_number(rows, lambda row: _value(row.figures[by]), descending)
    if by == "size":
        return _by_number(rows, lambda row: row.size, descending)
    if by == "last_entry":
        return _by_number(rows, _day, descending)
    if by in ("name", "township"):
        return sorted(rows, key=lambda row: getattr(row, by) or "", reverse=descending)
    # As `by_need` has put them: those that miss most first.
    return list(rows) if descending else list(reversed(rows))


def _by_number(
    rows: Sequence[UnitRow], number: Callable[[UnitRow], float | None], descending: bool
) -> list[UnitRow]:
    numbers = [(number(row), row) for row in rows]
    known = [(value, row) for value, row in numbers if value is not None]
    known.sort(key=lambda pair: pair[0], reverse=descending)
    return [row for _, row in known] + [row for value, row in numbers if value is None]


def _day(row: UnitRow) -> float | None:
    return None if row.last_entry_on is None else row.last_entry_on.toordinal()


def _value(figure: Figure | None) -> float | None:
    """By what figures are ordered; of a hidden one the least that it can be."""
    if figure is None or figure.bounds is None:
        return None
    if not figure.indicator.is_rate:
        return figure.bounds[0]
    return figure.bounds[0] / figure.denominator if figure.denominator else None
