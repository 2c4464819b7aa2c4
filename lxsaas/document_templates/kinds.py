"""What a document says of itself, so that a school may bring its template: declared once, by its feature.

Its page, the check, the preview and the making follow from the declaration.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lxsaas.documents.fields import Fields
from lxsaas.documents.paper import field

Translate = Callable[[str], str]
Put = Callable[[str], str]
"""The place of a field in a template, by its code, under the name that it has in the language."""


@dataclass(frozen=True)
class DocumentKind:
    """One of the documents that a school prints."""

    code: str
    name: str
    """Message id."""
    told: str
    """Message id: what it is and where it is taken out, a line."""
    fields: Fields
    start: Callable[[Translate, Put], bytes]
    """The product's own template in the words of a language."""
    samples: Callable[[Translate], Mapping[str, Any]]
    """A value for every field, invented so that everybody sees it; where each child has a page, for one."""
    language: str | None = None
    """'zh' of what goes to parents, whatever language the screen has; None: the template's, else the
    reader's."""

    def starting_template(self, translate: Translate, language: str) -> bytes:
        """The product's template, of the same kind as an uploaded one."""

        def put(code: str) -> str:
            return field(self.fields[code].word if language == "zh" else code)

        return self.start(translate, put)


KINDS: dict[str, DocumentKind] = {}
"""By code, as their features were imported."""


def declare(kind: DocumentKind) -> DocumentKind:
    """Adds a document; raises ValueError for a code that there is."""
    if kind.code in KINDS:
        raise ValueError(f"two documents are called {kind.code}")
    KINDS[kind.code] = kind
    return kind
