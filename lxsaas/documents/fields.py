"""The fields of an uploadable template: what its page lists, its check knows and its filling needs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "lines", "table", "picture"]
"""'lines', 'table' and 'picture' take the place of a paragraph in which the field stands alone."""


@dataclass(frozen=True)
class Column:
    """A column of a table field."""

    code: str
    heading: str
    """Message id."""
    width: float
    """Share of the page."""


@dataclass(frozen=True)
class TemplateField:
    """A name that a template may use in double braces: {{ school }} or {{ 学校 }}."""

    code: str
    word: str
    """The Chinese name, equally valid."""
    meaning: str
    """Message id."""
    kind: Kind = "text"
    is_required: bool = False
    """A template without it is refused."""
    is_told: bool = True
    """Whether leaving it out is mentioned."""
    columns: tuple[Column, ...] = ()


class Fields(Mapping[str, TemplateField]):
    """Fields by code, in the order of their declaration; `find` knows the Chinese names too."""

    def __init__(self, *fields: TemplateField) -> None:
        self._fields = {one.code: one for one in fields}
        self._names = {name: one for one in fields for name in (one.code, one.word)}
        if len(self._names) != 2 * len(fields):
            raise ValueError("two fields have one name")

    def find(self, name: str) -> TemplateField | None:
        """The field of either name."""
        return self._names.get(name)

    def __getitem__(self, code: str) -> TemplateField:
        return self._fields[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)
