"""What a document says of itself, so that a school may bring its template: declared once, by its feature.

Its page, the check, the preview and the making follow from the declaration.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lxsaas.documents.fields import Fields

Translate = Callable[[str], str]


@dataclass(frozen=True)
class DocumentKind:
    """One of the documents that a school prints."""

    code: str
    name: str
    """Message id."""
    told: str
    """Message id: what it is and where it is taken out, a line."""
    fields: Fields
    start: Callable[[Translate, bool], bytes]
    """The product's own template, in the words of a language; True: its fields stand in Chinese."""
    samples: Callable[[Translate], Mapping[str, Any]]
    """The product's own template in the words of a language; True: its fields stand in Chinese."""
    language: str | None = None
    """'zh' of what goes to parents, whatever language the screen has; None: the reader's."""

    @property
    def is_paged(self) -> bool:
        """Whether it has a page a child."""
        return any(one.is_per_page for one in self.fields.values())

    def starting_template(self, translate: Translate, language: str) -> bytes:
        """The product's template, of the same kind as an uploaded one."""
        return self.start(translate, language == "zh")


KINDS: dict[str, DocumentKind] = {}
"""By code, as their features were imported."""


def declare(kind: DocumentKind) -> DocumentKind:
    """Adds a document; raises ValueError for a code that there is."""
    if kind.code in KINDS:
        raise ValueError(f"two documents are called {kind.code}")
    KINDS[kind.code] = kind
    return kind
