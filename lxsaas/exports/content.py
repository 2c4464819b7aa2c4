"""What goes into a file, before anybody has read all of it: rows that come one after the other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lxsaas.core.export import Table


@dataclass(frozen=True)
class Sheet:
    """A table whose rows are read while it is written."""

    name: str
    table: Table
    count: int
    """How many rows there are."""


@dataclass(frozen=True)
class Sheets:
    """One workbook, or a .zip with one .csv a sheet."""

    sheets: Sequence[Sheet]

    @property
    def total(self) -> int:
        return sum(sheet.count for sheet in self.sheets)

    @property
    def named(self) -> list[tuple[str, Table]]:
        return [(sheet.name, sheet.table) for sheet in self.sheets]


@dataclass(frozen=True)
class Bundle:
    """A .zip with a workbook for each sheet."""

    sheets: Sequence[Sheet]

    @property
    def total(self) -> int:
        return sum(sheet.count for sheet in self.sheets)


@dataclass(frozen=True)
class Whole:
    """A document that is made in one go."""

    make: Callable[[], bytes]
    total: int = 1
    """Of how many parts it is made up: what its size depends on."""


Content = Sheets | Bundle | Whole
