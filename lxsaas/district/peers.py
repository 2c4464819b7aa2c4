"""A school beside the schools of its size, from nothing but what the district is shown of each."""

from collections.abc import Sequence
from dataclasses import dataclass

from lxsaas.district.selection import size_of
from lxsaas.indicators.definitions import INDICATORS, Indicator
from lxsaas.indicators.figures import Figure
from lxsaas.indicators.units import UnitRow


@dataclass(frozen=True)
class Comparison:
    """One indicator of a school and of all schools of its size together."""

    indicator: Indicator
    own: Figure
    peers: Figure
    """Parts added up, hidden ones with the least they can be, as in every sum that a district is shown."""
    better: int | None
    """How many of the others are surely behind; None where the own value is hidden."""
    others: int
    """Others whose value is shown."""


def peers_of(school: UnitRow, schools: Sequence[UnitRow]) -> list[UnitRow]:
    """The schools of its size, without itself."""
    size = size_of(school)
    return [row for row in schools if row.id != school.id and size is not None and size_of(row) == size]


def compare(school: UnitRow, peers: Sequence[UnitRow]) -> list[Comparison]:
    """The rates of a school that are known, each beside those of its peers."""
    found = []
    for code, indicator in INDICATORS.items():
        own = school.figures[code]
        if own is None or not indicator.is_rate:
            continue
        figures = [figure for row in peers if (figure := row.figures[code]) is not None]
        rates = [figure.rate for figure in figures if figure.rate is not None]
        better = None if own.rate is None else sum(own.rate > rate for rate in rates)
        found.append(Comparison(indicator, own, total(indicator, own.target, figures), better, len(rates)))
    return found


def total(indicator: Indicator, target: int | None, figures: Sequence[Figure]) -> Figure:
    """The sum of what is shown: numerators with the least that they can be, `slack` up to the most."""
    known = [(figure, figure.bounds) for figure in figures if figure.hidden != "all"]
    least = sum(bounds[0] for _, bounds in known if bounds is not None)
    most = sum(bounds[1] for _, bounds in known if bounds is not None)
    due = sum(figure.denominator or 0 for figure, _ in known)
    return Figure(
        indicator, least, due, slack=most - least, schools_reporting=len(known),
        schools_expected=len(figures), target=target,
    )  # fmt: skip
