"""The fields of an uploadable template: what its page lists, its check knows and its filling needs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "lines", "blocks", "table", "picture"]
"""All but 'text' take the place of a paragraph in which the field stands alone.

'blocks' is a text with headings: a list of {heading, line}, of which one is filled."""


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
    none: str = ""
    """Message id of what stands there where there is no line or row; without it nothing."""
    is_per_page: bool = False
    """Of a paper with a page a child: whether it differs, so that no page header can show it."""


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

    @property
    def is_paged(self) -> bool:
        """Whether the text stands once for each child, on a page of its own."""
        return any(one.is_per_page for one in self._fields.values())

    def __getitem__(self, code: str) -> TemplateField:
        return self._fields[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)
