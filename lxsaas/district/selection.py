"""Which schools an address asks for, and in which order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self

from lxsaas.district.board import Board, is_silent
from lxsaas.indicators.definitions import INDICATORS
from lxsaas.indicators.units import UnitRow, sorted_rows

SIZES: Mapping[str, tuple[int, int]] = {
    "tiny": (0, 99),
    "small": (100, 299),
    "middle": (300, 599),
    "large": (600, 1199),
    "huge": (1200, 10**9),
}
"""Sizes of schools by pupils enrolled: the least and the most."""
SILENT_DAYS = (7, 14, 30)
"""For how many days without an entry schools are looked for."""


@dataclass(frozen=True)
class Selection:
    """What is asked for; every part may be empty. Unknown values ask for nothing."""

    words: str = ""
    township: int | None = None
    size: str = ""
    indicator: str = ""
    """Only schools that miss this indicator's target."""
    missed: bool = False
    """Only schools that miss some target."""
    silent: int | None = None
    """Only schools without an entry for so many days."""
    uncounted: bool = False
    """Only schools of which the night counted nothing."""
    sort: str = "-missed"

    @classmethod
    def of(cls, args: Mapping[str, str], *, sort: str = "-missed") -> Self:
        """The selection that the arguments of an address describe."""
        size, indicator = args.get("size", ""), args.get("indicator", "")
        return cls(
            words=args.get("q", "").strip(),
            township=_number(args.get("township", "")),
            size=size if size in SIZES else "",
            indicator=indicator if indicator in INDICATORS else "",
            missed=bool(args.get("missed")),
            silent=_number(args.get("silent", "")),
            uncounted=bool(args.get("uncounted")),
            sort=args.get("sort", sort),
        )

    def schools(self, found: Board) -> list[UnitRow]:
        """The schools that are asked for, in order; reads the indicator by which they are sorted."""
        if (code := self.sort.removeprefix("-")) in INDICATORS:
            found.read_indicator(code)
        chosen = [row for row in found.schools if self._takes(row, found.as_of)]
        return sorted_rows(chosen, self.sort.removeprefix("-"), self.sort.startswith("-"))

    def _takes(self, row: UnitRow, as_of: date) -> bool:
        return (
            self.words in row.name
            and self.township in (None, row.township_id)
            and (not self.size or size_of(row) == self.size)
            and (not self.indicator or row.standing.misses(self.indicator))
            and (not self.missed or bool(row.missed))
            and (self.silent is None or is_silent(row, as_of, self.silent))
            and not (self.uncounted and row.reports)
        )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def size_of(row: UnitRow) -> str | None:
    """The size of a school, a key of SIZES; None where the number of its pupils is not shown."""
    if row.size is None:
        return None
    return next(name for name, (least, most) in SIZES.items() if least <= row.size <= most)
